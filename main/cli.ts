/** The command line's entry, behind bin/doorbell.js. */
import { setFlagsFromString } from 'node:v8'
import { processIo } from './cli/io'
import { main } from './cli/program'

// Most commands are over before optimised code pays for the making of it, which costs them half their CPU time; what
// goes on for longer than a second still gets it (V8's own budget, in bytes of bytecode, is a fifteenth).
setFlagsFromString('--interrupt-budget=1000000')

// Whoever reads us may stop reading (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2), { io: processIo() })
