import fc from 'fast-check'
import type { Exported } from '../../../../../src/services/areas/firewall/export/script.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Family } from '../../../../../src/services/model/firewall.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { EVIL, HOSTILE } from '../../../../support/hostile.ts'

/** What a shell, a here-document, printf(1), awk(1) or shellcheck(1) might take for something else. */
const NASTY = [
  'RULES',
  'BACK',
  '$(touch /tmp/pwned)',
  '`id`',
  "it's",
  "' ; id ; '",
  '\\',
  '\\\\',
  'a\\',
  '%s %b %%',
  '\\0033[31m',
  '‘quoted’ “text”',
  '# shellcheck disable=all',
  'あいう 日本語',
  'ā\u0081',
  '-j DOCKER',
  '"',
  '',
  ' ',
  'COMMIT',
  '\r',
  '\t',
  EVIL,
  ...HOSTILE,
]

/** Text without what a line of iptables-save can't hold. */
export const anyText = fc
  .oneof(
    fc.constantFrom(...NASTY),
    fc.array(fc.constantFrom(...NASTY), { maxLength: 4 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'binary', maxLength: 40 }),
  )
  .map((text) => text.replace(/[\0\n]/g, '').toWellFormed())

/** A word as iptables-save(8) quotes it. */
export const quoted = (text: string): string => `"${text.replace(/["\\']/g, '\\$&')}"`

const rule = fc.oneof(
  anyText.map((text) => `-m comment --comment ${quoted(text)} -j ACCEPT`),
  anyText.map((text) => `-j LOG --log-prefix ${quoted(text)}`),
  fc.constantFrom(
    '',
    '-i lo -j ACCEPT',
    '-p tcp -m tcp --dport 22 -j ACCEPT',
    '-p udp -m multiport --dports 53,123,60000:60100 -j DROP',
    '-j REJECT --reject-with icmp-port-unreachable',
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ),
)

const chain = (name: fc.Arbitrary<string>, policy: fc.Arbitrary<string>) =>
  fc.record({ name, policy, rules: fc.array(rule, { maxLength: 5 }) })

/** Chain names take anything but white space. */
const anyName = anyText.map((text) => text.replace(/\s/g, '') || 'x')

/** A save of some tables whose chains, comments and log prefixes may hold anything. */
export const anySave: fc.Arbitrary<string> = fc
  .array(
    fc.record({
      table: fc.oneof(fc.constantFrom('raw', 'mangle', 'nat', 'filter', 'security'), anyName),
      chains: fc.array(
        fc.oneof(
          chain(fc.constantFrom('INPUT', 'OUTPUT'), fc.constantFrom('ACCEPT', 'DROP')),
          chain(anyName, fc.constant('-')),
        ),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 3 },
  )
  .map((tables) =>
    tables
      .flatMap(({ table, chains }) => {
        const unique = [...new Map(chains.map((one) => [one.name, one])).values()]
        return [
          `*${table}`,
          ...unique.map((one) => `:${one.name} ${one.policy} [0:0]`),
          ...unique.flatMap((one) => one.rules.map((text) => `-A ${one.name}${text === '' ? '' : ` ${text}`}`)),
          'COMMIT',
        ]
      })
      .map((line) => `${line}\n`)
      .join(''),
  )

/** What is exported of two saves. */
export const exportedOf = (
  v4: string,
  v6 = '',
  {
    firewall,
    ...more
  }: Partial<Omit<Exported, 'firewall'>> & { readonly firewall?: Partial<Exported['firewall']> } = {},
): Exported => {
  const present = (family: Family, text: string) => ({ state: 'present', ruleSet: parseRuleSet(family, text) }) as const
  return {
    hostname: 'web1',
    address: 'web1.example.net',
    exportedAt: new Date('2026-11-24T10:11:12.345Z'),
    source: 'live',
    firewall: {
      families: { v4: present('v4', v4), v6: present('v6', v6) },
      backend: 'nft',
      version: say`1.8.9 (nf_tables)`,
      warnings: [say`native nftables tables filter too and are not shown: inet x`],
      ...firewall,
    },
    ...more,
  }
}
