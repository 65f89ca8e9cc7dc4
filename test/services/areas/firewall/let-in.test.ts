import { expect, test } from 'vitest'
import { letInWords } from '../../../../src/services/areas/firewall/let-in.ts'
import { factsOfScene, filter } from '../../../support/firewall-checks.ts'
import { hostFacts } from '../../../support/plans.ts'

const { serverPort } = hostFacts.session
const v4 = filter(
  'INPUT DROP',
  '-A INPUT -s 203.0.113.0/24 -j DROP',
  `-A INPUT -p tcp -m tcp --dport ${serverPort} -m conntrack --ctstate NEW -j ACCEPT`,
)
const said = (address: string): string | null => letInWords(factsOfScene({ v4 }), hostFacts, address)

test('an address is let in or kept out by the rule that decides', () => {
  expect(said('203.0.113.7')).toMatch(/^the rules keep it out: .*203\.0\.113\.0\/24/)
  expect(said('198.51.100.200')).toMatch(new RegExp(`^the rules let it come to port ${serverPort}: `))
})

test.each(['tty1', '', 'host.example'])('of %j nothing is said', (address) => {
  expect(said(address)).toBeNull()
})
