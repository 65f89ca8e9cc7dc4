import { expect, test } from 'vitest'
import { readOnlyHost } from '../../../src/services/host/read-only.ts'
import type { Command } from '../../../src/services/model/command.ts'
import { ok } from '../../../src/services/model/errors.ts'
import type { FreshLogin, Host } from '../../../src/services/model/host.ts'
import { say } from '../../../src/services/model/safe.ts'
import {
  armCommand,
  confirmCommand,
  historyCommand,
  rehearseCommand,
  statusCommand,
} from '../../../src/services/transaction/scripts.ts'
import { firewallFacts, hostFacts, insertFirst, planOf } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'a 1 b 22', holder: 'h' }
const facts = firewallFacts('')
const CHANGES: readonly Command[] = [
  armCommand('tx', planOf(facts, [insertFirst(facts, '-j LOG')]), owner),
  confirmCommand('tx', 'proven', 'h'),
]
const READS: readonly Command[] = [statusCommand('tx'), historyCommand(), rehearseCommand('v4', '', [])]

test('nothing that changes the server is sent in read-only mode, over no login', async () => {
  const sent: Command[] = []
  const exec: Host['exec'] = async (command) => {
    sent.push(command)
    return ok({ status: 0, stdout: '', stderr: '' })
  }
  const fresh: FreshLogin = { exec, elapsedMs: 1, session: hostFacts.session, method: say`key`, close: () => {} }
  const host = readOnlyHost({ exec, proveFreshLogin: async () => ok(fresh) } as unknown as Host)
  const login = await host.proveFreshLogin()
  if (!login.ok) throw new Error('no login')
  for (const run of [host.exec, login.value.exec]) {
    for (const command of CHANGES)
      expect(await run(command)).toMatchObject({ ok: false, error: { kind: 'no-privilege' } })
    for (const command of READS) expect(await run(command)).toMatchObject({ ok: true })
  }
  expect(sent).toEqual([...READS, ...READS])
})
