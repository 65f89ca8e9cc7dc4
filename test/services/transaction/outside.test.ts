import { expect, test } from 'vitest'
import type { DnsAnswer, DnsProof, DnsWay } from '../../../src/services/model/dns.ts'
import { ROOT_QUESTION } from '../../../src/services/model/dns.ts'
import { safe, say } from '../../../src/services/model/safe.ts'
import { proveOutside } from '../../../src/services/transaction/outside.ts'

const CLOSED: DnsProof = {
  question: ROOT_QUESTION,
  expects: 'no recursion',
  family: 'v4',
  what: say`no recursion for you`,
}
const OPEN: DnsProof = { ...CLOSED, expects: 'recursion', what: say`recursion for you` }
const ZONE: DnsProof = {
  question: { name: 'example.org', type: 'SOA', recursive: false },
  expects: 'its own answer',
  family: 'v4',
  what: say`example.org answered`,
}
const answered = (recursion: boolean, code = 'NOERROR'): DnsAnswer => ({
  state: 'answered',
  recursion,
  authoritative: true,
  truncated: false,
  code: safe(code),
  answers: 1,
  elapsedMs: 1,
})
const SILENT: DnsAnswer = { state: 'silent', reason: say`no answer within 5 s` }
const NOBODY: DnsAnswer = { state: 'refused', reason: say`nobody listens there` }

const prove = (proof: DnsProof, answer: DnsAnswer | ((way: DnsWay) => DnsAnswer)) =>
  proveOutside(async (_, way) => (typeof answer === 'function' ? answer(way) : answer), [proof])

test.each([
  ['closed, as meant', CLOSED, answered(false, 'REFUSED'), 'no recursion for you (udp, tcp)', false],
  ['still open', CLOSED, answered(true), null, true],
  ['nobody there: closed', CLOSED, NOBODY, 'no recursion for you (udp, tcp)', false],
  ['still resolved', OPEN, answered(true), 'recursion for you (udp, tcp)', false],
  ['no longer resolved', OPEN, answered(false, 'REFUSED'), null, true],
  ['gone altogether', OPEN, NOBODY, null, true],
  ['a zone that answers', ZONE, answered(false), 'example.org answered (udp, tcp)', false],
  ['a zone that is refused', ZONE, answered(false, 'REFUSED'), null, true],
  ['a zone that was never loaded', ZONE, answered(false, 'SERVFAIL'), 'example.org: SERVFAIL', false],
  ['silence says nothing', CLOSED, SILENT, 'no recursion for you: not known, no answer within 5 s', false],
] as const)('%s', async (_, proof, answer, words, fails) => {
  const { words: said, failed } = await prove(proof, answer)
  expect(failed !== null).toBe(fails)
  if (words !== null) expect(said).toEqual([words])
})

test('one transport that answers otherwise is enough to fail', async () => {
  const { failed } = await prove(CLOSED, ({ transport }) => answered(transport === 'tcp'))
  expect(failed).toBe('asked from here over tcp: names are still looked up for you')
})

test('one that answers is told beside one that does not', async () => {
  const { words, failed } = await prove(CLOSED, ({ transport }) => (transport === 'udp' ? SILENT : answered(false)))
  expect([words, failed]).toEqual([['no recursion for you (tcp)'], null])
})
