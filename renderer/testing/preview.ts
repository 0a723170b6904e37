/** The window on the fake host, to look at while designing. */
import { mountWorkbench } from '../mount'
import { createFakeHost } from './fake-host'

const host = createFakeHost({ slow: !location.search.includes('fast') })
Object.assign(window, { fakeHost: host })
mountWorkbench(host)
