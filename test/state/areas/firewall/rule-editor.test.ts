import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../../../src/services/model/errors.ts'
import { say } from '../../../../src/services/model/safe.ts'
import type { Rehearse } from '../../../../src/services/model/transaction.ts'
import { ruleEditor } from '../../../../src/state/areas/firewall/rule-editor.ts'
import { fakeRehearse } from '../../../support/fake-iptables.ts'
import { awaiting, someTimer } from '../../../support/fake-transactions.ts'
import { cursorTo, type Keys, keysOf, type Options, settled } from '../../../support/headless.ts'
import { RULES_V4 } from '../../../support/probe-texts.ts'

/** The firewall pane with the cursor on a rule. */
async function onRule(text: string, options: Options = {}) {
  const bench = await keysOf(options)
  await bench.press('2')
  cursorTo(bench, text)
  const dialog = () => {
    const one = bench.console.store.getState().view.dialog
    return one?.kind === 'edit' ? one : null
  }
  return { ...bench, dialog, error: () => dialog()?.error ?? null, line: () => dialog()?.field.text ?? '' }
}

/** The same, on a server whose iptables answers when the test says so. */
async function waiting(text: string) {
  const answers: (() => Promise<void>)[] = []
  const tried = fakeRehearse(() => RULES_V4)
  const rehearse: Rehearse = (...asked) =>
    new Promise((resolve) =>
      answers.push(async () => {
        resolve(await tried(...asked))
        await settled()
      }),
    )
  return { ...(await onRule(text, { createRehearse: () => rehearse })), answers }
}

const NEW = '-p tcp --dport 8443 -j ACCEPT'

describe('a line while the server looks at it', () => {
  test('takes neither keys nor a second Enter, and is staged when the answer comes', async () => {
    const { answers, dialog, line, press, shows, staged, type } = await waiting('3306')
    await press('a')
    await type(NEW)
    await press('Enter')
    expect(dialog()?.checking).not.toBeNull()
    await press('Enter', 'x', 'Tab', 'Down')
    expect([answers.length, line(), dialog()?.form]).toEqual([1, NEW, null])
    await answers[0]?.()
    expect([shows(), staged()]).toEqual(['dashboard', ['v4 filter INPUT 5 + -p tcp -m tcp --dport 8443 -j ACCEPT']])
  })

  test('that Esc gave up stages nothing when the answer comes, and opens nothing', async () => {
    const { answers, press, said, shows, staged, type } = await waiting('3306')
    await press('a')
    await type(NEW)
    await press('Enter', 'Esc')
    await answers[0]?.()
    expect([shows(), staged(), said()]).toEqual(['dashboard', [], ''])
  })

  test('is not answered by what was asked for another one', async () => {
    const { answers, line, press, shows, staged, type } = await waiting('3306')
    await press('a')
    await type(NEW)
    await press('Enter', 'Esc', 'a')
    await type('-p udp --dport 53 -j ACCEPT')
    await answers[0]?.()
    expect([shows(), line(), staged()]).toEqual(['dashboard edit', '-p udp --dport 53 -j ACCEPT', []])
    await press('Enter')
    await answers[0]?.()
    expect(staged()).toEqual([])
    await answers[1]?.()
    expect(staged()).toEqual([expect.stringContaining('--dport 53')])
  })

  test('that the server refuses or can’t try stays, and can be sent again', async () => {
    let outcome = 0
    const answers: readonly Awaited<ReturnType<Rehearse>>[] = [
      fail({ kind: 'disconnected', message: say`The link is gone.`, next: say`Wait for it.` }),
    ]
    const bench = await onRule('3306', {
      createRehearse: () => async (family, delta, touches) =>
        answers[outcome++] ?? fakeRehearse(() => RULES_V4)(family, delta, touches),
    })
    await bench.press('a')
    await bench.type(NEW)
    await bench.press('Enter')
    expect([bench.error(), bench.dialog()?.checking]).toEqual(['The link is gone. Wait for it.', null])
    expect(bench.staged()).toEqual([])
    await bench.press('Backspace')
    expect(bench.error()).toBeNull()
    await bench.type('T')
    await bench.press('Enter')
    expect(bench.staged()).toHaveLength(1)
  })
})

describe('a line while another console’s change waits on the server', () => {
  const begin = ({ transactions, clock }: Pick<Keys, 'transactions' | 'clock'>): void =>
    transactions.set(
      awaiting(someTimer(clock.now() + 100_000, { mine: false, owner: say`alice` }), { outcome: 'pending' }),
    )
  const CLOSED = 'Nothing is staged: a change that alice holds is waiting on the server: T shows it.'

  test('is not staged, be its change older or younger than the question', async () => {
    const bench = await waiting('3306')
    await bench.press('a')
    await bench.type(NEW)
    await bench.press('Enter')
    begin(bench)
    await bench.answers[0]?.()
    expect([bench.staged(), bench.error(), bench.dialog()?.checking]).toEqual([[], CLOSED, null])
    await bench.press('Backspace', 'T', 'Enter')
    expect([bench.staged(), bench.error(), bench.answers.length]).toEqual([[], CLOSED, 1])
    bench.transactions.set({ phase: 'idle' })
    await bench.press('Enter')
    await bench.answers[1]?.()
    expect(bench.staged()).toHaveLength(1)
  })
})

describe('a line that is not worth asking about', () => {
  test.each([
    ['a', 'open the door', 'not a match or target'],
    ['a', '-X nowhere', "nowhere can't be deleted: its chain is gone."],
    ['a', '-N INPUT', 'there is such a chain already'],
    ['e', '', 'That is the rule as it is.'],
  ])('%s %j is refused at once', async (key, line, reason) => {
    const { error, press, rehearsals, shows, staged, type } = await onRule('3306')
    await press(key)
    if (line) await type(line)
    await press('Enter')
    expect([shows(), rehearsals(), staged()]).toEqual(['dashboard edit', 0, []])
    expect(error()).toContain(reason)
  })

  test('is one of a rule that has gone since the editor was opened', async () => {
    const { console, error, press, rehearsals, server, shows } = await onRule('3306')
    await press('e')
    const lines = RULES_V4.split('\n').filter((line) => !line.includes('3306'))
    server.texts = { ...server.texts, firewall: { ...server.texts.firewall, iptables: lines.join('\n') } }
    console.actions.refreshOrConnect()
    await settled()
    await press('Backspace', 'T', 'Enter')
    expect([error(), rehearsals(), shows()]).toEqual(['This does not fit: the rule is gone.', 0, 'dashboard edit'])
  })

  test('is the way back of a rule that was edited: nothing of it stays staged', async () => {
    const { press, rehearsals, said, staged, type } = await onRule('dports 80,443')
    await press('e', 'Ctrl-w')
    await type('DROP')
    await press('Enter')
    expect([staged().length, rehearsals()]).toEqual([1, 1])
    await press('e', 'Ctrl-w')
    await type('ACCEPT')
    await press('Enter')
    expect([staged(), rehearsals(), said()]).toEqual([
      [],
      1,
      'The rule is as the server has it again: nothing is staged for it.',
    ])
  })
})

describe('the editor of one rule', () => {
  test.each(['-A OUTPUT -j ACCEPT', '-I INPUT 1 -j ACCEPT', '-t nat -A INPUT -j ACCEPT'])(
    'refuses %s, which is about another place',
    async (line) => {
      const { error, press, staged, type } = await onRule('3306')
      await press('e', 'Ctrl-u')
      await type(line)
      await press('Enter')
      expect([error(), staged()]).toEqual([
        'This edits one rule where it stands. J and K move it; a adds one elsewhere.',
        [],
      ])
    },
  )

  test('takes what else can be typed there: a new chain', async () => {
    const { press, row, said, staged, type } = await onRule('3306')
    await press('e', 'Ctrl-u')
    await type('-N web')
    await press('Enter')
    expect(staged()).toEqual(['v4 filter web + a new chain'])
    expect([row(), said()]).toEqual([expect.stringContaining('web'), 'Staged: v4 filter web + a new chain'])
  })
})

describe('once a line is staged', () => {
  test('the pane shows where the rule went, with the cursor on it', async () => {
    const { console, press, row, type } = await onRule('3306')
    await press('a')
    await type('iptables -t nat -A POSTROUTING -o eth0 -j ACCEPT')
    await press('Enter')
    expect(console.store.getState().view.firewall).toEqual({ family: 'v4', table: 'nat' })
    expect(row()).toContain('-o eth0 -j ACCEPT')
  })

  /** On a server whose iptables prints a line of these rules for the one that was typed. */
  const printing = (...printed: readonly string[]) =>
    onRule('3306', {
      createRehearse: () => async (family, delta, touches) => {
        const tried = await fakeRehearse(() => RULES_V4)(family, delta, touches)
        if (!tried.ok) return tried
        const lines = printed.map((one) => `-A INPUT ${one}`).join('\n')
        return ok({ after: tried.value.after.replace(/^-A INPUT .*--dport 8443 .*$/m, lines) })
      },
    })

  test('of which iptables makes several rules, all are, and it is said', async () => {
    const { press, row, said, staged, type } = await printing('-s 192.0.2.1/32 -j ACCEPT', '-s 192.0.2.2/32 -j ACCEPT')
    await press('a')
    await type(NEW)
    await press('Enter')
    expect(staged()).toEqual([
      'v4 filter INPUT 5 + -s 192.0.2.1/32 -j ACCEPT',
      'v4 filter INPUT 6 + -s 192.0.2.2/32 -j ACCEPT',
    ])
    expect(said()).toBe('iptables makes 2 rules of this line; all are staged.')
    expect(row()).toContain('192.0.2.1/32')
  })

  test('of which it makes none, nothing is, and it is said why', async () => {
    const { dialog, error, press, staged, type } = await printing()
    await press('a')
    await type(NEW)
    await press('Enter')
    expect([staged(), dialog()?.checking]).toEqual([[], null])
    expect(error()).toBe('iptables makes 6 rules of this chain, not 7: give each rule one address.')
  })
})

describe('the form beside the line', () => {
  test('opens with Down, goes through its fields and stays in the last, and Up leads back', async () => {
    const { console, dialog, press } = await onRule('3306')
    await press('e', 'Up')
    expect(dialog()?.form).toBeNull()
    await press('Down')
    const first = dialog()?.form?.field
    expect(dialog()?.form?.input.text).toBe('tcp')
    for (let at = 0; at < 30; at++) await press('Down')
    const last = dialog()?.form
    expect(last?.field).not.toBe(first)
    await press('Down')
    expect(dialog()?.form).toEqual(last)
    for (let at = 0; at < 30; at++) await press('Up')
    expect(dialog()?.form).toBeNull()
    expect(console.store.getState().view.dialog?.kind).toBe('edit')
  })

  test('has choices for the word under the cursor of the line', async () => {
    const { console, dialog, press, type } = await onRule('3306')
    await press('a')
    await type('-p tcp --dport 11')
    const now = dialog()
    if (!now) throw new Error('the editor is closed')
    expect(ruleEditor.choices(now, console.store.getState(), console.lists)).toEqual(['111'])
  })

  test('types into both, and completes the word in the field', async () => {
    const { dialog, line, press, said, type } = await onRule('3306')
    await press('a', 'Down')
    await type('ud')
    expect([line(), dialog()?.form?.input.text]).toEqual(['-p ud', 'ud'])
    await press('Tab')
    expect([line(), dialog()?.form?.input.text]).toEqual(['-p udp', 'udp'])
    await press('Tab')
    expect(said()).toBe('Nothing to complete here: type on, or Down for the form.')
  })
})
