/** What a step reads and does: conditions, assignments, where a posted effect travels, errno and fault of a case. */
import { nearest } from '../../faults'
import type { CaseSpec } from '../../hardware/block'
import type { Place } from '../../hardware/mistake'
import { simplify, TRUE, type Expr } from '../../model/expr'
import type { Typed } from '../../model/expression'
import type { ModelBuilder } from '../../model/builder'
import type { Assignment } from '../../model/model'
import type { Frame } from './frame'
import type { Instance } from './instance'
import { BlockScope } from './scope'

export class Effects {
  constructor(
    private readonly b: ModelBuilder,
    private readonly instances: ReadonlyMap<string, Instance>,
  ) {}

  /** Errno and fault of a case, kept where properties can ask for them. */
  outcome(frame: Frame, c: CaseSpec, path: Place, agent: string): Assignment[] {
    const out: Assignment[] = []
    if (c.errno !== undefined && frame.keepsErrno) {
      const errno = this.b.find(`${agent}.errno`)
      if (errno !== undefined) out.push({ variable: errno, value: this.b.nameExpr(c.errno) })
    }
    if (c.fault !== undefined) {
      const { faultVariable, setup } = frame.instance
      if (faultVariable === undefined || !Object.hasOwn(setup.spec.faults, c.fault))
        frame.instance.refuse('BLOCK_NAME', `${frame.op}: ${c.fault} is none of its faults`, [...path, 'fault'])
      else out.push({ variable: faultVariable, value: this.b.nameExpr(c.fault) })
    }
    return out
  }

  /** `early.{*loc}`: one assignment for every value of the index. */
  assignment(frame: Frame, target: string, value: string, path: Place, agent: string): Assignment[] {
    const every = /\{\*([A-Za-z_][A-Za-z0-9_]*)\}/.exec(target)?.[1]
    if (every !== undefined)
      return frame.instance
        .environments([every], path, frame.env)
        .flatMap((env) =>
          this.assignment({ ...frame, env }, target.replace(`{*${every}}`, `{${every}}`), value, path, agent),
        )
    const name = frame.instance.fill(target, frame.env, `${frame.op}, set`, path)
    if (name === undefined) return []
    const scope = new BlockScope(this.instances, frame.instance, { agent, operands: frame.operands })
    const full = scope.target(name)
    const index = full === undefined ? undefined : this.b.find(full)
    const typed = full === undefined ? undefined : this.b.typed(full)
    if (index === undefined || !typed) {
      const near = nearest(name, scope.names())
      frame.instance.refuse('BLOCK_NAME', `${frame.op} sets ${name}, which there is not`, path, {
        key: true,
        hint: near && `did you mean ${near}?`,
      })
      return []
    }
    const e = this.parse(frame, value, typed.type, `${frame.op}, set ${name}`, path, agent)
    return e ? [{ variable: index, value: e.expr }] : []
  }

  channel(frame: Frame, template: string, path: Place) {
    const name = frame.instance.fill(template, frame.env, `${frame.op}, posted`, path) ?? template
    const dot = name.indexOf('.')
    const instance =
      dot < 0 ? frame.instance : this.instances.get(frame.instance.setup.ports.get(name.slice(0, dot)) ?? '')
    const channel = instance?.channels.get(name.slice(dot + 1))
    if (!channel) frame.instance.refuse('BLOCK_NAME', `${frame.op}: there is no channel ${name}`, path)
    return channel
  }

  condition(frame: Frame, text: string, where: string, path: Place, agent: string): Expr {
    return simplify(this.parse(frame, text, 'bool', where, path, agent)?.expr ?? TRUE)
  }

  parse(frame: Frame, text: string, want: Typed['type'], where: string, path: Place, agent = ''): Typed | undefined {
    const scope = new BlockScope(this.instances, frame.instance, { agent, operands: frame.operands })
    return frame.instance.parse(text, frame.env, scope, want, where, path)
  }
}
