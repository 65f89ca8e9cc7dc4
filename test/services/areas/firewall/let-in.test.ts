import { expect, test } from 'vitest'
import { keptOut, letInWords } from '../../../../src/services/areas/firewall/let-in.ts'
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

test('of several it is counted how many are kept out, of those that it could be asked of', () => {
  const scene = factsOfScene({ v4 })
  expect(keptOut(scene, hostFacts, ['203.0.113.7', '203.0.113.8', '198.51.100.200', 'tty1'])).toEqual({
    ...{ asked: 3, out: 2, unsure: 0 },
  })
  const perhaps = factsOfScene({
    v4: filter('INPUT DROP', '-A INPUT -s 203.0.113.0/24 -j DROP', '-A INPUT -m bpf --bytecode "1,6 0 0 0" -j ACCEPT'),
  })
  expect(keptOut(perhaps, hostFacts, ['203.0.113.7', '198.51.100.200'])).toEqual({ asked: 2, out: 1, unsure: 1 })
})
