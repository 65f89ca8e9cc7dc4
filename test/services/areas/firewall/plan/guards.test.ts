import { describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { askGuards, judgeLockOut } from '../../../../../src/services/areas/firewall/plan/guards.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'

const rules = (...lines: readonly string[]) =>
  parseRuleSet(
    'v4',
    `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`,
  )
const answers = (...lines: readonly string[]) => {
  const { login, session } = askGuards(rules(...lines), hostFacts)
  return [login.answer.answer, session.answer.answer]
}

describe('the operator’s own way in', () => {
  test.each([
    ['open', [], ['yes', 'yes']],
    ['shut for new packets', ['-A INPUT -p tcp -m conntrack --ctstate NEW -j DROP'], ['no', 'yes']],
    [
      'shut for the answer to them',
      ['-A OUTPUT -p tcp -m tcp --sport 22 --tcp-flags SYN,ACK SYN,ACK -j DROP'],
      ['no', 'yes'],
    ],
    ['shut for what follows', ['-A INPUT -m conntrack --ctstate ESTABLISHED -j DROP'], ['no', 'no']],
    ['shut for what is sent back', ['-A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK ACK -j DROP'], ['no', 'no']],
    ['shut for the port that he sits on', ['-A INPUT -p tcp -m tcp --sport 50022 -j DROP'], ['unsure', 'no']],
    ['shut for another interface', ['-A INPUT -i eth9 -j DROP'], ['yes', 'yes']],
    ['shut on the interface that he comes in by', ['-A INPUT -i eth0 -j DROP'], ['no', 'no']],
  ])('is seen to be %s', (_name, lines, wanted) => {
    expect(answers(...lines)).toEqual(wanted)
  })
})

describe('what is told of it', () => {
  const facts = { ...firewallFacts(''), managers: [say`nftables`, say`docker`], warnings: [say`nft could not be read`] }
  const told = (...lines: readonly string[]) => judgeLockOut(hostFacts, facts, rules(...lines))

  test('names owners of the rules and what could not be read, behind the ways in', () => {
    for (const { whatIf } of [told(), told('-A INPUT -j DROP')])
      expect(whatIf.slice(2)).toEqual([
        {
          answer: 'unsure',
          question: 'who owns these rules',
          because: 'nftables does, and puts its own back when it next reloads: change them with it',
        },
        { answer: 'unsure', question: 'rules this console does not show', because: 'nft could not be read' },
      ])
  })

  test('blocks only where a new login would be dropped', () => {
    expect(told().blockers).toEqual([])
    expect(told('-A INPUT -p tcp -m tcp --sport 50022 -j DROP').blockers).toEqual([])
    expect(told('-A INPUT -j DROP').blockers).toMatchObject([
      {
        kind: 'lock-out',
        message:
          'This locks you out: a new login from 198.51.100.20 to port 22 would be dropped by filter INPUT rule 1: -j DROP.',
      },
    ])
  })
})
