import { expect, test } from 'vitest'
import type { Listener } from '../../../../../src/services/model/units.ts'
import { SSHD } from '../../../../support/baseline.ts'
import { listener } from '../../../../support/listeners.ts'
import { planFrom } from '../../../../support/make-plan.ts'
import { firewallFacts, hostFacts, INPUT, staged } from '../../../../support/plans.ts'

const NGINX = listener('tcp', '0.0.0.0', 80, 'nginx', 'nginx.service')
const REDIS = listener('tcp', '127.0.0.1', 6379, 'redis', 'redis.service')
const RULES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`
const closed = (rules: string, listeners: readonly Listener[] | null): readonly string[] =>
  planFrom({
    host: hostFacts,
    firewall: firewallFacts(rules),
    changes: [staged({ kind: 'policy', at: INPUT, policy: 'DROP' })],
    windowSeconds: 180,
    listeners,
  })
    .whatIf.filter((one) => one.answer === 'no')
    .map((one) => `${one.question}: ${one.because}`)

test('a plan says which services it closes to strangers, and by what', () => {
  expect(closed(RULES, [SSHD, NGINX, REDIS])).toEqual(['strangers to tcp 80 (nginx), IPv4: filter INPUT policy DROP'])
})

test('what stays open, was closed before, or is not known is not said', () => {
  expect(closed(RULES, [SSHD])).toEqual([])
  expect(closed(RULES.replace('COMMIT', '-A INPUT -p tcp -m tcp --dport 80 -j DROP\nCOMMIT'), [NGINX])).toEqual([])
  expect(closed(RULES, null)).toEqual([])
})
