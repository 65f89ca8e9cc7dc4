import { expect, test } from 'vitest'
import { firewallChecks } from '../../../../../src/services/areas/firewall/checks/table.ts'
import { shadowsIn } from '../../../../../src/services/areas/firewall/shadow.ts'
import type { Chain, FirewallFacts, Table } from '../../../../../src/services/model/firewall.ts'
import { listener } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'

const RULES = 100_000

const address = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32`
const KINDS: Readonly<Record<string, (at: number) => string>> = {
  addresses: (at) => `-s ${address(at)} -j DROP`,
  'addresses with ports': (at) => `-s ${address(at)} -p tcp -m tcp --dport ${1024 + (at % 60_000)} -j ACCEPT`,
  ports: (at) => `-p ${at % 2 ? 'tcp -m tcp' : 'udp -m udp'} --dport ${1024 + (at % 60_000)} -j ACCEPT`,
  ranges: (at) => `-p tcp -m tcp --dport ${at % 60_000}:${(at % 60_000) + 3} -j ACCEPT`,
  'one kind': () => '-p tcp -m tcp --dport 443 -j ACCEPT',
  'what can not be compared': (at) => `-m mac --mac-source 00:00:00:00:00:${at % 100} -m recent --name x${at} -j DROP`,
}

const factsOf = (make: (at: number) => string, rules: number): FirewallFacts => {
  const lines = Array.from({ length: rules }, (_, at) => `[${at % 3}:0] -A INPUT ${make(at)}\n`)
  return firewallFacts(
    `*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${lines.join('')}COMMIT\n`,
  )
}

const LISTENERS = [22, 25, 53, 80, 443, 3306, 5432, 6379, 8080, 9100].map((port) => listener('tcp', '0.0.0.0', port))

/** The processor time of a run, in milliseconds: what else the machine does is not counted. */
function cost(make: () => () => unknown): number {
  const run = make()
  const start = process.cpuUsage()
  run()
  return process.cpuUsage(start).user / 1000
}

// No figure: a tenth of a second is what it takes. Comparing each rule with each would take a minute.
const BOUND_MS = 5000

test.each(Object.entries(KINDS))('a hundred thousand rules of %s are judged without delay', (name, make) => {
  const ms = cost(() => {
    const facts = factsOf(make, RULES)
    return () => firewallChecks.map((check) => check.judge(facts, hostFacts, { listeners: LISTENERS }))
  })
  if (process.env.SPEED) console.log(`judged: ${name} ${Math.round(ms)} ms`)
  expect(ms).toBeLessThan(BOUND_MS)
})

test.each(Object.entries(KINDS))('fixes for a hundred thousand rules of %s are made without delay', (name, make) => {
  for (const id of ['FW-default-deny-v4', 'FW-ssh-rate-v4']) {
    const check = firewallChecks.find((one) => one.id === id)
    const ms = cost(() => {
      const facts = factsOf(make, RULES)
      return () => check?.fix?.(facts, hostFacts, { listeners: LISTENERS })
    })
    if (process.env.SPEED) console.log(`fix: ${id}, ${name} ${Math.round(ms)} ms`)
    expect(ms).toBeLessThan(BOUND_MS)
  }
})

test.each(Object.entries(KINDS))(
  'shadows among a hundred thousand rules of %s are found without delay',
  (name, make) => {
    const ms = cost(() => {
      const { v4 } = factsOf(make, RULES).families
      const table = (v4.state === 'present' ? v4.ruleSet.tables[0] : null) as Table
      return () => shadowsIn(table, table.chains[0] as Chain)
    })
    if (process.env.SPEED) console.log(`shadows: ${name} ${Math.round(ms)} ms`)
    expect(ms).toBeLessThan(BOUND_MS)
  },
)
