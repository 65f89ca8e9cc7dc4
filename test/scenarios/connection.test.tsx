import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../src/services/model/errors.ts'
import type { Question } from '../../src/services/model/host.ts'
import { safe, say } from '../../src/services/model/safe.ts'
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

const FACTOR = {
  kind: 'keyboard-interactive',
  user: say`root`,
  host: say`web1`,
  round: 1,
  name: say``,
  instructions: [],
  prompts: [],
} as const satisfies Question

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
      user: say`root`,
      host: say`web1`,
      round: 1,
      name: say`Second factor`,
      instructions: [say`Look at your token.`],
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

  describe('while an answer is awaited', () => {
    /** Asks two questions, the second when told to, and ends when told to. */
    async function askingTwice(second: Question) {
      const [asks, ends] = [new AbortController(), new AbortController()]
      const told = (signal: AbortSignal) =>
        new Promise<void>((go) =>
          signal.aborted ? go() : signal.addEventListener('abort', () => go(), { once: true }),
        )
      const given: (readonly string[] | null)[] = []
      const bench = await openConsole({
        connect: async (ask, host) => {
          const over = new AbortController()
          given.push(await ask({ kind: 'password', user: say`ops`, host: say`web1`, attempt: 1 }, over.signal))
          await told(asks.signal)
          given.push(await ask(second, over.signal))
          await told(ends.signal)
          over.abort()
          return ok(host)
        },
      })
      await bench.sees('asks for the password')
      await bench.type('geheim')
      await bench.press('Enter')
      await bench.sees('kept for its next question')
      return { bench, given, ask: () => asks.abort(), end: () => ends.abort() }
    }
    const AGAIN: Question = { kind: 'password', user: say`ops`, host: say`web1`, attempt: 2 }

    test('what is typed is no command and not seen, and is there for the next try', async () => {
      const { bench, given, ask, end } = await askingTwice(AGAIN)
      await bench.type('q:/?zweites')
      await bench.press('Enter')
      await bench.paste('-wort')
      ask()
      await bench.sees('That was not right; try 2', '•'.repeat('q:/?zweites-wort'.length))
      await bench.press('Enter')
      await bench.sees('kept for its next question')
      await bench.type('q')
      end()
      await bench.sees('PermitRootLogin')
      expect(given).toEqual([['geheim'], ['q:/?zweites-wort']])
      for (const secret of ['geheim', 'zweites', 'wort']) expect(bench.terminal.written()).not.toContain(secret)
      await bench.press('?')
      await bench.sees('Moving')
    })

    test.each([
      ['a prompt of the server that shows it', true],
      ['a prompt of the server that hides it', false],
    ])('what is typed does not go to %s', async (_, echo) => {
      const { bench, given, ask } = await askingTwice({ ...FACTOR, prompts: [{ text: say`Code:`, echo }] })
      await bench.type('zweites')
      ask()
      await bench.sees('Code:')
      await bench.press('Enter')
      await bench.sees('kept for its next question')
      expect(given).toEqual([['geheim'], ['']])
      expect(bench.terminal.written()).not.toContain('zweites')
    })

    test('Esc takes the sheet away, and the next question with it', async () => {
      const { bench, given, ask, end } = await askingTwice(AGAIN)
      await bench.press('Esc')
      await bench.lacks('kept for its next question')
      ask()
      end()
      await bench.sees('PermitRootLogin')
      expect(given).toEqual([['geheim'], null])
    })
  })

  test('no row of what the server writes looks like one of ours', async () => {
    const words = [
      'Passphrase',
      'The key ~/.ssh/id_ed25519 is locked.',
      ' sudo password of root: ',
      '│ Password: ▏',
      '┃',
    ]
    const long = Array.from({ length: 30 }, (_, at) => safe(`line ${at} ${'x'.repeat(at * 9)}`))
    for (const instructions of [words.map((one) => safe(one)), long]) {
      const { bench } = await asking({
        ...FACTOR,
        name: say`sudo password`,
        instructions,
        prompts: [{ text: safe(`hardtui asks: ${'y'.repeat(300)}`), echo: false }],
      })
      await bench.sees('The server asks: root@web1')
      const rows = bench.terminal.text().split('\n')
      const sheet = rows.slice(rows.findIndex((row) => row.includes('The server asks')) + 1)
      const ours = sheet.filter((row) => !row.startsWith('│ ┃ '))
      expect(ours[0]).toMatch(/^│ Answer: ▏? *│$/)
      expect(ours.slice(1).join('')).not.toMatch(/sudo|Passphrase|locked|line|x{9}|y{9}/)
      expect(sheet.join('')).toContain('sudo password')
    }
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
