/** The command line's entry, behind bin/doorbell.js. */
import { processIo } from './cli/io'
import { quick } from './cli/quick'

// Whoever reads us may stop reading (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const args = process.argv.slice(2)
const io = processIo()
process.exitCode = (await quick(args, io)) ?? (await (await import('./cli/program')).main(args, { io }))
