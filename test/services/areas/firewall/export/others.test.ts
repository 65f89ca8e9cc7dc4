import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exportScript } from '../../../../../src/services/areas/firewall/export/script.ts'
import { part } from '../../../../../src/services/areas/firewall/foreign-chains.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { printRuleSet } from '../../../../support/print-rule-set.ts'
import { saveText, withoutCounters, withoutEmptyTables } from '../../../../support/rule-sets.ts'
import { exportedOf } from './nasty.ts'
import { canRunScript, onServer, section, TOOLS } from './script-bench.ts'

const FOREIGN = `
  iptables -N f2b-sshd; iptables -A f2b-sshd -s 203.0.113.9/32 -j DROP; iptables -A f2b-sshd -j RETURN
  iptables -N DOCKER; iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN
  iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
  iptables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
  iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -o docker0 -j DOCKER
  iptables -A FORWARD -s 198.51.100.0/24 -j ACCEPT
  iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
  iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE`

/** A save as a script makes it of another save, on a host where nothing else is. */
const own = (save: string): string => {
  const { tables, ...rest } = parseRuleSet('v4', save)
  return withoutCounters(printRuleSet({ ...rest, tables: tables.map((table) => part(table).own) }, { counters: false }))
}
const rulesOf = (save: string, chain: string): readonly string[] =>
  save.split('\n').filter((line) => line.startsWith(`-A ${chain} `))

describe.runIf(canRunScript).each(Object.entries(TOOLS))(
  'what other programs own, under %s,',
  { timeout: 120_000 },
  (_, tools) => {
    const on = (text: string, files: Readonly<Record<string, string>>) => onServer(tools, files, text)
    const scriptOf = (v4: string): string => exportScript(exportedOf(v4))
    const saved = async (): Promise<string> => section(await on(`${FOREIGN}; rules all`, {}), 'all')

    test('stays as it is, and where it is, when a host’s own script runs there', async () => {
      const all = await saved()
      const ran = await on(`${FOREIGN}; run rules.sh --now; rules once; run rules.sh --now; rules twice`, {
        'rules.sh': scriptOf(all),
      })
      expect(section(ran, 'once')).toBe(all)
      expect(section(ran, 'twice')).toBe(all)
    })

    test('stays when the script of another host runs, behind the rule it stood behind or at the head of its chain', async () => {
      const other = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A FORWARD -s 192.0.2.0/24 -j ACCEPT
-A FORWARD -s 198.51.100.0/24 -j ACCEPT
-A FORWARD -j LOG
COMMIT
`
      const ran = await on(`${FOREIGN}; run rules.sh --now; rules after`, { 'rules.sh': scriptOf(other) })
      const after = section(ran, 'after')
      expect(rulesOf(after, 'INPUT')).toEqual([
        '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
        '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
        '-A INPUT -i lo -j ACCEPT',
      ])
      expect(rulesOf(after, 'FORWARD')).toEqual([
        '-A FORWARD -j DOCKER-USER',
        '-A FORWARD -o docker0 -j DOCKER',
        '-A FORWARD -s 192.0.2.0/24 -j ACCEPT',
        '-A FORWARD -s 198.51.100.0/24 -j ACCEPT',
        '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
        '-A FORWARD -j LOG',
      ])
      expect(rulesOf(after, 'f2b-sshd')).toHaveLength(2)
      expect(rulesOf(after, 'POSTROUTING')).toEqual(['-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE'])
    })

    test('stays where Docker’s bridge has a name of its own', async () => {
      const named = `iptables -A DOCKER -d 172.18.0.2/32 ! -i shop0 -o shop0 -p tcp -m tcp --dport 90 -j ACCEPT
        iptables -A FORWARD -i shop0 ! -o shop0 -j ACCEPT; iptables -A FORWARD -i wg0 -j ACCEPT
        iptables -t nat -A POSTROUTING -s 172.18.0.2/32 -d 172.18.0.2/32 -p tcp -m tcp --dport 90 -j MASQUERADE`
      const other = '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n'
      const ran = await on(`${FOREIGN}; ${named}; run rules.sh --now; rules after`, { 'rules.sh': scriptOf(other) })
      const after = section(ran, 'after')
      expect(rulesOf(after, 'FORWARD')).toEqual([
        '-A FORWARD -j DOCKER-USER',
        '-A FORWARD -o docker0 -j DOCKER',
        '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
        '-A FORWARD -i shop0 ! -o shop0 -j ACCEPT',
      ])
      expect(rulesOf(after, 'POSTROUTING')).toHaveLength(2)
    })

    test('keeps what it got meanwhile when the old rules come back', async () => {
      const ran = await on(
        `${FOREIGN}; rules before; run rules.sh --now; iptables -I f2b-sshd -s 203.0.113.77/32 -j DROP
         run rules.sh --back; rules after`,
        { 'rules.sh': scriptOf('*filter\n:INPUT DROP [0:0]\nCOMMIT\n') },
      )
      const ban = '-A f2b-sshd -s 203.0.113.77/32 -j DROP\n'
      expect(section(ran, 'after')).toContain(ban)
      expect(section(ran, 'after').replace(ban, '')).toBe(section(ran, 'before'))
    })

    test('is written once where a rule of the script says the same', async () => {
      const jump = '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd'
      const script = scriptOf('*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n').replace(
        '-A INPUT -i lo -j ACCEPT\n',
        (rule) => `${rule}${jump}\n`,
      )
      const ran = await on(`${FOREIGN}; run rules.sh --now; run rules.sh --now; rules after`, { 'rules.sh': script })
      expect(rulesOf(section(ran, 'after'), 'INPUT')).toEqual(['-A INPUT -i lo -j ACCEPT', jump])
    })

    test('of whatever rules, over whatever rules: the own ones are those of the script, twice as once, and go back', async () => {
      await fc.assert(
        fc.asyncProperty(saveText, saveText, async (from, to) => {
          const ran = await on(
            `iptables-restore <from; rules before; run rules.sh --now; rules once; run rules.sh --now; rules twice
             run rules.sh --back; run rules.sh --now; run rules.sh --back; rules after`,
            { from, 'rules.sh': scriptOf(to) },
          )
          const once = section(ran, 'once')
          expect(own(once)).toBe(own(to))
          expect(rulesOf(once, 'f2b-sshd')).toEqual(rulesOf(from, 'f2b-sshd'))
          for (const chain of ['INPUT', 'FORWARD', 'OUTPUT'])
            expect(rulesOf(once, chain).filter((rule) => rule.endsWith('-j f2b-sshd'))).toEqual(
              rulesOf(from, chain).filter((rule) => rule.endsWith('-j f2b-sshd')),
            )
          expect(section(ran, 'twice')).toBe(once)
          expect(withoutEmptyTables(section(ran, 'after'))).toBe(withoutEmptyTables(once))
        }),
        { numRuns: 3, endOnFailure: true },
      )
    })
  },
)
