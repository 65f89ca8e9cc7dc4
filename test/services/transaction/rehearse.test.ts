import { expect, test } from 'vitest'
import type { Command, Output } from '../../../src/services/model/command.ts'
import { fail, ok, type Result } from '../../../src/services/model/errors.ts'
import { createRehearse } from '../../../src/services/transaction/rehearse.ts'
import { LOST } from '../../support/scripted-server.ts'

function rehearse(answer: Result<Output>) {
  const asked: Command[] = []
  const exec = async (command: Command): Promise<Result<Output>> => {
    asked.push(command)
    return answer
  }
  const touches = [
    { table: 'filter', chain: 'INPUT' },
    { table: 'nat', chain: 'OUTPUT' },
  ]
  return { asked, result: createRehearse({ exec })('v6', 'the delta', touches) }
}

test('a rehearsal gives the chains as they would be, and only reads', async () => {
  const { asked, result } = rehearse(ok({ status: 0, stdout: '*filter\n', stderr: 'a warning' }))
  expect(await result).toEqual(ok({ after: '*filter\n' }))
  expect(asked).toMatchObject([{ effect: 'read', privilege: 'root', stdin: 'the delta' }])
  expect(asked[0]?.argv.slice(4)).toEqual(['v6', 'filter', 'INPUT', 'nat', 'OUTPUT'])
})

test.each([
  ['first\niptables-restore: line 2 failed\n', 'iptables refuses it: iptables-restore: line 2 failed'],
  ['', 'iptables refuses it: it gave no reason'],
])('what iptables says is the reason: %j', async (stderr, message) => {
  const { result } = rehearse(ok({ status: 2, stdout: 'left over', stderr }))
  expect(await result).toMatchObject({ ok: false, error: { message, next: 'Correct the rule and try again.' } })
})

test('what could not be asked says why', async () => {
  expect(await rehearse(fail(LOST)).result).toEqual(fail(LOST))
})
