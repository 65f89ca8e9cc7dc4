import { type Address, dotted, inPrefix, isLoopback, maskOf, readEnd, same } from '../../model/addresses.ts'
import type { FileEdit, UnitEdit } from '../../model/areas.ts'
import { matchList } from './acl.ts'
import { atEnd, before, blockIn, changed, instead, type TextChange, withoutPair } from './config/change.ts'
import { booleanOf } from './config/named.ts'
import { fixedPort } from './config/source.ts'
import { blockOf, named } from './config/statements.ts'
import {
  type Block,
  bytesOfFile,
  type DnsFacts,
  type NamedConfig,
  type NamedFacts,
  type OwnAddress,
  type Statement,
  type Understood,
} from './facts.ts'
import { relaid } from './lay.ts'
import { forStrangers, letsStrangersIn } from './strangers.ts'

export type DnsEdit = FileEdit | UnitEdit

/** What can be changed of BIND: its configuration as it is written. Null where it was not understood, or not at its places. */
type Written = { readonly facts: DnsFacts; readonly bind: NamedFacts; readonly config: NamedConfig }

export function writtenIn(facts: DnsFacts): Written | null {
  const bind = facts.named
  if (!bind || 'broken' in bind.understood || bind.understood.fixed !== null) return null
  return { facts, bind, config: bind.understood.config }
}

const fileOf = ({ bind }: Written, called: string) => bind.files.find((file) => file.called === called) ?? null
const bytesIn = (written: Written, called: string) => {
  const file = fileOf(written, called)
  return file && bytesOfFile(file)
}

/** The files with changes made, as edits; null where one of them could not be read. */
function edits(written: Written, changes: readonly TextChange[]): readonly FileEdit[] | null {
  const made: FileEdit[] = []
  for (const called of new Set(changes.map(({ file }) => file))) {
    const file = fileOf(written, called)
    const was = file && bytesOfFile(file)
    if (!file || was === null) return null
    const text = changed(
      was,
      changes.filter((one) => one.file === called),
    )
    if (text !== was) made.push({ kind: 'file', path: file.path, text, was })
  }
  return made.length > 0 ? made : null
}

/** Sets a keyword in the options: in the place of what is there, else as the last of them. Null where there are none. */
function inOptions(written: Written, keyword: string, value: string): TextChange | null {
  const { options, optionsStatement } = written.config
  const text = `${keyword} ${value};`
  const old = named(options, keyword)
  if (old.length > 1 || !optionsStatement) return null
  if (old[0]) return instead(old[0], text)
  const bytes = bytesIn(written, optionsStatement.at.file)
  return bytes === null ? null : atEnd(blockIn(optionsStatement), bytes, text)
}

/** Edits of several changes; null where one could not be made. */
const all = (written: Written, changes: readonly (TextChange | null)[]): readonly FileEdit[] | null =>
  changes.every((one) => one !== null) ? edits(written, changes) : null

/** Keeps a fix only where BIND, as it would be written then, does what the fix is for. */
function only(
  written: Written,
  made: readonly FileEdit[] | null,
  wanted: (after: Understood, facts: DnsFacts) => boolean,
): readonly FileEdit[] | null {
  if (!made) return null
  const after = relaid(written.facts, made)
  const understood = after.named?.understood
  return understood && !('broken' in understood) && wanted(understood, after) ? made : null
}

const LISTS = ['allow-recursion', 'allow-query-cache'] as const

/**
 * Recursion for the host itself and the networks that it has made: a list of its own, in the place of each that lets
 * strangers in. Networks that the host only has a share in are its neighbours', who are no one to trust.
 */
export function limitRecursion(facts: DnsFacts): readonly DnsEdit[] | null {
  const written = writtenIn(facts)
  const options = written?.config.optionsStatement
  if (!written || !facts.own || !options) return null
  const { config } = written
  const isOpen = (statement: Statement | undefined): boolean => {
    const block = statement && blockOf(statement)
    return !block || letsStrangersIn((from) => answer(block, from, written)) !== 'no'
  }
  const changes: (TextChange | null)[] = []
  if (!config.acls.has(NAME.toLowerCase()))
    changes.push(before(options, `acl ${NAME} { ${trusted(facts, facts.own).join(' ')} };`))
  for (const keyword of LISTS) {
    if (isOpen(named(config.options, keyword)[0])) changes.push(inOptions(written, keyword, `{ ${NAME}; }`))
    for (const view of config.views) {
      const [own] = view.at ? named(view.statements, keyword) : []
      if (own && isOpen(own)) changes.push(instead(own, `${keyword} { ${NAME}; };`))
    }
  }
  return only(written, all(written, changes), (after) => forStrangers(after, facts.own).answer === 'no')
}

/** The list's name, as the trade has it. */
const NAME = 'TRUSTSRC'

const answer = (block: Block, from: Address, { facts, config }: Written): 'yes' | 'no' | 'unknown' => {
  const match = matchList(block, from, { config, own: facts.own })
  return match === 'in' ? 'yes' : match === 'unknown' ? 'unknown' : 'no'
}

const trusted = ({ made }: DnsFacts, own: readonly OwnAddress[]): readonly string[] => [
  'localhost;',
  ...new Set(
    own
      .filter((one) => made.includes(one.interface) && !isLoopback(one.address) && !isLinkLocal(one.address))
      .map((one) => `${networkText(one)};`),
  ),
]

const isLinkLocal = (address: Address): boolean => typeof address !== 'number' && inPrefix(LINK_LOCAL, 10, address)
const LINK_LOCAL: Address = [0xfe80, 0, 0, 0, 0, 0, 0, 0]

/** `10.77.0.0/24` */
function networkText({ address, bits }: OwnAddress): string {
  const mask = maskOf(address, bits)
  if (typeof address === 'number') return `${dotted((address & Number(mask)) >>> 0)}/${bits}`
  const parts = address.map((part, i) => part & Number((mask as readonly number[])[i] ?? 0))
  return `${new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`).hostname.slice(1, -1)}/${bits}`
}

/** No recursion for anybody: only the zones that it has are answered. */
export function noRecursion(facts: DnsFacts): readonly DnsEdit[] | null {
  const written = writtenIn(facts)
  if (!written) return null
  const views = written.config.views.flatMap((view) => {
    const [own] = view.at ? named(view.statements, 'recursion') : []
    return own && booleanOf(own) !== false ? [instead(own, 'recursion no;')] : []
  })
  return only(
    written,
    all(written, [inOptions(written, 'recursion', 'no'), ...views]),
    (after) => forStrangers(after, facts.own).answer === 'no',
  )
}

/** It listens where only the host itself can ask; null where the host asks it at another of its addresses, or may. */
export function loopbackOnly(facts: DnsFacts): readonly DnsEdit[] | null {
  const written = writtenIn(facts)
  if (facts.resolvers === null || facts.resolvers.some((one) => !isLoopback(one) && asksItself([one], facts.own)))
    return null
  return (
    written &&
    all(written, [inOptions(written, 'listen-on', '{ 127.0.0.1; }'), inOptions(written, 'listen-on-v6', '{ ::1; }')])
  )
}

/** Its release is not told. */
export function hideVersion(facts: DnsFacts): readonly DnsEdit[] | null {
  const written = writtenIn(facts)
  return written && all(written, [inOptions(written, 'version', 'none')])
}

/** Statements that pin the port that questions are sent from, in options and views. */
export const pinned = ({ options, views }: NamedConfig): readonly Statement[] =>
  [options, ...views.flatMap((view) => (view.at ? [view.statements] : []))].flatMap((statements) =>
    ['query-source', 'query-source-v6'].flatMap((keyword) =>
      named(statements, keyword).filter((one) => fixedPort(one) !== null),
    ),
  )

/** Every question from a port of its own, as chance has it. */
export function freePorts(facts: DnsFacts): readonly DnsEdit[] | null {
  const written = writtenIn(facts)
  if (!written) return null
  const changes = pinned(written.config).map((one) => {
    const bytes = bytesIn(written, one.at.file)
    return bytes === null ? null : withoutPair(one, 'port', bytes)
  })
  return all(written, changes)
}

/** The service stopped, and not started at boot; null where the host itself asks it, or it has no unit. */
export function serviceOff({ named: bind, resolvers, own }: DnsFacts): readonly DnsEdit[] | null {
  if (!bind?.unit || resolvers === null || asksItself(resolvers, own)) return null
  const { name, run, boot } = bind.unit
  return [{ kind: 'unit', unit: name, run: 'stop', boot: 'disable', was: { run, boot } }]
}

/**
 * Whether the host asks a name server of its own: at a loopback address, or at one of its others; where none is named it asks
 * the one that is here (resolv.conf(5)).
 */
export const asksItself = (resolvers: readonly string[], own: readonly OwnAddress[] | null): boolean =>
  resolvers.length === 0 ||
  resolvers.some((text) => {
    const asked = readEnd(text)
    return asked === null || isLoopback(asked) || (own?.some(({ address }) => same(address, asked)) ?? true)
  })
