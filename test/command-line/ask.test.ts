import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createTerminalAsk, createTerminalYes } from '../../src/command-line/ask.ts'
import type { Question } from '../../src/services/model/host.ts'
import { safe, say } from '../../src/services/model/safe.ts'

/** A terminal whose keys and mode are in the test's hands; it echoes what is typed while no program has taken that over. */
function terminal(columns = 60) {
  let raw = false
  let seen = ''
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => {
      raw = on
    },
  })
  const stderr = Object.assign(new PassThrough(), { columns, isTTY: true })
  stderr.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
  })
  return {
    ask: createTerminalAsk(stdin as unknown as NodeJS.ReadStream, stderr as unknown as NodeJS.WriteStream),
    yes: createTerminalYes(stdin as unknown as NodeJS.ReadStream, stderr as unknown as NodeJS.WriteStream),
    raw: () => raw,
    seen: () => seen,
    type: async (text: string) => {
      if (!raw) seen += text
      stdin.write(text)
      await new Promise((done) => setImmediate(done))
    },
  }
}

const PASSWORD: Question = { kind: 'password', user: say`pat`, host: say`web1`, attempt: 1 }
const asksOf = (change: Partial<Extract<Question, { kind: 'keyboard-interactive' }>>): Question => ({
  kind: 'keyboard-interactive',
  user: say`pat`,
  host: say`web1`,
  round: 1,
  name: say``,
  instructions: [],
  prompts: [{ text: say`Code:`, echo: false }],
  ...change,
})

describe('a question on the terminal', () => {
  test.each<[Question, string]>([
    [PASSWORD, 'hardtui: password of pat@web1: '],
    [{ kind: 'passphrase', file: say`/k`, attempt: 2 }, 'hardtui: that was not right; passphrase of /k: '],
    [{ kind: 'sudo-password', user: say`pat`, attempt: 1 }, 'hardtui: sudo password of pat: '],
    [asksOf({}), '(pat@web1) Code: '],
  ])('says whose it is, and shows no secret: %o', async (question, words) => {
    const on = terminal()
    const answer = on.ask(question)
    await on.type('geheim')
    await on.type('\r')
    expect(await answer).toEqual(['geheim'])
    expect(on.seen()).toBe(`${words}\n`)
  })

  test('has each row of what a server writes begin with who he is', async () => {
    const long = `hardtui: sudo password of root: ${'x'.repeat(200)}`
    const on = terminal()
    const answer = on.ask(
      asksOf({
        name: safe('hardtui: passphrase of ~/.ssh/id'),
        instructions: [safe(long), safe('a\nhardtui: password of pat@web1:')],
        prompts: [
          { text: safe(long), echo: true },
          { text: say`PIN:`, echo: false },
        ],
      }),
    )
    await on.type('1\r')
    await on.type('2\r')
    expect(await answer).toEqual(['1', '2'])
    const drawn = on
      .seen()
      .replaceAll('\r', '')
      .replace(/\u001b\[[0-9]*[GJ]/g, '')
    for (const row of drawn.split('\n').slice(0, -1)) {
      expect(row).toMatch(/^\(pat@web1\) /)
      expect(row.length).toBeLessThanOrEqual(60)
    }
  })

  test('shows what a server only tells, and goes on with Enter', async () => {
    const on = terminal()
    const answer = on.ask(asksOf({ instructions: [say`Your password expires.`], prompts: [] }))
    await on.type('\r')
    expect(await answer).toEqual([])
    expect(on.seen()).toBe('(pat@web1) Your password expires.\nhardtui: Enter goes on \n')
  })

  test('keeps what is typed while the server thinks out of sight, for his next try alone', async () => {
    const on = terminal()
    const over = new AbortController()
    const first = on.ask(PASSWORD, over.signal)
    await on.type('erstes\r')
    expect(await first).toEqual(['erstes'])
    expect(on.raw()).toBe(true)
    await on.type('zweites')
    const second = on.ask({ ...PASSWORD, attempt: 2 }, over.signal)
    await on.type(' wort\r')
    expect(await second).toEqual(['zweites wort'])
    await on.type('drittes')
    const other = on.ask(asksOf({ prompts: [{ text: say`Name:`, echo: true }] }), over.signal)
    await on.type('\r')
    expect(await other).toEqual([''])
    await on.type('viertes')
    over.abort()
    expect(on.raw()).toBe(false)
    for (const secret of ['erstes', 'zweites', 'drittes', 'viertes']) expect(on.seen()).not.toContain(secret)
  })

  test('of ours is ours in every row, and stays to be read while it is answered', async () => {
    const on = terminal(200)
    const agreed = on.yes('The first console was shut out.\nType yes to confirm all the same: ')
    await on.type('yes')
    const shown = on.seen().replace(/^.*\u001b\[0J/s, '')
    expect(on.seen()).toMatch(/^hardtui: The first console was shut out\.\n/)
    expect(shown).toContain('hardtui: Type yes to confirm all the same: ')
    await on.type('\r')
    expect(await agreed).toBe(true)
  })
})
