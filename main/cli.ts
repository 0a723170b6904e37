/** The command line's entry, behind bin/doorbell.js. */
import { processIo } from './cli/io'
import { main } from './cli/program'

// Whoever reads us may stop reading (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2), { io: processIo() })
