import { describe, expect, test } from 'vitest'
import type { AccountChange } from '../../../src/services/model/account.ts'
import { ok } from '../../../src/services/model/errors.ts'
import type { FreshLogin, Host, WayIn } from '../../../src/services/model/host.ts'
import type { ChangePlan } from '../../../src/services/model/plan.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { Transaction } from '../../../src/services/model/transaction.ts'
import { accountParts } from '../../../src/services/steps/account-step.ts'
import { createContext, type TransactionDeps } from '../../../src/services/transaction/context.ts'
import { overFreshLogin, prove } from '../../../src/services/transaction/prove.ts'
import { freshStages } from '../../../src/services/transaction/stages.ts'
import { handClock } from '../../support/hand-clock.ts'
import { hostFacts } from '../../support/plans.ts'
import { onePlan, over, waiting } from '../../support/scripted-server.ts'

const stages = freshStages()
const plan = (proofAs: string | null, ...changes: readonly AccountChange[]): ChangePlan => ({
  ...onePlan({ proofAs }),
  ...(changes.length > 0 ? { steps: accountParts(changes).steps } : {}),
})
const create: AccountChange = { verb: 'create', name: 'dora', groups: [], shell: '/bin/sh', keys: [], password: false }
const confirmed = (id: string): Transaction =>
  ({ phase: 'confirmed', id, notes: [], lasts: 'boot' }) as unknown as Transaction
const rolledBack = (id: string): Transaction =>
  ({ phase: 'rolled-back', id, by: 'timer', notes: [], plan: null }) as unknown as Transaction

/** The part that all phases share, with a server that lets everybody in. */
function shared() {
  const waysBack: (readonly WayIn[])[] = []
  const logins: Parameters<Host['proveFreshLogin']>[0][] = []
  const fresh: FreshLogin = {
    exec: async () => ok({ status: 0, stdout: '0\n', stderr: '' }),
    ...{ elapsedMs: 1, session: hostFacts.session, method: say`key`, close: () => {} },
  }
  const host = {
    comeBackBy: (ways: readonly WayIn[]) => void waysBack.push(ways),
    exec: async () => ok({ status: 0, stdout: '', stderr: '' }),
    proveFreshLogin: async (options: Parameters<Host['proveFreshLogin']>[0]) => {
      logins.push(options)
      return ok(fresh)
    },
  } as unknown as TransactionDeps['host']
  const clock = handClock()
  const context = createContext({ host, clock, settleMs: 1, facts: () => hostFacts, newId: () => 'holder' })
  const proved = async (id: string, of: ChangePlan, secrets = NO_SECRETS): Promise<Transaction> => {
    context.begin(id, of, secrets)
    context.set({ phase: 'applying', timer: timer(id), stages } as unknown as Transaction)
    const proving = prove(context)
    clock.advance(1)
    await proving
    return context.state()
  }
  return { context, logins, proved, waysBack }
}
const NO_SECRETS: ReadonlyMap<string, string> = new Map()
const timer = (id: string) => ({ id, mine: true, firesAt: 1e12, windowSeconds: 30 })

describe('a change that makes the operator’s successor', () => {
  test('is proved by a login as that one, and the proof says so', async () => {
    const { logins, proved } = shared()
    const state = await proved('a', plan('dora', create))
    expect(logins).toEqual([{ user: 'dora' }])
    expect(state).toMatchObject({
      phase: 'awaiting-confirm',
      proof: { outcome: 'works', detail: '198.51.100.20 → :22 as dora by key, root works' },
    })
  })

  test('is proved on the port that it moves sshd to as well', async () => {
    const { logins, proved } = shared()
    await proved('a', { ...plan('dora', create), newPorts: [2222] })
    expect(logins).toEqual([{ port: 2222, user: 'dora' }])
  })

  test('with a password is proved by it, then and later, and comes back by it', async () => {
    const { context, logins, proved, waysBack } = shared()
    await proved('a', plan('dora', create), new Map([['dora', 'open sesame']]))
    context.set(confirmed('a'))
    await proved('b', plan(null))
    const dora = { user: 'dora', sudoPassword: 'open sesame' }
    expect(logins).toEqual([dora, dora])
    expect(waysBack.at(-1)).toEqual([dora, {}])
  })

  test('leaves the login of a change that makes none as it was: the operator’s own', async () => {
    const { logins, proved } = shared()
    const state = await proved('a', plan(null))
    expect(logins).toEqual([{}])
    expect(state).toMatchObject({ proof: { detail: '198.51.100.20 → :22 by key, root works' } })
  })

  test('once confirmed, later changes are proved as that one too', async () => {
    const { context, logins, proved } = shared()
    await proved('a', plan('dora', create))
    context.set(confirmed('a'))
    await proved('b', plan(null))
    expect(logins).toEqual([{ user: 'dora' }, { user: 'dora' }])
    context.set(confirmed('b'))
    await proved('c', plan(null))
    expect(logins[2]).toEqual({ user: 'dora' })
    context.set(confirmed('c'))
    await proved('d', plan('erin', { ...create, name: 'erin' }))
    expect(logins[3]).toEqual({ user: 'erin' })
  })

  test('that is rolled back leaves nobody in the operator’s place', async () => {
    const { context, logins, proved } = shared()
    await proved('a', plan('dora', create))
    context.set(rolledBack('a'))
    await proved('b', plan(null))
    expect(logins).toEqual([{ user: 'dora' }, {}])
  })

  test('that is undone later is proved by the operator’s own login again, from then on', async () => {
    const { context, logins, proved } = shared()
    await proved('a', plan('dora', create))
    context.set(confirmed('a'))
    await proved('b', plan(null, { verb: 'lock', name: 'dora', was: 'set' }))
    expect(logins[1]).toEqual({})
    context.set(rolledBack('b'))
    await proved('c', plan(null, { verb: 'lock', name: 'pat', was: 'set' }))
    expect(logins[2]).toEqual({ user: 'dora' })
    context.set(rolledBack('c'))
    await proved('d', plan(null, { verb: 'lock', name: 'dora', was: 'set' }))
    context.set(confirmed('d'))
    await proved('e', plan(null))
    expect(logins.slice(3)).toEqual([{}, {}])
  })
})

describe('a console that loses its link', () => {
  const DORA = { user: 'dora' }

  test('comes back as the successor first, so that no login is refused; as himself where it is rolled back', async () => {
    const { context, proved, waysBack } = shared()
    await proved('a', plan('dora', create))
    expect(waysBack.at(-1)).toEqual([DORA, {}])
    context.set(rolledBack('a'))
    expect(waysBack.at(-1)).toEqual([{}])
    await proved('b', { ...plan('dora', create), newPorts: [2222] })
    context.set(confirmed('b'))
    await proved('c', plan(null))
    expect(waysBack.at(-1)).toEqual([DORA, {}, { ...DORA, port: 2222 }, { port: 2222 }])
    context.set(rolledBack('c'))
    expect(waysBack.at(-1)).toEqual([DORA, {}, { ...DORA, port: 2222 }, { port: 2222 }])
  })

  test('tries both while the successor is being taken away, and the operator alone once he is', async () => {
    const { context, proved, waysBack } = shared()
    await proved('a', plan('dora', create))
    context.set(confirmed('a'))
    await proved('b', plan(null, { verb: 'lock', name: 'dora', was: 'set' }))
    expect(waysBack.at(-1)).toEqual([{}, DORA])
    context.set(confirmed('b'))
    expect(waysBack.at(-1)).toEqual([{}])
  })

  test('does so too while what makes the successor root is taken away, and not while it comes', async () => {
    const sudoers = (text: string | null): ChangePlan => {
      const file = { kind: 'file', path: '/etc/sudoers.d/hardtui-dora', text, was: null }
      return { ...plan(null), steps: [file as unknown as ChangePlan['steps'][number]] }
    }
    const { context, logins, proved, waysBack } = shared()
    await proved('a', plan('dora', create))
    context.set(confirmed('a'))
    await proved('b', sudoers(null))
    expect([waysBack.at(-1), logins.at(-1)]).toEqual([[{}, DORA], {}])
    context.set(rolledBack('b'))
    await proved('c', sudoers('dora ALL=(ALL:ALL) NOPASSWD: ALL'))
    expect([waysBack.at(-1), logins.at(-1)]).toEqual([[DORA, {}], DORA])
  })
})

describe('the end of such a change', () => {
  const words = 'Log in as dora from here on, as this console does when it has to come back.'
  const notes = (state: Transaction) => ('notes' in state ? state.notes.map(({ text }) => text) : [])

  test('says whom to log in as, and on which port', async () => {
    const server = await waiting({}, onePlan({ proofAs: 'dora' }))
    await server.transactions.confirm()
    expect(notes(server.transactions.state())).toEqual([words])
    const both = await waiting({}, onePlan({ proofAs: 'dora', newPorts: [2222] }))
    await both.transactions.confirm()
    expect(notes(both.transactions.state())).toEqual([words, expect.stringContaining('SSH is on port 2222 now')])
  })

  test('says so also where somebody else confirmed it, and this console finds it confirmed', async () => {
    const server = await waiting({}, onePlan({ proofAs: 'dora' }))
    server.answer('status', over('confirmed', '@note by ops'))
    await server.transactions.look()
    expect(notes(server.transactions.state())).toEqual([words, 'by ops'])
  })

  test('says nothing of it where nobody was made, or it was rolled back', async () => {
    const server = await waiting()
    await server.transactions.confirm()
    expect(notes(server.transactions.state())).toEqual([])
    const back = await waiting({}, onePlan({ proofAs: 'dora' }))
    await back.transactions.rollback()
    expect(notes(back.transactions.state())).toEqual([])
  })
})

test('what needs a new login is done over one as the successor, where none is kept', async () => {
  const { context, logins, proved } = shared()
  await proved('a', plan('dora', create))
  context.keepFresh(null)
  await overFreshLogin(context, (login) =>
    login.exec({ argv: ['true'], privilege: 'root', effect: 'read', timeoutMs: 1 }),
  )
  expect(logins).toEqual([{ user: 'dora' }, { user: 'dora' }])
})
