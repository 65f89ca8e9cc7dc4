import { describe, expect, test } from 'vitest'
import type { Question } from '../../../src/services/model/host.ts'
import { say } from '../../../src/services/model/safe.ts'
import { headless, settled } from '../../support/headless.ts'

const PASSWORD: Question = { kind: 'password', user: say`ops`, host: say`web1`, attempt: 1 }
const HOST_KEY: Question = {
  kind: 'host-key',
  host: say`web1`,
  keyType: say`ED25519`,
  fingerprint: say`SHA256:x`,
  file: say`~/.ssh/known_hosts`,
}
const factor = (...prompts: readonly boolean[]): Question => ({
  kind: 'keyboard-interactive',
  user: say`ops`,
  host: say`web1`,
  round: 1,
  name: say``,
  instructions: [],
  prompts: prompts.map((echo, at) => ({ text: say`Code ${at}:`, echo })),
})

/** A console that is asked things, and what it answered. */
function asked() {
  const { console } = headless()
  const given: (readonly string[] | null)[] = []
  const queue = () => console.store.getState().questions.queue
  return {
    console,
    given,
    queue,
    ask: (question: Question, over?: AbortSignal) =>
      void console.actions.ask(question, over).then((answers) => given.push(answers)),
    press: async (...keys: readonly string[]) => {
      console.press(keys)
      await settled()
    },
    type: (text: string) => console.press([...text].map((char) => (char === ' ' ? 'Space' : char))),
    typed: () => queue()[0]?.field.text,
  }
}

describe('a question', () => {
  test('is answered with what was typed or pasted, and gone', async () => {
    const { ask, console, given, press, queue, type, typed } = asked()
    ask(PASSWORD)
    type('q ?x')
    await press('Backspace')
    console.paste('geheim\nzwei')
    expect(typed()).toBe('q ?geheim')
    await press('Enter')
    expect([given, queue()]).toEqual([[['q ?geheim']], []])
  })

  test('that is cancelled is answered with nothing', async () => {
    const { ask, given, press, queue } = asked()
    ask(PASSWORD)
    await press('Esc')
    expect([given, queue()]).toEqual([[null], []])
  })

  test('waits for the one before it, which gets the keys', async () => {
    const { ask, given, press, queue, type } = asked()
    ask(PASSWORD)
    ask(HOST_KEY)
    type('one')
    expect(queue().map(({ field }) => field.text)).toEqual(['one', ''])
    await press('Enter')
    expect([given, queue().map(({ question }) => question.kind)]).toEqual([[['one']], ['host-key']])
    await press('Esc')
    expect(given).toEqual([['one'], null])
  })

  test('of a host’s key takes the whole word and no other', async () => {
    const { ask, given, press, queue, type, typed } = asked()
    ask(HOST_KEY)
    type('y')
    await press('Enter')
    expect([typed(), queue()[0]?.error]).toEqual(['', expect.stringMatching(/^Type yes, all three letters/)])
    type('yes')
    expect(queue()[0]?.error).toBeNull()
    await press('Enter')
    expect(given).toEqual([['yes']])
  })

  test('of several prompts is answered one after the other, and of none at once', async () => {
    const { ask, given, press, queue, type, typed } = asked()
    ask(factor(true, false))
    type('12')
    await press('Enter')
    expect([given, queue()[0]?.answers, typed()]).toEqual([[], ['12'], ''])
    type('34')
    await press('Enter')
    ask(factor())
    await press('Enter')
    expect(given).toEqual([['12', '34'], []])
  })

  test('that nobody waits for any longer is taken away, unasked or asked', async () => {
    const { ask, given, queue } = asked()
    const over = new AbortController()
    ask(PASSWORD, over.signal)
    ask(HOST_KEY)
    over.abort()
    ask(PASSWORD, over.signal)
    await settled()
    expect([given, queue().map(({ question }) => question.kind)]).toEqual([[null, null], ['host-key']])
  })

  test('is given up with all others when the console is left', async () => {
    const { ask, console, given, queue } = asked()
    ask(PASSWORD)
    ask(HOST_KEY)
    console.actions.leave(0)
    await settled()
    expect([given, queue()]).toEqual([[null, null], []])
  })

  test('is none where nothing is asked', () => {
    const { console, given, queue } = asked()
    console.actions.submitAnswer()
    console.actions.typeAnswer('x')
    console.actions.pasteAnswer('x')
    console.actions.cancelQuestion()
    expect([given, queue()]).toEqual([[], []])
  })
})

describe('once it is answered by one who may ask again', () => {
  test('its sheet stays, and what is typed is for the next of its kind', async () => {
    const { ask, given, press, queue, type, typed } = asked()
    const over = new AbortController()
    ask(PASSWORD, over.signal)
    type('eins')
    await press('Enter')
    expect([given, queue()[0], typed()]).toEqual([
      [['eins']],
      expect.objectContaining({ answered: true, answers: [] }),
      '',
    ])
    type('zwei')
    await press('Enter')
    expect(given).toEqual([['eins']])
    ask({ ...PASSWORD, attempt: 2 }, over.signal)
    expect([queue().length, typed(), queue()[0]?.answered]).toEqual([1, 'zwei', false])
    await press('Enter')
    expect(given).toEqual([['eins'], ['zwei']])
    over.abort()
    expect(queue()).toEqual([])
    expect(given).toEqual([['eins'], ['zwei']])
  })

  test.each([
    ['a prompt that shows it', factor(true)],
    ['one that hides it', factor(false)],
    ['a host’s key', HOST_KEY],
  ])('what is typed is not for %s', async (_name, next) => {
    const { ask, press, queue, type, typed } = asked()
    const over = new AbortController()
    ask(PASSWORD, over.signal)
    await press('Enter')
    type('zwei')
    ask(next, over.signal)
    expect([queue().length, typed()]).toEqual([1, ''])
  })

  test('another’s question stands behind it', async () => {
    const { ask, press, queue } = asked()
    const over = new AbortController()
    ask(PASSWORD, over.signal)
    await press('Enter')
    ask(HOST_KEY, new AbortController().signal)
    ask(HOST_KEY)
    expect(queue().map(({ question, answered }) => [question.kind, answered])).toEqual([
      ['password', true],
      ['host-key', false],
      ['host-key', false],
    ])
  })

  test('Esc takes its sheet away, and answers the next of the same asker with nothing', async () => {
    const { ask, given, press, queue } = asked()
    const [over, other] = [new AbortController(), new AbortController()]
    ask(PASSWORD, over.signal)
    await press('Enter', 'Esc')
    expect([given, queue()]).toEqual([[['']], []])
    ask({ ...PASSWORD, attempt: 2 }, over.signal)
    ask(PASSWORD, other.signal)
    await settled()
    expect([given, queue().length]).toEqual([[[''], null], 1])
  })

  test('an answer that was in time for nobody leaves no sheet', async () => {
    const { ask, given, press, queue } = asked()
    ask(PASSWORD)
    await press('Enter')
    expect([given, queue()]).toEqual([[['']], []])
  })
})
