import { type Family, type Layer, type NftTable, PROGRAMS, type Table } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { linesOf, type Part } from '../parts.ts'
import { isOwnChain, isOwnRule, isOwnTable } from './nft/own.ts'
import { readNftForms, readNftTable } from './nft/read.ts'
import { parseRuleSet, unclosedRule } from './parse.ts'

/** What is known of the host besides: the backend of its iptables, and the programs that own rules. */
export type Host = { readonly backend: string; readonly managers: readonly Safe[] }

/** Chains of more rules are not walked for every question. */
const WALKED = 5000

const unknown = (reason: Safe, insteadOf: string | null = null): Layer => ({ kind: 'unknown', reason, insteadOf })

/**
 * What packets of a family pass beside the tables that its own iptables-save(8) prints: tables of nft(8), and of iptables'
 * other backend. What can't be read is a layer too, with the reason.
 */
export const layersOf = (family: Family, part: Part, host: Host): readonly Layer[] => [
  ...otherBackend(family, part, host),
  ...nativeLayers(family, part, host),
  ...unreadTables(family, part, host),
]

/** The tables of the backend that `iptables` is not. */
function otherBackend(family: Family, part: Part, { backend }: Host): readonly Layer[] {
  const other = backend === 'nft' ? 'legacy' : 'nft'
  const program = PROGRAMS[family]
  const status = part(`other-${program}-status`)
  const save = `${program}-${other}-save`
  if (other === 'legacy') {
    if (status === '' && part('legacy') !== '')
      return [unknown(say`legacy iptables tables filter beside those of nft, and were not read`)]
    if (status === 'absent')
      return [unknown(say`legacy iptables tables filter beside those of nft, and ${safe(save)} is not installed`)]
  }
  if (status === '' || status === 'none' || status === 'absent') return []
  const text = part(`other-${program}`)
  if (status !== '0')
    return [unknown(say`${safe(save)} failed: ${safe(linesOf(text).at(-1) ?? 'without a word', 120)}`)]
  if (unclosedRule(text) !== null) return [unknown(say`a rule that ${safe(save)} prints ends inside of quotes`)]
  const untrue = other === 'nft' ? new Set(untrueTables(family, part)) : new Set<string>()
  const tables = parseRuleSet(family, text).tables.filter((table) => filters(table) && !untrue.has(table.name))
  if (tables.some((table) => table.chains.some(({ rules }) => rules.length > WALKED)))
    return [unknown(say`the tables of ${safe(save)} have too many rules to be walked`)]
  return tables.length > 0 ? [{ kind: 'iptables', backend: other, tables, insteadOf: null }] : []
}

const filters = ({ chains }: Table): boolean =>
  chains.some(({ rules, policy }) => rules.length > 0 || (policy !== null && policy !== 'ACCEPT'))

/** The families of nft(8) whose tables packets of a family meet; those of bridges and ARP before any address is read. */
const MEETS: Readonly<Record<Family, ReadonlySet<string>>> = {
  v4: new Set(['ip', 'inet', 'netdev', 'bridge', 'arp']),
  v6: new Set(['ip6', 'inet', 'netdev', 'bridge']),
}

type Named = { readonly family: string; readonly name: string }

/** `table inet mine`, a line each. */
const namedIn = (part: Part): readonly Named[] =>
  linesOf(part('native')).flatMap((line) => {
    const [, family = '', name = ''] = /^table (\S+) (\S+)$/.exec(line.trim()) ?? []
    return family === '' ? [] : [{ family, name }]
  })

function nativeLayers(family: Family, part: Part, host: Host): readonly Layer[] {
  const status = part('native-status')
  if (!/^(0|absent|)$/.test(status))
    return [unknown(say`nft(8) failed: ${safe(linesOf(part('native')).at(-1) ?? 'without a word', 120)}`)]
  return namedIn(part)
    .filter((named) => MEETS[family].has(named.family))
    .flatMap((named) => nativeLayer(family, named, part, host))
}

function nativeLayer(family: Family, named: Named, part: Part, { backend }: Host): readonly Layer[] {
  const own = isOwnTable(named.family, named.name)
  if (own && isShown(family, part, backend) && isTrue(family, named.name, part)) return []
  const insteadOf = own && backend === 'nft' ? named.name : null
  const name = safe(`${named.family} ${named.name}`, 60)
  if (part(`nft-forms ${named.family} ${named.name}`) !== '')
    return [unknown(say`the nft table ${name} has rules that iptables-save can't print, and is too long`, insteadOf)]
  const text = part(`nft ${named.family} ${named.name}`)
  const table = readNftTable(named.family, named.name, text)
  if (!table) return [unknown(say`the nft table ${name} can't be read: ${whyNot(text)}`, insteadOf)]
  if (!insteadOf && table.chains.length === 0) return []
  const { chains } = table
  if (!table.dormant && (named.family === 'bridge' || named.family === 'arp') && hasSay(table))
    return [unknown(say`the nft table ${name} filters below IP, which this console does not follow`)]
  if (chains.some(({ rules }) => rules.length > WALKED))
    return [unknown(say`the nft table ${name} has too many rules to be walked`, insteadOf)]
  return [{ kind: 'nft', table, insteadOf }]
}

const whyNot = (text: string): Safe =>
  text === ''
    ? say`nft(8) printed nothing`
    : text.startsWith('{')
      ? say`nft(8) printed what is not known here`
      : safe(text, 120)

/** Whether the kernel asks a table anything at all. */
export const hasSay = ({ dormant, chains }: NftTable): boolean =>
  !dormant && chains.some(({ hook, rules, policy }) => hook !== null && (rules.length > 0 || policy !== 'ACCEPT'))

/** Whether a layer has rules that packets meet. */
export const hasRules = (layer: Layer): boolean =>
  layer.kind === 'nft' ? hasSay(layer.table) : layer.kind === 'iptables' && layer.tables.some(filters)

/** Whether a layer may drop what other tables let pass. */
export const mayDrop = (layer: Layer): boolean => layer.kind === 'unknown' || hasRules(layer)

/** Whether some iptables-save has printed the tables that iptables-nft keeps. */
const isShown = (family: Family, part: Part, backend: string): boolean =>
  part(backend === 'nft' ? `${PROGRAMS[family]}-status` : `other-${PROGRAMS[family]}-status`) === '0'

/** Tables of iptables-nft's about which its save does not say the whole truth. */
const untrueTables = (family: Family, part: Part): readonly string[] =>
  namedIn(part)
    .filter((named) => isOwnTable(named.family, named.name) && MEETS[family].has(named.family))
    .filter(({ name }) => !isTrue(family, name, part))
    .map(({ name }) => name)

/** Whether what iptables-save prints of a table is all there is to it: by its own account, and by what nft(8) shows. */
function isTrue(family: Family, name: string, part: Part): boolean {
  if (incompatible(family, part).has(name)) return false
  const of = family === 'v4' ? 'ip' : 'ip6'
  const forms = part(`nft-forms ${of} ${name}`)
  const table = forms === '' ? readNftTable(of, name, part(`nft ${of} ${name}`)) : readNftForms(of, name, forms)
  return (
    table !== null &&
    !table.dormant &&
    table.chains.every((chain) => isOwnChain(name, chain) && chain.rules.every((rule) => isOwnRule(rule.statements)))
  )
}

const INCOMPATIBLE = /^# Table `(\S+)' (?:is incompatible|contains incompatible base-chains)/gm

/** Tables of which iptables-save says itself that it can't print them, or not all of them. */
function incompatible(family: Family, part: Part): ReadonlySet<string> {
  const program = PROGRAMS[family]
  const said = [part(program), part(`other-${program}`)].flatMap((text) => [...text.matchAll(INCOMPATIBLE)])
  return new Set(said.map((match) => match[1] as string))
}

/** Without nft(8) its tables are not seen; there are some where iptables says so, or a program is at work that makes them. */
function unreadTables(family: Family, part: Part, { managers, backend }: Host): readonly Layer[] {
  const listed = new Set(namedIn(part).flatMap((one) => (MEETS[family].has(one.family) ? one.name : [])))
  const own = [...incompatible(family, part)].filter((name) => !listed.has(name))
  const runs = (name: string): boolean => part('native-status') !== '0' && managers.some((manager) => manager === name)
  return [
    ...own.map((name) =>
      unknown(
        say`table ${safe(name, 40)} has rules of nft’s that iptables-save can't print${WITHOUT}`,
        backend === 'nft' ? name : null,
      ),
    ),
    ...(runs('firewalld') && part('firewalld-backend') !== 'iptables'
      ? [unknown(say`firewalld filters with nftables${WITHOUT}`)]
      : []),
    ...(runs('nftables') ? [unknown(say`nftables.service has loaded rules${WITHOUT}`)] : []),
  ]
}

const WITHOUT: Safe = say`, and nft(8), which would show them, is not installed`
