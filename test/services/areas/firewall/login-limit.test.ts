import { describe, expect, test } from 'vitest'
import { limitOnLogins } from '../../../../src/services/areas/firewall/login-limit.ts'
import { factsOfScene, filter } from '../../../support/firewall-checks.ts'
import { DROP, dport, factsOfProbe, hooked, nftJson, probeText, rule } from '../../../support/firewall-probes.ts'
import { hostFacts } from '../../../support/plans.ts'

const limitIn = (...rules: readonly string[]) =>
  limitOnLogins(factsOfScene({ v4: filter(...rules) }), hostFacts, hostFacts.session.serverPort)

const NEW = '-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW'
const SET = `${NEW} -m recent --set --name ssh --mask 255.255.255.255 --rsource`
const UPDATE = `${NEW} -m recent --update --seconds 60 --hitcount 4 --name ssh --mask 255.255.255.255 --rsource -j DROP`

describe('a limit on how often the operator may log in', () => {
  test('is named with its place and words', () => {
    expect(limitIn('-A INPUT -i lo -j ACCEPT', SET, UPDATE)).toMatch(
      /^v4 filter INPUT 3: -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 60 --hitcount 4/,
    )
  })

  test.each([
    ['hashlimit', [`${NEW} -m hashlimit --hashlimit-above 5/min --hashlimit-name s -j DROP`], 'INPUT 1'],
    ['connlimit', [`${NEW} -m connlimit --connlimit-above 3 -j REJECT --reject-with tcp-reset`], 'INPUT 1'],
    ['limit before a policy', ['INPUT DROP', `${NEW} -m limit --limit 4/min -j ACCEPT`], 'INPUT 1'],
    [
      'one in a chain of its own',
      [':ssh', `${NEW} -j ssh`, SET.replace('INPUT', 'ssh'), UPDATE.replace('INPUT', 'ssh')],
      'ssh 2',
    ],
  ])('may be %s', (_, rules, place) => {
    expect(limitIn(...rules)).toContain(`v4 filter ${place}: `)
  })

  test.each([
    ['no rule limits anything', ['-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT']],
    ['another port is limited', [SET.replace('22', '80'), UPDATE.replace('22', '80')]],
    ['his address is left out', [`-A INPUT -s ${hostFacts.session.clientAddress}/32 -j ACCEPT`, SET, UPDATE]],
    ['nobody puts him on the list', [UPDATE.replace('--update', '--rcheck')]],
    ['rules drop all of it', [`${NEW} -j DROP`, SET, UPDATE]],
    ['it depends on something else', [`${NEW} -m time --timestart 08:00:00 -j DROP`]],
    ['it is too wide for what he does', [`${NEW} -m hashlimit --hashlimit-above 500/sec --hashlimit-name s -j DROP`]],
  ])('is none where %s', (_, rules) => {
    expect(limitIn(...rules)).toBeNull()
  })

  test('is found for the port that sshd moves to, in a chain too long to be walked as it is', () => {
    const others = Array.from({ length: 600 }, (_, i) => `-A INPUT -p tcp -m tcp --dport ${5000 + i} -j DROP`)
    const moved = [SET, UPDATE].map((rule) => rule.replace('--dport 22', '--dport 2222'))
    const facts = factsOfScene({ v4: filter(...others, ...moved) })
    expect(limitOnLogins(facts, hostFacts, 2222)).toContain('v4 filter INPUT 602: ')
    expect(limitOnLogins(facts, hostFacts, 22)).toBeNull()
  })

  test('is found in a table of nft’s as well', () => {
    const limit = { limit: { rate: 4, per: 'minute', inv: true } }
    const table = nftJson('inet', 'mine', [hooked('in', 'input', 0, 'accept'), rule('in', dport(22), limit, DROP)])
    const facts = factsOfProbe(probeText({ iptables: filter(), native: 'table inet mine', 'nft inet mine': table }))
    expect(limitOnLogins(facts, hostFacts, 22)).toBe(
      'v4 nft inet mine in 1: tcp dport 22 limit rate over 4/minute drop',
    )
    expect(limitOnLogins(facts, hostFacts, 80)).toBeNull()
  })
})
