/** The fake host's machines. The planner is itself: it is pure, and quicker than a stand-in is written. */
import { Platform } from '../../preload/contract'
import { barePlatform } from '../../main/simulator/platform/edit/bare'
import { writePlatform } from '../../main/simulator/platform/edit/text'
import { checkBoard, editBoard } from '../../main/worker/boards'
import { explainFaultLine, reportDmaPath, reportMsiPath } from '../../main/worker/explaining'
import {
  checkPlan,
  comparePlan,
  planMachine,
  reportAttach,
  reportTypes,
  verdict,
  withPlanned,
} from '../../main/worker/planning'
import type { Request } from '../bridge/host'
import { refuse, type HandlersOf, type Pace } from './fake-handlers'
import { smallPlatform, widePlatform } from './platforms'

/** What a kernel was seen to do on any machine that is planned. */
export type Observed = Parameters<typeof checkPlan>[1]

function machineOf(id: Request<'plan.compute'>['platform']): Platform {
  if ('given' in id) return Platform.parse(id.given)
  if ('builtin' in id && id.builtin === 'spr-dsa') return smallPlatform
  return widePlatform('builtin' in id ? id.builtin : id.imported, 12)
}

export function fakeMachines(
  { pause }: Pace,
  observed: () => Observed,
): HandlersOf<'platform' | 'board' | 'plan' | 'explain' | 'upload'> {
  return {
    'platform.list': () => ({
      builtin: [
        { id: 'spr-dsa', title: 'Sapphire Rapids with DSA' },
        { id: 'q35-vtd', title: 'q35 with VT-d' },
      ],
      imported: [],
    }),
    'platform.read': (id) => ({ platform: machineOf(id) }),
    'board.draft': (from) => ({
      text: writePlatform('from' in from ? machineOf(from.from) : barePlatform(from.bare, from.name)),
    }),
    'board.check': (board) => checkBoard(board),
    'board.edit': ({ edit, ...board }) => {
      const next = editBoard(board, edit)
      return next.ok ? next.value : refuse(next.error)
    },
    'plan.compute': ({ platform, sriov, guest, ...options }) => {
      const machine = machineOf(platform)
      const asIs = planMachine(machine, options)
      const more = withPlanned(machine, sriov)
      if (!asIs.ok) return refuse(asIs.error)
      if (!more.ok) return refuse(more.error)
      const plan = planMachine(more.value, options)
      if (!plan.ok) return refuse(plan.error)
      const verdicts = plan.value.board.scanOrder.map((fn) => verdict(plan.value, fn))
      return { ...comparePlan(machine, plan.value, guest), verdicts, check: checkPlan(asIs.value, observed()) }
    },
    'plan.types': ({ platform, sriov, kernel, cmdline, kdump, device }) => {
      const machine = withPlanned(machineOf(platform), sriov)
      if (!machine.ok) return refuse(machine.error)
      const plan = planMachine(machine.value, { kernel, cmdline, kdump })
      const types = plan.ok ? reportTypes(plan.value, device) : plan
      return types.ok ? types.value : refuse(types.error)
    },
    'plan.attach': ({
      platform,
      sriov,
      kernel,
      cmdline,
      kdump,
      with: more = [],
      bindGroup = 0,
      unsafe = false,
      ...asked
    }) => {
      const machine = withPlanned(machineOf(platform), sriov)
      if (!machine.ok) return refuse(machine.error)
      const plan = planMachine(machine.value, { kernel, cmdline, kdump })
      if (!plan.ok) return refuse(plan.error)
      const ladder = reportAttach(plan.value, { ...asked, kernel, with: more, bindGroup, unsafe })
      return ladder.ok ? ladder.value : refuse(ladder.error)
    },
    'explain.msi': ({ platform, ...asked }) => {
      const path = reportMsiPath(machineOf(platform), { maps: [], unsafe: false, ...asked })
      return path.ok ? path.value : refuse(path.error)
    },
    'explain.dma': ({ platform, ...asked }) => {
      const path = reportDmaPath(machineOf(platform), {
        maps: [],
        unsafe: false,
        write: false,
        request: 'untranslated',
        ...asked,
      })
      return path.ok ? path.value : refuse(path.error)
    },
    'explain.fault': ({ text }) => {
      const line = explainFaultLine(text)
      return line.ok ? line.value : refuse(line.error)
    },
    'upload.begin': ({ name }) => ({ upload: name }),
    'upload.piece': async ({ offset, bytes }) => {
      await pause(80)
      return { received: offset + bytes.length }
    },
    'upload.drop': () => ({}),
    'platform.import': async ({ upload }, { onProgress }) => {
      onProgress?.({ stage: 'reading', done: 1, total: 2 })
      await pause(500)
      if (upload.includes('bad'))
        return refuse({
          code: 'ARCHIVE_TRUNCATED',
          message: 'The archive ends in the middle of a member',
          file: upload,
          offset: 0x1f400,
          hint: 'copy the capture again, and compare its size',
        })
      return {
        imported: upload.replace('.tar.gz', ''),
        kind: 'sysfs',
        platform: widePlatform(upload.replace('.tar.gz', ''), 24),
      }
    },
    'platform.observe': ({ upload }) =>
      upload.includes('bad')
        ? refuse({ code: 'USAGE', message: `${upload} does not say what a kernel did`, file: upload })
        : { groups: observed()?.groups.length ?? 0 },
    'platform.importDialog': () => null,
  }
}
