import { describe, expect, test } from 'vitest'
import type { Blocker } from '../../../src/services/model/plan.ts'
import { say } from '../../../src/services/model/safe.ts'
import { hostFacts } from '../../support/plans.ts'
import {
  LOST,
  onePlan,
  over,
  pending,
  REFUSED,
  scriptedServer,
  TIMED_OUT,
  turn,
  waiting,
} from '../../support/scripted-server.ts'

const blocker = (kind: Blocker['kind']): Blocker => ({ kind, message: say`it is ${say`blocked`}`, next: say`Mend it.` })
const stagesOf = (state: object): readonly string[] =>
  'stages' in state ? (state.stages as { id: string; state: string }[]).map((line) => `${line.id} ${line.state}`) : []

describe('applying', () => {
  test('goes through its phases in order, and comes to rest waiting for a confirm', async () => {
    const server = await waiting()
    const phases = server.states.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1])
    expect(phases).toEqual(['checking', 'arming', 'applying', 'verifying', 'proving', 'awaiting-confirm'])
    expect(server.asked).toEqual(['arm', 'start-apply', 'login', 'login: id', 'login: note_proof'])
    expect(server.words('arm')[0]).toBe('tx1')
    expect(server.words('start-apply')).toEqual(['start-apply', 'tx1'])
  })

  test.each(['conflict', 'drift', 'irreversible', 'missing-tool', 'no-privilege'] as const)(
    'is refused before the server is asked anything where the plan has a blocker of kind %s',
    async (kind) => {
      const server = scriptedServer()
      const plan = onePlan({ blockers: [blocker('lock-out'), blocker(kind)] })
      await server.rest(server.transactions.apply(plan))
      expect(server.transactions.state()).toMatchObject({
        phase: 'aborted',
        reason: 'it is blocked',
        next: 'Mend it.',
        plan,
      })
      expect(server.asked).toEqual([])
    },
  )

  test('goes on where the only blocker is a lock-out, which the operator has overridden', async () => {
    const server = await waiting({}, onePlan({ blockers: [blocker('lock-out')] }))
    expect(server.transactions.state().phase).toBe('awaiting-confirm')
  })

  test('does nothing before the host is known', async () => {
    const server = await waiting({ facts: () => null })
    expect(server.transactions.state().phase).toBe('idle')
    expect(server.asked).toEqual([])
  })

  test('does nothing while another change is pending', async () => {
    const server = await waiting()
    const before = server.transactions.state()
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.transactions.state()).toBe(before)
    expect(server.asked.filter((one) => one === 'arm')).toHaveLength(1)
  })
})

describe('arming', () => {
  test('names this console to the server by its login and its connection', async () => {
    const server = await waiting()
    const { clientAddress, clientPort, serverAddress, serverPort } = hostFacts.session
    expect(server.words('arm').slice(3)).toEqual([
      'root',
      clientAddress,
      `${clientAddress} ${clientPort} ${serverAddress} ${serverPort}`,
      'console',
    ])
  })

  test('shows each step as the server tells of it, with the time it took', async () => {
    const server = scriptedServer()
    let answer = (_: string): void => {}
    server.answer('arm', new Promise<string>((resolve) => (answer = resolve)))
    const applying = server.transactions.apply(onePlan())
    expect(server.transactions.state()).toMatchObject({ phase: 'checking' })
    expect(stagesOf(server.transactions.state())).toContain('checked running')
    server.clock.advance(700)
    answer('noise\n@checked\nnoise\n@other\n@checkpoint 12 KB \n@armed tx1 3000 09:18:37 09:18:07\n@triggers systemd\n')
    await server.rest(applying)
    const arming = server.states.filter(({ phase }) => phase === 'arming')
    expect(arming.map((state) => stagesOf(state).slice(0, 3))).toEqual([
      ['checked done', 'checkpoint waiting', 'armed running'],
      ['checked done', 'checkpoint done', 'armed running'],
    ])
    expect(arming[0]).toMatchObject({ stages: expect.arrayContaining([expect.objectContaining({ elapsedMs: 700 })]) })
    expect(server.states.find(({ phase }) => phase === 'applying')).toMatchObject({
      stages: [
        { id: 'checked', state: 'done', elapsedMs: 700 },
        { id: 'checkpoint', state: 'done', detail: '12 KB' },
        { id: 'armed', state: 'done', detail: 'systemd', elapsedMs: 700 },
        { id: 'applied', state: 'running' },
        { id: 'verified', state: 'waiting' },
        { id: 'proved', state: 'waiting' },
      ],
    })
  })

  test('takes the deadline from the server, and the time left by this machine’s clock', async () => {
    const server = scriptedServer()
    const began = server.clock.now()
    const plan = onePlan({ rollbackAfterSeconds: 45 })
    await server.rest(server.transactions.apply(plan))
    expect(server.transactions.state()).toMatchObject({
      timer: {
        id: 'tx1',
        owner: 'root',
        from: '198.51.100.20',
        armedAt: '09:18:07',
        deadlineAt: '09:18:37',
        firesAt: began + 30_000,
        windowSeconds: 45,
        mine: true,
        taken: null,
        summary: ['v4 filter INPUT -p tcp -m tcp --dport 80 -j ACCEPT'],
        first: null,
      },
    })
  })

  test('that the server refuses is given up with its reason, and the plan is given back', async () => {
    const server = scriptedServer()
    server.answer('arm', { status: 3, stdout: '@refused disk no space in /var/lib\n' })
    const plan = onePlan()
    await server.rest(server.transactions.apply(plan))
    expect(server.transactions.state()).toMatchObject({
      phase: 'aborted',
      reason: 'no space in /var/lib',
      next: 'Make room or mount it read-write, then try again.',
      plan,
    })
    expect(stagesOf(server.transactions.state())[0]).toBe('checked failed')
    expect(server.asked).toEqual(['arm'])
  })

  test.each([
    [{ status: 2, stdout: '', stderr: 'first\nsh: not found\n' }, 'Arming ended with status 2: sh: not found'],
    [{ status: 1, stdout: '', stderr: '' }, 'Arming ended with status 1: no reason given'],
    [{ status: 0, stdout: '@checked\n', stderr: '' }, 'Arming ended with status 0: no reason given'],
    [{ status: 1, stdout: '@armed tx1 3000 a b\n', stderr: 'killed' }, 'Arming ended with status 1: killed'],
  ])('that ends without a timer or with a failure applies nothing: %j', async (output, reason) => {
    const server = scriptedServer()
    server.answer('arm', output)
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.transactions.state()).toMatchObject({ phase: 'aborted', reason })
    expect(server.asked).toEqual(['arm'])
  })

  test.each([LOST, TIMED_OUT])('that is not answered leaves in doubt whether the timer runs (%j)', async (error) => {
    const server = scriptedServer()
    server.answer('arm', error)
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.transactions.state()).toMatchObject({
      phase: 'in-doubt',
      timer: null,
      doubt: expect.stringContaining('No answer while arming'),
    })
    expect(server.asked).toEqual(['arm'])
  })

  test('that could not be asked at all is given up with the reason', async () => {
    const server = scriptedServer()
    server.answer('arm', REFUSED)
    const plan = onePlan()
    await server.rest(server.transactions.apply(plan))
    expect(server.transactions.state()).toMatchObject({
      phase: 'aborted',
      reason: REFUSED.message,
      next: REFUSED.next,
      plan,
    })
  })
})

describe('what is armed', () => {
  test('is applied and verified with the time it took', async () => {
    const server = scriptedServer()
    let answer = (_: string): void => {}
    server.answer('start-apply', new Promise<string>((resolve) => (answer = resolve)))
    const applying = server.transactions.apply(onePlan())
    await turn()
    expect(server.transactions.state().phase).toBe('applying')
    server.clock.advance(900)
    answer('@applied 1 rule \n')
    await server.rest(applying)
    expect(server.transactions.state()).toMatchObject({
      stages: expect.arrayContaining([
        { id: 'applied', state: 'done', detail: '1 rule', elapsedMs: 900 },
        { id: 'verified', state: 'done', detail: 'server is as planned', elapsedMs: null },
      ]),
    })
  })

  test('is seen to roll back where applying fails, and no login is tried', async () => {
    const server = scriptedServer()
    server.answer('start-apply', '@failed rules are not as planned\n')
    await server.rest(server.transactions.apply(onePlan()))
    const state = server.transactions.state()
    expect(state).toMatchObject({ phase: 'rolling-back', cause: 'failure', timer: { id: 'tx1' } })
    expect(state).toMatchObject({
      stages: expect.arrayContaining([expect.objectContaining({ id: 'applied', state: 'failed' })]),
    })
    expect(server.asked).toEqual(['arm', 'start-apply'])
  })

  test('is asked about where it is gone before it was applied', async () => {
    const server = scriptedServer()
    server.answer('start-apply', '@gone\n')
    server.answer('status', over('rolled-back-timer'))
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.transactions.state()).toMatchObject({ phase: 'rolled-back', by: 'timer' })
    expect(server.asked).toEqual(['arm', 'start-apply', 'status'])
  })

  test.each(['', LOST])('is in doubt where applying is not answered, and no login is tried (%j)', async (answer) => {
    const server = scriptedServer()
    server.answer('start-apply', answer)
    server.answer('status', pending())
    await server.rest(server.transactions.apply(onePlan()))
    expect(server.transactions.state()).toMatchObject({
      phase: 'in-doubt',
      timer: { id: 'tx1' },
      doubt: expect.stringContaining('No answer while applying'),
    })
    expect(server.asked).toEqual(['arm', 'start-apply'])
  })
})
