/** The command line's grammar. What a command does is loaded only when it is called, for a quick start. */
import { Command, CommanderError, Option } from 'commander'
import { fault, type Fault } from '../simulator/faults'
import type { WindowOptions } from '../../preload/contract'
import type { Simulator } from '../worker/simulator'
import { packageVersion } from '../workspace/root'
import { openWorkspace, type Workspace } from '../workspace/workspace'
import type { AttachFlags } from './commands/attach'
import type { CommandContext } from './commands/context'
import type { DomainTypeFlags } from './commands/domain-type'
import type { ExportFlags } from './commands/export'
import type { SweepFlags } from './commands/sweep'
import type { DmaFlags, MsiFlags } from './commands/explain'
import type { RunFiles } from './commands/run'
import type { PlanFlags } from './commands/plan'
import { EXIT, fail } from './exit'
import type { Io } from './io'
import * as read from './options'

export interface Surroundings {
  readonly io: Io
  readonly workspace?: Workspace
  readonly simulator?: () => Promise<Simulator>
}

/** Resolves to the exit code; rejects only for faults of our own. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { io } = surroundings
  let code: number = EXIT.ok
  const again = (args: readonly string[], io: Io): Promise<number> => main(args, { ...surroundings, io })
  const program = grammar(io, again, async (json, command) => {
    const context: CommandContext = {
      io,
      json,
      workspace: surroundings.workspace ?? openWorkspace(),
      simulator: surroundings.simulator ?? (async () => (await import('../worker/plug')).simulator),
    }
    code = await command(context)
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.ok // --help, --version
    if (error.code === 'commander.help') return EXIT.badInput // no command: the help was shown
    return fail(io, args.includes('--json'), [usageFault(error)])
  }
}

type Scale = Record<string, number>
const scaled = (): Option =>
  new Option('--scale <K=V,…>', 'scale the scenario, such as vectors=2,devices=1').argParser(read.scale)

type Run = (json: boolean, command: (context: CommandContext) => Promise<number>) => Promise<void>

function grammar(io: Io, again: (args: readonly string[], io: Io) => Promise<number>, run: Run): Command {
  const program = new Command('doorbell')
    .description('Finds ordering races between guest, host and device in DMA and interrupts of assigned devices.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: () => undefined,
      getOutHelpWidth: () => io.columns ?? 100,
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 computed; 1 a property is violated or unwitnessed; 2 bad usage or input; 3 not decided.',
    )

  const command = (name: string, description: string, parent: Command = program) =>
    parent
      .command(name)
      .description(description)
      .option('--json', 'print JSON (its schema is in docs/cli)')
      .copyInheritedSettings(program)

  command('import', 'import a machine: a capture, lspci or acpidump text, ACPI tables, a device tree, a platform file')
    .argument('<FILE...>', 'one machine’s files: they are merged')
    .option('--no-keep', 'do not keep the platform in the workspace')
    .action((files: string[], options: { json?: true; keep: boolean }) =>
      run(options.json === true, async (context) =>
        (await import('./commands/import')).importMachine(files, options, context),
      ),
    )

  command('import-rdl', 'turn a SystemRDL address map into a block file: registers to build a device of your own on')
    .argument('<FILE>', 'one addrmap of regs with fields')
    .option('-o, --output <FILE>', 'write the block there (FILE.block.yaml) instead of printing it')
    .action((file: string, { json, ...options }: { json?: true; output?: string }) =>
      run(json === true, async (context) =>
        (await import('./commands/import-rdl')).importRdlFile(file, options, context),
      ),
    )

  command('explore', 'explore every interleaving of a scenario and decide its properties')
    .argument('<SCENARIO>', 'a file, or the id of a built-in scenario')
    .addOption(scaled())
    .option('--max-states <N>', 'stop at so many states', read.positive)
    .option('--max-memory <MIB>', 'stop at so much memory for states', read.positive)
    .option('--no-reduce', 'without partial-order reduction')
    .option('--no-symmetry', 'without symmetry reduction')
    .option('--critical', 'with --json too, name the order that decided each counterexample')
    .option('--coverage', 'say how often each step was taken, and which edges that nobody enforces some run breaks')
    .option('--minimise', 'look for the smallest instance that still fails: scale and agents')
    .option(
      '--checkpoint <FILE>',
      'put it aside there when it is interrupted or a bound is hit, and every five minutes',
    )
    .option('--resume <FILE>', 'go on from such a checkpoint: what it finds is what it would have found in one go')
    .option('--workers <N>', 'threads, where every state is looked at and there are many; default: 1', read.workers)
    .action((scenario: string, { json, checkpoint, resume, ...options }: ExploreFlags) =>
      run(json === true, async (context) =>
        (await import('./commands/explore')).explore(scenario, options, { checkpoint, resume }, context),
      ),
    )

  command('run', 'run a scenario once, in time with seeded latencies, or replay a run')
    .argument('<SCENARIO>', 'a file, or the id of a built-in scenario')
    .addOption(scaled().conflicts('replay'))
    .addOption(new Option('--seed <N>', 'a number from 0 to 4294967295').argParser(read.seed).conflicts('replay'))
    .addOption(new Option('--replay <TOKEN>', 'the token of an explored or seeded run'))
    .option('--store <FILE>', 'write the run as a run store (.dbrun), which the window opens')
    .option('--trace-json <FILE>', 'write it as JSON for chrome://tracing and Perfetto, which the window opens too')
    .option('--vcd <FILE>', 'write its registers as signals')
    .option('--shiviz <FILE>', 'write it as a log with vector clocks for ShiViz')
    .option('--svg <FILE>', 'write its timeline as a picture')
    .action(
      (
        scenario: string,
        {
          json,
          seed,
          replay,
          scale,
          ...files
        }: { json?: true; seed?: number; replay?: string; scale?: Scale } & RunFiles,
        self: Command,
      ) => {
        const which = seed !== undefined ? { seed, scale } : replay !== undefined ? { replay } : undefined
        if (!which) self.error("error: one of '--seed <N>' and '--replay <TOKEN>' is needed")
        return run(json === true, async (context) =>
          (await import('./commands/run')).run(scenario, which, files, context),
        )
      },
    )

  command('scenarios', 'list the built-in scenarios').action((options: { json?: true }) =>
    run(options.json === true, async (context) => (await import('./commands/scenarios')).scenarios(context)),
  )

  command('repair', 'find the weakest orderings and moves that make every property hold, each proved')
    .argument('<SCENARIO>', 'a file, or the id of a built-in scenario')
    .addOption(scaled())
    .option('--max-edges <N>', 'edges in one repair, at most', read.positive)
    .option('--max-states <N>', 'give up a candidate at so many states', read.positive)
    .action(
      (scenario: string, { json, ...options }: { json?: true; maxEdges?: number; maxStates?: number; scale?: Scale }) =>
        run(json === true, async (context) => (await import('./commands/repair')).repair(scenario, options, context)),
    )

  command('export', 'write a scenario’s model for another checker')
    .argument('<SCENARIO>', 'a file, or the id of a built-in scenario')
    .addOption(
      new Option('--to <LANGUAGE>', 'promela for Spin, or tla for TLC')
        .choices(['promela', 'tla'])
        .makeOptionMandatory(),
    )
    .addOption(scaled())
    .option('-o, --output <FILE>', 'write it there instead of to standard output; TLC’s configuration beside it')
    .action((scenario: string, { json, ...flags }: { json?: true } & ExportFlags) =>
      run(json === true, async (context) => (await import('./commands/export')).exportModel(scenario, flags, context)),
    )

  command('import-trail', 'show the run that Spin or TLC found on the exported text')
    .argument('<SCENARIO>', 'the scenario that was exported')
    .argument('<TRAIL>', 'a file with what "spin -t -T FILE.pml" or TLC printed')
    .addOption(scaled())
    .action((scenario: string, trail: string, { json, scale }: { json?: true; scale?: Scale }) =>
      run(json === true, async (context) =>
        (await import('./commands/export')).importTrail(scenario, trail, scale, context),
      ),
    )

  command('window', 'how probable a violation is in time, how wide the window, which latency matters')
    .argument('<SCENARIO>', 'a file, or the id of a built-in scenario')
    .addOption(new Option('--runs <N>', 'seeded runs').argParser(read.runs).default(100_000))
    .addOption(new Option('--seed <N>', 'a number from 0 to 4294967295').argParser(read.seed).default(1))
    .option('--property <NAME>', 'the property in question; default: the first that some run violates')
    .addOption(scaled())
    .action((scenario: string, { json, ...options }: { json?: true } & WindowOptions) =>
      run(json === true, async (context) => (await import('./commands/window')).window(scenario, options, context)),
    )

  command('sweep', 'run a matrix of cases, one JSON line each; resumable, in shards')
    .argument('<SPEC>', 'a file of cases (docs/sweep.md)')
    .addOption(new Option('--shard <I/N>', 'only this part of N, I from 1 or from 0').argParser(read.shard))
    .option('--out <FILE>', 'append results there and skip those that it has; default: standard output')
    .option('--merge <FILES...>', 'join the results of shards instead, and say what is missing')
    .action((spec: string, { json, ...flags }: { json?: true } & SweepFlags) =>
      run(json === true, async (context) => (await import('./commands/sweep')).sweep(spec, flags, again, context)),
    )

  command('check-all', 'explore every built-in scenario and compare its verdicts with those that it states')
    .option('--max-states <N>', 'stop a scenario at so many states', read.positive)
    .action(({ json, ...options }: { json?: true; maxStates?: number }) =>
      run(json === true, async (context) => (await import('./commands/check-all')).checkAll(options, context)),
    )

  const planning = (name: string, description: string, parent: Command = program) =>
    command(name, description, parent)
      .option('--kernel <V|POLICY>', "a version such as 6.1, or a policy; default: the input's own kernel, else 6.12")
      .option('--cmdline <S>', "kernel command line; default: the input's own")
      .addOption(
        new Option('--sriov <BDF=N>', 'with N virtual functions of this function enabled')
          .argParser(read.sriov)
          .default([]),
      )

  planning('plan', 'say what Linux will do with each device’s DMA and interrupts, and why')
    .argument(
      '<INPUT...>',
      'one machine’s files: a capture (.tar, .tar.gz, folder), a platform file, or texts and tables that are merged',
    )
    .addOption(
      new Option('--guest-ram <SIZE[:MACHINE]>', 'lay a guest’s RAM over each group, such as 8G:q35').argParser(
        read.guestRam,
      ),
    )
    .option(
      '--kdump',
      'this kernel was started by the recorded one, which crashed (also: elfcorehdr= in --cmdline)',
      false,
    )
    .addOption(
      new Option('--check', 'compare with what the input says that a kernel did; exit 1 on a difference')
        .conflicts(['diff', 'diffCmdline'])
        .default(false),
    )
    .option('--diff <V|POLICY>', 'lay another kernel beside it and print what changes')
    .option('--diff-cmdline <S>', 'lay another command line beside it')
    .action((files: string[], { json, ...flags }: { json?: true } & PlanFlags) =>
      run(json === true, async (context) => (await import('./commands/plan')).plan(files, flags, context)),
    )

  planning('attach', 'hand functions to user space through VFIO, step by step, with errno')
    .argument('<INPUT...>', 'one machine’s files: a capture, a platform file, or texts and tables that are merged')
    .requiredOption('--device <BDF>', 'the function')
    .addOption(new Option('--with <BDF>', 'one more into the same container').argParser(read.several).default([]))
    .addOption(
      new Option(
        '--bind-group <0|1|2>',
        '0 only the device, 1 all functions of its group, 2 and no driver on its bridges',
      )
        .argParser(read.bindGroup)
        .default(0),
    )
    .option('--unsafe', 'allow_unsafe_interrupts=1 of vfio_iommu_type1 or, with --iommufd, of iommufd', false)
    .addOption(new Option('--map <IOVA:SIZE>', 'try this mapping').argParser(read.mapping).default([]))
    .option('--iommufd', 'through device files and an iommufd (Linux 6.6 or later), not a group and a container', false)
    .addOption(
      new Option('--map-first <IOVA:SIZE>', 'with --iommufd: mapped before the devices are attached')
        .argParser(read.mapping)
        .default([]),
    )
    .action((files: string[], { json, ...flags }: { json?: true } & AttachFlags) =>
      run(json === true, async (context) => (await import('./commands/attach')).attach(files, flags, context)),
    )

  planning('domain-type', "what a write to a group's type file answers")
    .argument('<INPUT...>', 'one machine’s files: a capture, a platform file, or texts and tables that are merged')
    .requiredOption('--group-of <BDF>', 'a member of the group')
    .requiredOption('--write <TYPE>', 'identity, DMA, DMA-FQ, auto')
    .option('--from <TYPE>', 'the type before; default: as booted')
    .option('--unbound', 'the drivers of its functions are taken off', false)
    .option('--owned', 'user space has the group open through VFIO', false)
    .option('--unprivileged', 'the writer lacks CAP_SYS_ADMIN or CAP_SYS_RAWIO', false)
    .action((files: string[], { json, ...flags }: { json?: true } & DomainTypeFlags) =>
      run(json === true, async (context) => (await import('./commands/domain-type')).domainType(files, flags, context)),
    )

  const explain = program
    .command('explain')
    .description('follow an interrupt or a DMA request hop by hop, or say what a fault line of a kernel log means')
    .copyInheritedSettings(program)
  const path = (name: string, description: string) =>
    planning(name, description, explain)
      .argument('<INPUT>', 'a capture, a platform file, or a scenario (a file or an id)')
      .requiredOption('--device <BDF>', 'the function; of a scenario also the name of its device')
      .option('--replay <TOKEN>', 'of a scenario: the registers as this run leaves them')
      .option('--step <N>', 'of a scenario: after so many steps of the run', read.whole)
      .option('--assigned', 'user space has it through VFIO (default: when its driver is vfio-pci)')
      .option('--unsafe', 'allow_unsafe_interrupts=1', false)
      .addOption(new Option('--map <IOVA:SIZE>', 'this is mapped in its domain').argParser(read.mapping).default([]))
  path('msi', 'an interrupt message: from the table entry to the CPU')
    .requiredOption('--vector <N>', 'entry of the MSI-X table, or MSI vector', read.vector)
    .option('--pasid <P>', 'of a scenario: the PASID that the work carries', read.pasid)
    .action((input: string, { json, ...flags }: { json?: true } & MsiFlags) =>
      run(json === true, async (context) => (await import('./commands/explain')).explainMsi(input, flags, context)),
    )
  path('dma', 'a DMA request: from the function to memory')
    .requiredOption('--iova <X>', 'the address on the bus', read.address)
    .option('--pasid <P>', 'with this PASID', read.pasid)
    .option('--write', 'a write; otherwise a read', false)
    .addOption(
      new Option('--request <KIND>', 'address type: a translation request asks for ATS, a translated one used it')
        .choices(['untranslated', 'translation', 'translated'])
        .default('untranslated'),
    )
    .action((input: string, { json, ...flags }: { json?: true } & DmaFlags) =>
      run(json === true, async (context) => (await import('./commands/explain')).explainDma(input, flags, context)),
    )
  command('fault', 'a pasted line: DMAR, INTR-REMAP, AMD-Vi, arm-smmu, virtio-iommu, idxd', explain)
    .argument('<LINE>', 'the line or lines; - reads standard input')
    .action((line: string, { json }: { json?: true }) =>
      run(json === true, async (context) => (await import('./commands/explain')).explainFault(line, context)),
    )

  command('serve', 'serve the workbench to a browser on this machine')
    .addOption(new Option('--port <N>', 'port on 127.0.0.1; 0: any free one').argParser(read.port).default(0))
    .option('--no-open', 'do not open the browser')
    .action((options: { json?: true; port: number; open: boolean }) =>
      run(options.json === true, async (context) => (await import('./commands/serve')).serve(options, context)),
    )
  return program
}

interface ExploreFlags {
  critical?: true
  coverage?: true
  minimise?: true
  json?: true
  scale?: Record<string, number>
  maxStates?: number
  maxMemory?: number
  checkpoint?: string
  resume?: string
  workers?: number
}

/** Commander's `error: unknown option '--jsn'\n(Did you mean --json?)` in our words. */
function usageFault(error: CommanderError): Fault {
  const [line = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const hint = suggestion?.replace(/^\(|\)$/g, '').replace(/^D/, 'd') ?? 'doorbell --help lists commands and options'
  return fault('USAGE', line, { hint })
}
