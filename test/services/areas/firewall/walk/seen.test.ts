import { expect, test } from 'vitest'
import type { Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import { ruleSetOf } from '../../../../support/rule-sets.ts'

const packet: Packet = {
  protocol: 'tcp',
  source: '198.51.100.20',
  sourcePort: null,
  destination: '192.0.2.10',
  destinationPort: 22,
  inInterface: 'eth0',
  outInterface: null,
  state: 'NEW',
}
const raw = (chain: string, ...rules: readonly string[]) =>
  ruleSetOf(`*raw\n:${chain} ACCEPT [0:0]\n${rules.map((rule) => `-A ${chain} ${rule}\n`).join('')}COMMIT\n`)

test('behind a template the raw table knows of no connection, nor of its direction', () => {
  const asks = '-m conntrack --ctdir REPLY -j DROP'
  expect(walk(raw('PREROUTING', asks), 'in', packet).answer).toBe('yes')
  expect(walk(raw('PREROUTING', '-j CT --helper ftp', asks), 'in', packet).answer).toBe('unsure')
})

test('what the host opens itself has no entry in the raw table yet, and what it answers may have one', () => {
  const out = { ...packet, inInterface: null, outInterface: 'eth0' }
  const state = (name: Packet['state']) => raw('OUTPUT', `-m conntrack --ctstate ${name} -j DROP`)
  expect(walk(state('NEW'), 'out', out).answer).toBe('yes')
  expect(walk(state('INVALID'), 'out', out).answer).toBe('no')
  expect(walk(state('ESTABLISHED'), 'out', { ...out, state: 'ESTABLISHED' }).answer).toBe('unsure')
})
