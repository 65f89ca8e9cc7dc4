import type { NftRule, NftSet } from '../../../model/firewall.ts'
import { type Answer, both } from '../walk/answer.ts'
import type { MatchedRule } from '../walk/match.ts'
import { ANYWHERE } from '../walk/targets.ts'
import type { View } from '../walk/view.ts'
import { isObject, type Json } from './json.ts'
import { holds, type Sets, verdictOf } from './values.ts'

type Target = Pick<MatchedRule, 'target' | 'goto' | 'targetOptions'>

/** One statement's say: whether the rule still matches, what is done to the packet, and where the rule sends it at last. */
type Said = { readonly matches: Answer; readonly does?: Target; readonly to?: Target }

const target = (name: string | null, targetOptions: readonly string[] = [], goto = false): Target => ({
  target: name,
  goto,
  targetOptions,
})
const to = (name: string | null, options?: readonly string[], goto?: boolean): Said => ({
  matches: 'yes',
  to: target(name, options, goto),
})
const does = (name: string): Said => ({ matches: 'yes', does: target(name) })
const said = (matches: Answer): Said => ({ matches })

const GO_ON = said('yes')
/** Depends on time, rate or other packets. */
const DEPENDS = said('maybe')
const UNKNOWN = to(ANYWHERE)

type Act = (body: unknown, sets: Sets, view: View) => Said

const goesOn: Act = () => GO_ON
const depends: Act = () => DEPENDS
const jump =
  (goto: boolean): Act =>
  (body) =>
    isObject(body) && typeof body.target === 'string' ? to(body.target, [], goto) : UNKNOWN

/** Statements of nft(8) by their names in libnftables-json(5); every other one may do anything. */
const STATEMENTS: Readonly<Record<string, Act>> = {
  match: (body, sets, view) => said(isObject(body) ? holds(body, sets, view) : 'maybe'),
  vmap: (body, sets, view) => {
    const found = isObject(body) ? verdictOf(body, sets, view) : 'maybe'
    if (found === 'maybe') return UNKNOWN
    return found === 'no' ? said('no') : say(found, sets, view)
  },
  accept: () => to('ACCEPT'),
  drop: () => to('DROP'),
  reject: () => to('REJECT'),
  return: () => to('RETURN'),
  continue: () => to(null),
  jump: jump(false),
  goto: jump(true),
  counter: goesOn,
  log: goesOn,
  comment: goesOn,
  last: goesOn,
  limit: depends,
  quota: depends,
  'ct count': depends,
  set: depends,
  meter: depends,
  masquerade: () => to('MASQUERADE'),
  snat: () => to('SNAT'),
  dnat: () => to('DNAT'),
  redirect: (body) => {
    const port = isObject(body) ? body.port : undefined
    return to('REDIRECT', port === undefined ? [] : ['--to-ports', String(port)])
  },
  notrack: () => does('NOTRACK'),
  // What has no say about where a packet goes; every other change of it may.
  mangle: (body) => {
    const key = isObject(body) && isObject(body.key) ? body.key : {}
    const name = isObject(key.meta)
      ? `meta ${String(key.meta.key)}`
      : isObject(key.ct)
        ? `ct ${String(key.ct.key)}`
        : ''
    return HARMLESS.has(name) ? GO_ON : Object.hasOwn(MARKS, name) ? does(MARKS[name] as string) : UNKNOWN
  },
  xt: (body) => {
    if (!isObject(body)) return UNKNOWN
    if (body.type === 'match') return body.name === 'comment' ? GO_ON : DEPENDS
    const name = String(body.name)
    return XT_GO_ON.has(name) ? GO_ON : XT_ENDS.has(name) ? to(name) : UNKNOWN
  },
}

const HARMLESS: ReadonlySet<string> = new Set(['meta nftrace', 'meta priority', 'ct label'])
const MARKS: Readonly<Record<string, string>> = { 'meta mark': 'MARK', 'ct mark': 'CONNMARK' }

/** Targets of iptables that do the same whatever their options are: those are not printed. */
const XT_GO_ON: ReadonlySet<string> = new Set(['LOG', 'NFLOG', 'TCPMSS', 'CHECKSUM', 'CLASSIFY'])
const XT_ENDS: ReadonlySet<string> = new Set(['REJECT', 'MASQUERADE', 'SNAT', 'DNAT'])

const say = (statement: Json, sets: Sets, view: View): Said => {
  const [kind = '', body] = Object.entries(statement)[0] ?? []
  return Object.hasOwn(STATEMENTS, kind) ? (STATEMENTS[kind]?.(body, sets, view) ?? UNKNOWN) : UNKNOWN
}

/**
 * Whether a rule of nft(8) matches a packet, and where it sends it, in the words of iptables' targets. A statement that is
 * not known here is a target that may do anything. Its statements are gone through in order, as the kernel does it.
 */
export function matchNftRule(rule: NftRule, sets: ReadonlyMap<string, NftSet>, view: View): MatchedRule {
  let matches: Answer = 'yes'
  let done: Target | null = null
  for (const statement of rule.statements) {
    const one = say(statement, sets, view)
    matches = both(matches, one.matches)
    if (matches === 'no') return done ? { matches: 'maybe', ...done } : { matches, ...NOWHERE }
    // Two things at once are more than a target of iptables does.
    if (one.does) done = done ? ANYTHING : one.does
    if (one.to) return { matches, ...(done ? ANYTHING : one.to) }
  }
  return { matches, ...(done ?? NOWHERE) }
}

const ANYTHING = target(ANYWHERE)
const NOWHERE = target(null)
