// Files of sshd as people write them, and worse; people of whom it is known which blocks hold for them.
import fc from 'fast-check'
import { readConfig } from '../../../../../src/services/areas/sshd/config/read.ts'
import type { KeywordEdit } from '../../../../../src/services/model/sshd.ts'
import { filesOf, type Texts } from './files.ts'
import { GROUND } from './ground.ts'

export type Person = { readonly user: string; readonly address: string }

export const PEOPLE: readonly Person[] = [
  { user: 'root', address: '10.9.9.9' },
  { user: 'alice', address: '10.1.1.1' },
  { user: 'bob', address: '192.0.2.7' },
  { user: 'nobody-else', address: '192.0.2.9' },
]

/** Criteria, and whom they hold for; the users but root are in no group. */
const CRITERIA: readonly (readonly [criteria: string, holds: (person: Person) => boolean])[] = [
  ['User alice', ({ user }) => user === 'alice'],
  ['user "alice"', ({ user }) => user === 'alice'],
  ['USER=alice  # her', ({ user }) => user === 'alice'],
  ['User alice,bob', ({ user }) => user === 'alice' || user === 'bob'],
  ['User *,!alice', ({ user }) => user !== 'alice'],
  ['User bo?', ({ user }) => user === 'bob'],
  ['Address 10.0.0.0/8', ({ address }) => address.startsWith('10.')],
  ['Address 192.0.2.7,10.1.1.1', ({ address }) => address === '192.0.2.7' || address === '10.1.1.1'],
  ['User\talice   Address\t10.0.0.0/8', ({ user }) => user === 'alice'],
  ['User alice Address 192.0.2.0/24', () => false],
  ['Group root', ({ user }) => user === 'root'],
  ['Group nosuch', () => false],
  ['LocalPort 22', () => true],
  ['LocalPort 23', () => false],
  ['all', () => true],
  ['ALL # of them', () => true],
]

/** Whether a Match of these files holds for somebody. */
export function holdsFor(criteria: string, person: Person): boolean {
  const known = CRITERIA.find(([one]) => one.split('#')[0]?.trim() === criteria.split('#')[0]?.trim())
  if (!known) throw new Error(`unknown criteria: ${criteria}`)
  return known[1](person)
}

/** Keywords with values that sshd -T prints as they are written. */
const MATCHED: Readonly<Record<string, readonly string[]>> = {
  PasswordAuthentication: ['yes', 'no'],
  PermitRootLogin: ['yes', 'no', 'forced-commands-only'],
  KbdInteractiveAuthentication: ['yes', 'no'],
  ChallengeResponseAuthentication: ['yes', 'no'],
  X11Forwarding: ['yes', 'no'],
  AllowTcpForwarding: ['yes', 'no', 'local'],
  Banner: ['/a', '/b c', '/d#e'],
  MaxAuthTries: ['2', '3', '4', '5'],
  ClientAliveInterval: ['11', '12', '13'],
  ForceCommand: ['echo a', 'echo "b"  # c'],
  PermitOpen: ['a:1', 'b:2 c:3'],
  AllowUsers: ['alice', 'alice bob', 'root *'],
  DenyGroups: ['x', 'y z'],
  AcceptEnv: ['LANG', 'LC_* A', 'B'],
  IPQoS: ['ef cs1', 'af11 af12'],
}
const AT_START: Readonly<Record<string, readonly string[]>> = {
  Port: ['22', '2222', '2244'],
  UseDNS: ['yes', 'no'],
  TCPKeepAlive: ['yes', 'no'],
  KeepAlive: ['yes', 'no'],
  PrintMotd: ['yes', 'no'],
  LoginGraceTime: ['30', '60'],
  MaxStartups: ['1:2:3', '4:5:6'],
  VersionAddendum: ['a', 'b # c'],
}
const ALL = { ...MATCHED, ...AT_START }
/** These take what is behind them as it stands. */
const WHOLE = ['ForceCommand', 'VersionAddendum']

const setting = (from: Readonly<Record<string, readonly string[]>>) =>
  fc
    .constantFrom(...Object.keys(from))
    .chain((keyword) => fc.tuple(fc.constant(keyword), fc.constantFrom(...(from[keyword] as readonly string[]))))
    .map(([keyword, value]) => ({ keyword, value: WHOLE.includes(keyword) ? value : quotedWords(keyword, value) }))

/** A value of one word that has a space in it is written in quotes. */
const quotedWords = (keyword: string, value: string): string =>
  keyword === 'Banner' && value.includes(' ') ? `"${value}"` : value

/** A line that sets something, however it is laid out. */
const line = (from: Readonly<Record<string, readonly string[]>>) =>
  fc
    .tuple(
      setting(from),
      fc.constantFrom('', '', '', ' ', '\t', '  \t', '= ', '"" '),
      fc.constantFrom(' ', ' ', ' ', '\t', '  ', '=', ' = ', '\t=\t'),
      fc.constantFrom('', '', '', ' ', '\t ', ' # a', '\t#b "c\' \\', ' \f', ' #'),
      fc.constantFrom('plain' as const, 'plain' as const, 'upper' as const, 'lower' as const, 'quoted' as const),
      fc.boolean(),
    )
    .map(([{ keyword, value }, indent, separator, behind, letters, quoted]) => {
      const spelled = {
        upper: keyword.toUpperCase(),
        lower: keyword.toLowerCase(),
        quoted: `"${keyword}"`,
        plain: keyword,
      }
      const word = spelled[letters]
      const whole = WHOLE.includes(keyword)
      const words = quoted && !whole && /^[^" ]+$/.test(value) ? `"${value}"` : value
      return `${indent}${word}${letters === 'quoted' ? ' ' : separator}${words}${whole ? '' : behind}`
    })

const noise = fc.constantFrom(
  ...['', '', '# a comment', '  # Port 99', '# goes on \\', ' \t', '"Port 98', '=#x', '# Match User x', '#é', '# \0'],
  ...['#Port 22', '#PasswordAuthentication yes', '#Banner none', '\t#UseDNS no', '#MaxAuthTries 6'],
)
const include = (names: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom('Include', 'include', ' INCLUDE', 'Include='),
      fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
    )
    .map(([word, patterns]) => `${word} ${patterns.join('  ')}`)

const weighed = <T>(...all: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) =>
  fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })))

/** Patterns that bring in what may stand below a Match, and those that bring in anything. */
const INNER = ['m.d/*.conf', '/etc/ssh/m.d/a.conf', 'm.d/[!a]*', '"m.d/b.conf"']
const OUTER = [
  ...INNER,
  '/etc/ssh/sshd_config.d/*.conf',
  'sshd_config.d/*',
  'sshd_config.d/[56]*.conf',
  'extra.conf',
  'none/*',
]

const GLOBAL_LINE = weighed([6, line({ ...MATCHED, ...AT_START })], [2, noise])
const INNER_LINE = weighed([6, line(MATCHED)], [2, noise], [1, include(INNER)])

const block = fc
  .tuple(
    fc.constantFrom('Match', 'match', ' MATCH', 'Match='),
    fc.constantFrom(...CRITERIA),
    fc.array(
      INNER_LINE.map((text) => `\t${text}`),
      { maxLength: 4 },
    ),
  )
  .map(([word, [criteria], lines]) => [`${word} ${criteria}`, ...lines])

const blocks = (maxLength: number) => fc.array(block, { maxLength }).map((all) => all.flat())

const file = (parts: readonly fc.Arbitrary<readonly string[]>[]) =>
  fc
    .tuple(fc.tuple(...parts), fc.constantFrom('\n', '\n', '\n', '\r\n'), fc.boolean())
    .map(([lines, end, ended]) => lines.flat().join(end) + (ended ? end : ''))

const globals = (maxLength: number) => fc.array(GLOBAL_LINE, { maxLength })
const inner = file([
  fc.array(weighed([6, line(MATCHED)], [2, noise]), { maxLength: 3 }),
  blocks(1).map((all) => all.filter((text) => !/include/i.test(text))),
])
const dropIn = file([globals(3), blocks(1)])

const main = file([
  globals(2),
  fc.array(include(OUTER), { maxLength: 1 }),
  globals(3),
  weighed([2, fc.constant<readonly string[]>([])], [3, include(OUTER.slice(INNER.length)).map((one) => [one])]),
  globals(3),
  blocks(4),
])

/** The files of a server by their names below /etc/ssh. */
export const someFiles: fc.Arbitrary<Texts> = fc.record(
  {
    sshd_config: main,
    'sshd_config.d/00-a.conf': dropIn,
    [GROUND.dropIn.replace('/etc/ssh/', '')]: dropIn,
    'sshd_config.d/50-cloud-init.conf': dropIn,
    'sshd_config.d/60-b.conf': dropIn,
    'sshd_config.d/.hidden.conf': fc.constant('Port 97\n'),
    'extra.conf': dropIn,
    'm.d/a.conf': inner,
    'm.d/b.conf': inner,
  },
  { requiredKeys: ['sshd_config'] },
)

/** Files, and something to be changed in them: as likely as not something that a line of them says already. */
export const someCase: fc.Arbitrary<readonly [Texts, KeywordEdit]> = someFiles.chain((texts) => {
  const { statements } = readConfig(filesOf(texts))
  const said = statements.map(({ line, blocks }) => ({ name: line.keyword, match: blocks.at(-1) ?? null }))
  const any = weighed([2, fc.constant(MATCHED)], [1, fc.constant(AT_START)]).chain((from) =>
    fc.record({
      name: fc.constantFrom(...Object.keys(from).map((keyword) => keyword.toLowerCase())),
      match:
        from === MATCHED ? fc.option(fc.constantFrom(...CRITERIA.map(([one]) => one)), { freq: 1 }) : fc.constant(null),
    }),
  )
  const target = said.length === 0 ? any : weighed([1, any], [1, fc.constantFrom(...said)])
  return target
    .chain(({ name, match }) => {
      const [keyword, values] = Object.entries(ALL).find(([one]) => one.toLowerCase() === name) as [
        string,
        readonly string[],
      ]
      const maxLength = GROUND.isSeveral(keyword) ? values.length : 1
      return fc.record({
        kind: fc.constant('keyword' as const),
        keyword: fc.constant(keyword),
        values: fc.option(
          fc
            .subarray([...values], { minLength: 1, maxLength })
            .map((some) => some.map((value) => quotedWords(keyword, value))),
          { freq: 3 },
        ),
        match: fc.constant(match?.split('#')[0]?.trim() ?? null),
      })
    })
    .map((edit) => [texts, edit] as const)
})
