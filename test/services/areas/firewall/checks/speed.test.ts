import { expect, test } from 'vitest'
import { firewallChecks } from '../../../../../src/services/areas/firewall/checks/table.ts'
import { shadowsIn } from '../../../../../src/services/areas/firewall/shadow.ts'
import type { Table } from '../../../../../src/services/model/firewall.ts'
import { listener } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'

const RULES = 100_000

const KINDS: Readonly<Record<string, (at: number) => string>> = {
  addresses: (at) => `-s 10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32 -j DROP`,
  'addresses and ports': (at) =>
    `-s 10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32 -p tcp -m tcp --dport ${1024 + (at % 60_000)} -j ACCEPT`,
  ports: (at) => `-p ${at % 2 ? 'tcp' : 'udp'} -m ${at % 2 ? 'tcp' : 'udp'} --dport ${1024 + (at % 60_000)} -j ACCEPT`,
  ranges: (at) => `-p tcp -m tcp --dport ${at % 60_000}:${(at % 60_000) + 3} -j ACCEPT`,
  'the same words': () => '-p tcp -m tcp --dport 443 -j ACCEPT',
  'what can not be compared': (at) => `-m mac --mac-source 00:00:00:00:00:${at % 100} -m recent --name x${at} -j DROP`,
}

const saveOf = (make: (at: number) => string): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${Array.from(
    { length: RULES },
    (_, at) => `[${at % 3}:0] -A INPUT ${make(at)}`,
  ).join('\n')}\nCOMMIT\n`

const LISTENERS = [22, 25, 53, 80, 443, 3306, 5432, 6379, 8080, 9100].map((port) => listener('tcp', '0.0.0.0', port))

/** The best of some runs, in milliseconds: what the machine does beside it does not count. */
function best(run: () => unknown): number {
  const times = Array.from({ length: 4 }, () => {
    return best1(run)
  })
  return Math.min(...times)
}

test.each(Object.entries(KINDS))(`a hundred thousand rules of %s are judged without delay`, (_name, make) => {
  const save = saveOf(make)
  const times = Array.from({ length: 3 }, () => {
    const facts = firewallFacts(save)
    return best1(() => firewallChecks.map((check) => check.judge(facts, hostFacts, { listeners: LISTENERS })))
  })
  console.log(_name, times.map(Math.round))
  if (_name) {
    const facts = firewallFacts(save)
    console.log(
      firewallChecks
        .map((check) => [check.id, Math.round(best1(() => check.judge(facts, hostFacts, { listeners: LISTENERS })))])
        .filter((x) => (x[1] as number) > 3)
        .join(' '),
    )
  }
  const v4 = firewallFacts(save).families.v4
  const table = (v4.state === 'present' ? v4.ruleSet.tables[0] : null) as Table
  console.log(
    'shadow',
    best(() => shadowsIn(table, table.chains[0] as never)),
  )
  expect(1).toBe(1)
})
const best1 = (run: () => unknown): number => {
  const start = process.cpuUsage()
  run()
  return process.cpuUsage(start).user / 1000
}
