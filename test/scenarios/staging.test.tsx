import { describe, expect, test } from 'vitest'
import type { Bench } from '../support/console.tsx'
import { cursorTo, openConsole } from '../support/console.tsx'
import { RULES_V4 } from '../support/probe-texts.ts'

/** Opens the firewall pane with the cursor on a rule. */
async function onRule(text: string, options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await openConsole(options)
  await bench.press('2')
  cursorTo(bench, text)
  return bench
}

async function addRule(bench: Bench, text: string): Promise<void> {
  await bench.press('a')
  await bench.sees('new rule in')
  await bench.type(text)
  await bench.press('Enter')
}

const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

describe('staging', () => {
  test('adds a rule before the one under the cursor, in the wording of the kernel', async () => {
    const bench = await onRule('3306')
    await addRule(bench, '-p tcp --dport 8443 -j ACCEPT')
    await bench.sees('1 staged', /\+ +5 ACCEPT +tcp +dport 8443 .*staged/)
    expect(staged(bench)).toEqual(['v4 filter INPUT 5 + -p tcp -m tcp --dport 8443 -j ACCEPT'])
    expect(bench.rehearsals()).toBe(1)
  })

  test('takes a whole iptables command, pasted, and puts it where it says', async () => {
    const bench = await onRule('3306')
    await bench.press('a')
    await bench.paste('sudo iptables -I INPUT 1 -p tcp --dport 8443 -j ACCEPT\n')
    await bench.press('Enter')
    await bench.sees('1 staged')
    expect(staged(bench)).toEqual(['v4 filter INPUT 1 + -p tcp -m tcp --dport 8443 -j ACCEPT'])
  })

  test('refuses a bad rule with the words of iptables and stages nothing', async () => {
    const bench = await onRule('3306')
    await addRule(bench, '-p tcp --dprot 80 -j ACCEPT')
    await bench.sees('iptables refuses it', '--dprot')
    expect(staged(bench)).toEqual([])
    await bench.press('Esc')
    await bench.lacks('new rule in')
  })

  test('refuses what is no rule at once, without asking the server', async () => {
    const bench = await onRule('3306')
    await addRule(bench, 'open the door')
    await bench.sees('not a match or target')
    expect(bench.rehearsals()).toBe(0)
  })

  test('edits a rule where it stands, with the keys of a shell', async () => {
    const bench = await onRule('dports 80,443')
    await bench.press('e')
    await bench.sees('--dports 80,443')
    await bench.press('Ctrl-w')
    await bench.type('DROP')
    await bench.press('Ctrl-a', 'Right', 'Ctrl-e', 'Enter')
    await bench.sees(/~ +4 DROP/, 'edit staged')
    expect(staged(bench)).toEqual(['v4 filter INPUT 4 ~ -p tcp -m multiport --dports 80,443 -j DROP'])
  })

  test('deletes a rule, shows it crossed out with a word, and keeps it on second thought', async () => {
    const bench = await onRule('3306')
    await bench.press('x')
    await bench.sees('delete staged', '1 staged')
    await bench.press('x')
    await bench.lacks('delete staged')
    expect(staged(bench)).toEqual([])
  })

  test('moves a rule and takes it back where it was', async () => {
    const bench = await onRule('3306')
    await bench.press('K')
    await bench.sees(/~ +4 DROP/, 'move staged')
    await bench.press('J')
    await bench.lacks('move staged')
    expect(staged(bench)).toEqual([])
  })

  test('stages a policy, and says what it was', async () => {
    const bench = await onRule('-i lo')
    await bench.press('P')
    await bench.sees('Policy of v4 filter INPUT: now ACCEPT')
    await bench.press('Enter')
    await bench.sees('Policy of v4 filter INPUT')
    await bench.press('D')
    await bench.sees('policy ACCEPT → DROP', '1 staged')
  })

  test('stages the fix of a finding with Space, and unstages it with Space', async () => {
    const bench = await openConsole()
    await bench.press('2', 'g', 'Space')
    await bench.sees('policy ACCEPT → DROP', '1 staged')
    await bench.press('Space')
    await bench.lacks('1 staged')
  })

  test('undoes and does again, step by step', async () => {
    const bench = await onRule('3306')
    await bench.press('x')
    cursorTo(bench, 'dports 80,443')
    await bench.press('x')
    await bench.sees('2 staged')
    await bench.press('u')
    await bench.sees('1 staged')
    await bench.press('u')
    await bench.lacks('1 staged')
    await bench.press('u')
    await bench.sees('nothing to undo')
    await bench.press('Ctrl-r', 'Ctrl-r')
    await bench.sees('2 staged')
  })

  test('lays staged changes over new readings, and says which no longer fit', async () => {
    const bench = await onRule('3306')
    await bench.press('x')
    await bench.sees('1 staged')
    const without = RULES_V4.split('\n')
      .filter((line) => !line.includes('3306'))
      .join('\n')
    bench.server.texts = { ...bench.server.texts, firewall: { ...bench.server.texts.firewall, iptables: without } }
    await bench.press('R')
    await bench.lacks('old database')
    await bench.press('s')
    await bench.sees('no longer fits', 'in the way')
    await bench.press('A')
    await bench.sees('no longer fits')
    expect(bench.transactions.calls).not.toContain('apply')
  })

  test('shows the difference, what it means for the login, and the commands; w writes them', async () => {
    const bench = await onRule('3306', { rows: 60 })
    await bench.press('x', 's')
    await bench.sees(
      '1 change, one transaction',
      'what if',
      'your next login',
      '- -A INPUT',
      'iptables-restore',
      'not survive',
    )
    await bench.press('w')
    await bench.sees('Written to')
    expect(bench.scripts[0]).toContain("iptables-restore --noflush -w 5 <<'HARDTUI_END'")
    await bench.press('p')
    await bench.sees('hardtui-rules.service')
    await bench.press('x')
    await bench.sees('Nothing is staged')
  })

  test('is offered on a host without systemd too', async () => {
    const bench = await onRule('3306', { facts: { init: 'sysvinit' } })
    await bench.press('x')
    await bench.sees('1 staged')
    await bench.press('A', 'N', 'Y')
    expect(bench.transactions.calls).toContain('apply')
  })

  test.each([
    ['started read-only', { readOnly: true }, 'started with --read-only'],
    [
      'without root',
      {
        facts: {
          login: { user: 'ops', uid: 1000, escalation: 'none' } as never,
          escalationReason: 'not in sudoers' as never,
        },
      },
      "can't become root",
    ],
  ] as const)('%s: no key changes anything, and each says why', async (_name, options, reason) => {
    const bench = await onRule('3306', options)
    for (const key of ['a', 'e', 'x', 'J', 'P', 'Space', 'A']) {
      await bench.press('j')
      await bench.press(key)
      await bench.sees(reason)
    }
    expect(staged(bench)).toEqual([])
    expect(bench.rehearsals()).toBe(0)
  })
})
