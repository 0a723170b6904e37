/** The parts of the simulator that scripts/bench measures from inside, in one module. */
export { TimedEngine } from '../../main/simulator/engine/timed'
export { eventQueue } from '../../main/simulator/engine/queue/queue'
export { seedOf, Trials } from '../../main/simulator/engine/trials/trials'
export { compileScenario } from '../../main/simulator/scenario/compile'
export { chains } from '../support/timed-model'
