import { describe, expect, test } from 'vitest'
import { type AskDns, type DnsWay, ROOT_QUESTION } from '../../../src/services/model/dns.ts'
import { say } from '../../../src/services/model/safe.ts'
import {
  LOST,
  onePlan,
  over,
  pending,
  REFUSED,
  SETTLE_MS,
  scriptedServer,
  TIMED_OUT,
  turn,
  waiting,
} from '../../support/scripted-server.ts'

const UNREACHABLE = { ...TIMED_OUT, kind: 'unreachable' as const }
const proofOf = (state: object) => ('proof' in state ? state.proof : null)

/** A console whose change was armed and applied, and whose proof is about to begin. */
async function proving(...given: Parameters<typeof scriptedServer>) {
  const server = scriptedServer(...given)
  const applying = server.transactions.apply(onePlan())
  await turn()
  expect(server.transactions.state().phase).toBe('proving')
  return { server, applying }
}

describe('the proof', () => {
  test('is a new login that becomes root, kept for the confirm', async () => {
    const server = await waiting()
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      proof: { outcome: 'works', detail: '198.51.100.20 → :22 by publickey, root works', elapsedMs: 40 },
      notice: null,
      stages: expect.arrayContaining([
        { id: 'proved', state: 'done', detail: '198.51.100.20 → :22 by publickey, root works', elapsedMs: 40 },
      ]),
    })
    expect(server.open()).toBe(1)
  })

  test('is tried only once the change had time to show its harm', async () => {
    const { server, applying } = await proving()
    expect(server.transactions.state()).toMatchObject({
      stages: expect.arrayContaining([expect.objectContaining({ id: 'proved', state: 'running' })]),
    })
    server.clock.advance(SETTLE_MS - 1)
    await turn()
    expect(server.asked).not.toContain('login')
    server.clock.advance(1)
    await applying
    expect(server.asked).toContain('login')
  })

  test('fails where the new login can not become root, and that login is closed', async () => {
    const server = scriptedServer()
    server.answer('id', '1000\n')
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      proof: { outcome: 'fails', why: { kind: 'no-privilege', message: expect.stringContaining('become root') } },
      stages: expect.arrayContaining([
        expect.objectContaining({ id: 'proved', state: 'failed', detail: expect.stringContaining('become root') }),
      ]),
    })
    expect(server.open()).toBe(0)
  })

  test('fails with what was said where root could not even be asked for', async () => {
    const server = scriptedServer()
    server.answer('id', REFUSED)
    await server.rest(server.transactions.apply(onePlan()))
    expect(proofOf(server.transactions.state())).toEqual({ outcome: 'fails', why: REFUSED })
    expect(server.open()).toBe(0)
  })

  test('fails with the reason where no login gets through', async () => {
    const server = scriptedServer()
    server.login = REFUSED
    await server.rest(server.transactions.apply(onePlan()))
    expect(proofOf(server.transactions.state())).toEqual({ outcome: 'fails', why: REFUSED })
    expect(server.open()).toBe(0)
  })

  test('is tried on the port that the change moves sshd to', async () => {
    const server = await waiting({}, onePlan({ newPorts: [2222, 2200] }))
    expect(server.loginPorts).toEqual([2222])
    expect(server.transactions.state()).toMatchObject({ proof: { detail: expect.stringContaining('→ :2222 by') } })
    expect((await waiting()).loginPorts).toEqual([undefined])
  })

  test('that is made again closes the login of the one before', async () => {
    const server = await waiting()
    await server.rest(server.transactions.prove())
    expect(server.loginPorts).toHaveLength(2)
    expect(server.open()).toBe(1)
  })

  test('that fails when it is made again leaves no login of before to confirm over', async () => {
    const server = await waiting()
    server.login = REFUSED
    await server.rest(server.transactions.prove())
    expect(server.open()).toBe(0)
    server.asked.length = 0
    await server.transactions.confirm()
    expect(server.asked).toEqual(['login'])
    expect(server.transactions.state().phase).toBe('awaiting-confirm')
  })

  test('is nothing where nothing is pending', async () => {
    const server = scriptedServer()
    await server.transactions.prove()
    expect(server.asked).toEqual([])
    expect(server.states).toEqual([])
  })
})

describe('a proof that comes too late', () => {
  test('says nothing of a change that is over', async () => {
    const { server, applying } = await proving()
    server.answer('status', over('rolled-back-timer'))
    await server.transactions.look()
    server.clock.advance(SETTLE_MS)
    await applying
    expect(server.transactions.state()).toMatchObject({ phase: 'rolled-back', by: 'timer' })
    expect(server.asked).not.toContain('login: note_proof')
  })

  test('says nothing of another change that is pending meanwhile', async () => {
    const { server, applying } = await proving()
    // The first one ended, somebody else's began, and that one is being proved when the first login comes back.
    server.answer('status', pending({ id: 'other' }))
    await server.transactions.look()
    const again = server.transactions.prove()
    server.login = REFUSED
    expect(server.transactions.state()).toMatchObject({ phase: 'proving', timer: { id: 'other' } })
    const before = server.transactions.state()
    server.answer('id', new Promise(() => {}))
    server.login = null
    server.clock.advance(SETTLE_MS)
    await turn()
    expect(server.transactions.state()).toBe(before)
    void applying
    void again
  })
})

describe('what others are told of the proof', () => {
  test('is that it works, over the login that proved it', async () => {
    const server = await waiting()
    expect(server.asked).toContain('login: note_proof')
    expect(server.words('note_proof')).toEqual(['note_proof', 'tx1', 'console', 'works', ''])
  })

  test('is that it fails and why, over the console’s own connection', async () => {
    const server = scriptedServer()
    server.login = REFUSED
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.asked).toContain('note_proof')
    expect(server.words('note_proof')).toEqual(['note_proof', 'tx1', 'console', 'fails', REFUSED.message])
  })

  test('is nothing where this console did not begin the change', async () => {
    const server = scriptedServer()
    server.answer('status', pending({ id: 'theirs' }))
    await server.transactions.look()
    await server.rest(server.transactions.prove())
    expect(server.transactions.state()).toMatchObject({ timer: { mine: true }, proof: { outcome: 'works' } })
    expect(server.asked).not.toContain('login: note_proof')
  })

  test('is nothing once another console took the change over', async () => {
    const server = await waiting()
    server.answer('status', pending({ holder: 'other' }))
    await server.transactions.look()
    server.asked.length = 0
    await server.rest(server.transactions.prove())
    expect(server.asked).toEqual(['login', 'login: id'])
  })
})

describe('a limit on new logins', () => {
  const limited = (asked: number[] = []) => ({
    limitOnLogins: async (port: number) => {
      asked.push(port)
      return say`INPUT 3`
    },
  })

  test.each([TIMED_OUT, UNREACHABLE])('is named where a login was not heard (%j)', async (login) => {
    const ports: number[] = []
    const server = scriptedServer(limited(ports))
    server.login = login
    await server.rest(server.transactions.apply(onePlan()))
    await turn()
    expect(ports).toEqual([22])
    expect(server.transactions.state()).toMatchObject({
      proof: {
        outcome: 'fails',
        why: {
          kind: login.kind,
          message: ':22 timed out. A rate limit on new logins (INPUT 3) may have dropped it.',
          next: 'Wait a minute, then prove again with p.',
        },
      },
    })
  })

  test('is asked about on the port that sshd moves to', async () => {
    const ports: number[] = []
    const server = scriptedServer(limited(ports))
    server.login = TIMED_OUT
    await server.rest(server.transactions.apply(onePlan({ newPorts: [2222] })))
    expect(ports).toEqual([2222])
  })

  test.each([REFUSED, LOST])('is not asked about where a login was answered or nobody can say (%j)', async (login) => {
    const ports: number[] = []
    const server = scriptedServer(limited(ports))
    server.login = login
    await server.rest(server.transactions.apply(onePlan()))
    expect(ports).toEqual([])
    expect(proofOf(server.transactions.state())).toEqual({ outcome: 'fails', why: login })
  })

  test('that nobody finds changes nothing', async () => {
    const server = scriptedServer({ limitOnLogins: async () => null })
    server.login = TIMED_OUT
    await server.rest(server.transactions.apply(onePlan()))
    expect(proofOf(server.transactions.state())).toEqual({ outcome: 'fails', why: TIMED_OUT })
  })

  test('that is found too late says nothing of a later proof, nor of a change that is over', async () => {
    let found = (): void => {}
    const late = {
      limitOnLogins: () => new Promise<ReturnType<typeof say>>((resolve) => (found = () => resolve(say`x`))),
    }
    const proved = scriptedServer(late)
    proved.login = TIMED_OUT
    const applying = proved.transactions.apply(onePlan())
    await proved.rest(Promise.race([applying, turn().then(turn)]))
    proved.clock.advance(SETTLE_MS)
    await turn()
    proved.login = null
    await proved.rest(proved.transactions.prove())
    found()
    await applying
    expect(proofOf(proved.transactions.state())).toMatchObject({ outcome: 'works' })

    const ended = scriptedServer(late)
    ended.login = TIMED_OUT
    const another = ended.transactions.apply(onePlan())
    await turn()
    ended.clock.advance(SETTLE_MS)
    await turn()
    await ended.transactions.rollback()
    found()
    await another
    expect(ended.transactions.state().phase).toBe('rolled-back')
  })

  test('of a later failure is not put down to an earlier one', async () => {
    const waitingFor: (() => void)[] = []
    const server = scriptedServer({
      limitOnLogins: () => new Promise((resolve) => waitingFor.push(() => resolve(say`INPUT 3`))),
    })
    server.login = TIMED_OUT
    void server.transactions.apply(onePlan())
    await turn()
    server.clock.advance(SETTLE_MS)
    await turn()
    server.login = REFUSED
    await server.rest(server.transactions.prove())
    waitingFor[0]?.()
    await turn()
    expect(proofOf(server.transactions.state())).toEqual({ outcome: 'fails', why: REFUSED })
  })
})

describe('what needs a new login', () => {
  test('is done over the one that is kept, and over none after an answer that is no', async () => {
    const server = await waiting()
    server.asked.length = 0
    server.answer('extend', REFUSED)
    await server.transactions.extend()
    expect(server.asked).toEqual(['login: extend'])
    expect(server.transactions.state()).toMatchObject({ notice: `Not extended: ${REFUSED.message}` })
  })

  test('is done over one made now where the kept one is cut', async () => {
    const server = await waiting()
    server.asked.length = 0
    server.answer('extend', LOST, '@extended tx1\n')
    await server.transactions.extend()
    expect(server.asked).toEqual(['login: extend', 'login', 'login: id', 'login: extend', 'status'])
    expect(server.open()).toBe(1)
  })

  test('is not done over a login that is no root', async () => {
    const server = scriptedServer()
    server.answer('status', pending())
    await server.transactions.look()
    server.answer('id', '1000\n')
    await server.transactions.extend()
    expect(server.asked).not.toContain('login: extend')
    expect(server.transactions.state()).toMatchObject({ notice: expect.stringContaining('become root') })
  })
})

describe('what is asked from outside beside the login', () => {
  const answered =
    (recursion: boolean): AskDns =>
    async () => ({
      state: 'answered',
      recursion,
      authoritative: false,
      truncated: false,
      code: say`NOERROR`,
      answers: 0,
      elapsedMs: 1,
    })
  const outside = [
    { question: ROOT_QUESTION, expects: 'no recursion', family: 'v4', what: say`no recursion for you` },
  ] as const

  test('is told with the proof', async () => {
    const server = await waiting({ askDns: answered(false) }, onePlan({ outside }))
    expect(server.transactions.state()).toMatchObject({
      proof: { outcome: 'works', detail: expect.stringContaining('root works; no recursion for you (udp, tcp)') },
    })
  })

  test('goes to the address that is named for the other family', async () => {
    const ways: DnsWay[] = []
    const askDns: AskDns = (question, way) => {
      ways.push(way)
      return answered(false)(question, way)
    }
    const other = { ...outside[0], family: 'v6', address: '2001:db8::10', what: say`no recursion over v6` } as const
    await waiting({ askDns }, onePlan({ outside: [...outside, other] }))
    expect(ways).toEqual([
      { family: 'v4', transport: 'udp' },
      { family: 'v4', transport: 'tcp' },
      { family: 'v6', transport: 'udp', address: '2001:db8::10' },
      { family: 'v6', transport: 'tcp', address: '2001:db8::10' },
    ])
  })

  test('fails the proof where it is answered otherwise, though the login works', async () => {
    const server = await waiting({ askDns: answered(true) }, onePlan({ outside }))
    expect(server.transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      proof: {
        outcome: 'fails',
        why: { message: 'A new login works, but asked from here over udp: names are still looked up for you.' },
      },
    })
  })
})
