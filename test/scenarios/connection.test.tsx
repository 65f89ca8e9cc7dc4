import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../src/services/model/errors.ts'
import type { Question } from '../../src/services/model/host.ts'
import { say } from '../../src/services/model/safe.ts'
import { type Bench, openConsole } from '../support/console.tsx'

/** Opens a console whose connection asks something first; `given` gets the answers. */
async function asking(question: Question, columns = 80, rows = 24) {
  const given: (readonly string[] | null)[] = []
  const bench = await openConsole({
    columns,
    rows,
    connect: async (ask, host) => {
      const answers = await ask(question)
      given.push(answers)
      return answers
        ? ok(host)
        : fail({ kind: 'cancelled', message: say`Connecting was given up.`, next: say`Press R to try again.` })
    },
  })
  return { bench, given }
}

const HOST_KEY: Question = {
  kind: 'host-key',
  host: say`web1.example.net`,
  keyType: say`ED25519`,
  fingerprint: say`SHA256:uNiVztksCsDhcc0u9e8BrcNzlBYwVJTQ2xPXeB5Bi4Q`,
  file: say`~/.ssh/known_hosts`,
}

describe('connecting', () => {
  test('trusts an unknown host key only after the whole word yes', async () => {
    const { bench, given } = await asking(HOST_KEY)
    await bench.sees('SHA256:uNiVztksCsDhcc0u9e8BrcNzlBYwVJTQ2xPXeB5Bi4Q', 'ED25519')
    await bench.type('y')
    await bench.press('Enter')
    await bench.sees('Type yes')
    expect(given).toEqual([])
    await bench.type('yes')
    await bench.press('Enter')
    await bench.sees('PermitRootLogin')
    expect(given).toEqual([['yes']])
  })

  test.each([
    { kind: 'password', user: say`ops`, host: say`web1`, attempt: 1 },
    { kind: 'passphrase', file: say`~/.ssh/id_ed25519`, attempt: 2 },
    { kind: 'sudo-password', user: say`ops`, attempt: 1 },
  ] as const)('never draws the answer to a $kind question', async (question) => {
    const { bench, given } = await asking(question)
    await bench.sees(question.kind === 'passphrase' ? 'That was not right' : 'password')
    await bench.type('geheim')
    await bench.paste('-more q?')
    await bench.press('Enter')
    await bench.sees('PermitRootLogin')
    expect(given).toEqual([['geheim-more q?']])
    expect(bench.terminal.written()).not.toContain('geheim')
  })

  test('asks one prompt after the other, and shows what the server lets be seen', async () => {
    const { bench, given } = await asking({
      kind: 'keyboard-interactive',
      name: say`Second factor`,
      instructions: say`Look at your token.`,
      prompts: [
        { text: say`Code:`, echo: true },
        { text: say`PIN:`, echo: false },
      ],
    })
    await bench.sees('Second factor', 'Look at your token', 'Code:')
    await bench.type('123456')
    await bench.sees('123456')
    await bench.press('Enter')
    await bench.sees('PIN:')
    await bench.type('0815')
    await bench.press('Enter')
    await bench.sees('PermitRootLogin')
    expect(given).toEqual([['123456', '0815']])
    expect(bench.terminal.written()).not.toContain('0815')
  })

  test('takes a question away that nobody waits for any longer', async () => {
    const over = new AbortController()
    const bench = await openConsole({
      connect: async (ask) => {
        await ask(HOST_KEY, over.signal)
        return fail({ kind: 'cancelled', message: say`web1 closed the connection.`, next: say`Try again.` })
      },
    })
    await bench.sees('SHA256:')
    over.abort()
    await bench.sees('web1 closed the connection')
    await bench.lacks('SHA256:')
  })

  test('gives up on Esc, says so, and tries again with R', async () => {
    const { bench, given } = await asking(HOST_KEY)
    await bench.sees('SHA256:')
    await bench.press('Esc')
    await bench.sees('Connecting was given up', 'try again')
    await bench.press('R')
    await bench.sees('SHA256:')
    await bench.type('yes')
    await bench.press('Enter')
    await bench.sees('PermitRootLogin')
    expect(given).toEqual([null, ['yes']])
  })

  test('leaves with status 1 and the reason when there never was a connection', async () => {
    const bench = await openConsole({
      connect: async () =>
        fail({ kind: 'unreachable', message: say`web1 refuses port 10022.`, next: say`Is sshd running there?` }),
    })
    await bench.sees('web1 refuses port 10022', 'Is sshd running there?')
    await bench.press('q')
    expect(await bench.ended).toBe(1)
    await bench.sees('web1 refuses port 10022')
    expect(bench.terminal.alternate()).toBe(false)
  })
})

describe('a link that is lost', () => {
  const lose = (bench: Bench): void =>
    bench.host.setLink({
      state: 'lost',
      since: bench.clock.now(),
      reason: say`the server closed the connection`,
      nextTryAt: bench.clock.now() + 5000,
    })

  test('shows that it is lost and counts to the next try; what was read stays', async () => {
    const bench = await openConsole()
    lose(bench)
    await bench.sees('LINK LOST', 'next try in 5 s', 'PermitRootLogin')
    bench.clock.advance(2000)
    await bench.sees('next try in 3 s')
  })

  test('reads the server again and asks for a pending change once it is back', async () => {
    const bench = await openConsole()
    lose(bench)
    await bench.sees('LINK LOST')
    const probes = bench.host.probes()
    const looks = bench.transactions.calls.filter((one) => one === 'look').length
    bench.host.setLink({ state: 'up', roundTripMs: 12 })
    await bench.sees('Connected again', 'link 12 ms')
    expect(bench.host.probes()).toBe(probes + 1)
    expect(bench.transactions.calls.filter((one) => one === 'look')).toHaveLength(looks + 1)
  })

  test('keeps applying away until it is back', async () => {
    const bench = await openConsole()
    await bench.press('2', 'g', 'Space')
    await bench.sees('1 staged')
    lose(bench)
    await bench.press('A')
    await bench.sees('no connection to the server')
    expect(bench.transactions.calls).not.toContain('apply')
  })

  test('says that the log is no longer followed', async () => {
    const bench = await openConsole()
    bench.host.endLog()
    await bench.sees('stopped')
  })
})

describe('leaving', () => {
  test('is at once when nothing is staged or pending, and closes the connection', async () => {
    const bench = await openConsole()
    await bench.press('q')
    expect(await bench.ended).toBe(0)
    expect(bench.host.closed()).toBe(true)
  })

  test('asks when something is staged; Ctrl-C asks as q does; Esc stays', async () => {
    const bench = await openConsole()
    await bench.press('2', 'g', 'Space')
    await bench.press('Ctrl-c')
    await bench.sees('Leave hardtui?', '1 staged change is lost')
    await bench.press('Esc')
    await bench.lacks('Leave hardtui?')
    await bench.press('Esc', 'Esc', 'Esc')
    await bench.sees('1 SSH')
    await bench.press('q', 'Y')
    expect(await bench.ended).toBe(0)
  })
})
