/** What a citation stands on: the window says it beside every citation that it shows, without asking the host. */
export { citesIn, sourcesOf } from '../../main/simulator/sources/sources'
