/** What names mean inside a block: its own, its ports', the calling agent's errno, operands that are expressions. */
import type { Environment } from '../../hardware/template'
import type { Scope, Typed } from '../../model/expression'
import type { Instance } from './instance'

export interface Caller {
  /** Agent whose steps these are, for `me.errno`. */
  readonly agent: string
  readonly operands: ReadonlyMap<string, Typed>
}

export const NOBODY: Caller = { agent: '', operands: new Map() }

export class BlockScope implements Scope {
  constructor(
    private readonly instances: ReadonlyMap<string, Instance>,
    private readonly instance: Instance,
    private readonly caller: Caller,
  ) {}

  variable(name: string): Typed | undefined {
    const { b, setup } = this.instance
    if (name.startsWith('me.')) return b.typed(`${this.caller.agent}.${name.slice(3)}`)
    const operand = this.caller.operands.get(name)
    if (operand) return operand
    const own = this.instance.own(name, this.scopeOf(this.instance))
    if (own) return own
    const dot = name.indexOf('.')
    const tied = dot < 0 ? undefined : this.instances.get(setup.ports.get(name.slice(0, dot)) ?? '')
    return tied?.own(name.slice(dot + 1), this.scopeOf(tied))
  }

  /** The full name of a variable that may be assigned. */
  target(name: string): string | undefined {
    const { b, setup } = this.instance
    if (name.startsWith('me.')) return `${this.caller.agent}.${name.slice(3)}`
    const own = `${setup.name}.${name}`
    if (b.find(own) !== undefined) return own
    const dot = name.indexOf('.')
    const tied = dot < 0 ? undefined : setup.ports.get(name.slice(0, dot))
    const there = tied === undefined ? undefined : `${tied}${name.slice(dot)}`
    return there !== undefined && b.find(there) !== undefined ? there : undefined
  }

  value(name: string): number | undefined {
    const { b } = this.instance
    return b.hasName(name) ? b.name(name) : undefined
  }
  /** Blocks do not know the steps of a scenario. */
  done(): undefined {
    return undefined
  }
  names(): Iterable<string> {
    const ports = [...this.instance.setup.ports].flatMap(([port, tied]) =>
      (this.instances.get(tied)?.ownNames() ?? []).map((n) => `${port}.${n}`),
    )
    return [...this.instance.ownNames(), ...ports, ...this.caller.operands.keys()]
  }
  steps(): Iterable<string> {
    return []
  }

  private scopeOf(instance: Instance): (env: Environment) => Scope {
    return () => new BlockScope(this.instances, instance, NOBODY)
  }
}
