import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../src/services/model/errors.ts'
import type { Question } from '../../src/services/model/host.ts'
import { safe } from '../../src/services/model/safe.ts'
import { openConsole } from '../support/console.tsx'
import { awaiting, someTimer, stagesUpTo } from '../support/fake-transactions.ts'
import { filePart } from '../support/file-part.ts'
import { EVIL, foreignBytes } from '../support/hostile.ts'
import { note, somePast, someRecord } from '../support/past.ts'
import { textChange } from '../support/plans.ts'
import { LOG_LINES, RULES_V4, someTexts } from '../support/probe-texts.ts'

const FORGED = 'zzFORGEDzz'

const oneLine = EVIL.replace(/[\r\n]/g, '')
const HOSTILE = {
  sshd: {
    ...someTexts().sshd,
    settings: `${someTexts().sshd.settings}\nallowusers ${oneLine}`,
    version: `OpenSSH_9 ${oneLine}`,
  },
  firewall: {
    ...someTexts().firewall,
    version: `iptables v1.8.9 ${oneLine}`,
    iptables: RULES_V4.replace('old database', oneLine).replace(
      ':f2b-sshd',
      `:EVIL${'\u001b[2J'}\u009b - [0:0]\n:f2b-sshd`,
    ),
    managers: oneLine,
    native: `table inet ${oneLine}`,
  },
  units: {
    ...someTexts().units,
    units: `${someTexts().units.units}\nevil.service loaded ${oneLine} ${oneLine} ${oneLine}`,
    'listeners-ss': `${someTexts().units['listeners-ss']}\ntcp LISTEN 0 128 0.0.0.0:6666 0.0.0.0:* users:(("${oneLine.replace(/\p{Cc}/gu, '').slice(0, 64)}",pid=1,fd=1))`,
  },
  tcpwrappers: {
    allow: filePart(
      `sshd: ${oneLine}\n${oneLine}\nsshd: ALL: spawn ${oneLine}\nsshd: ALL: ${oneLine.replaceAll(':', '')}\n`,
    ),
    deny: filePart(`${oneLine.replaceAll(':', '')} : ALL\n# ${oneLine}`),
    sshd: 'asks /usr/sbin/sshd',
    daemons: 'all',
    ondemand: `inetd ${oneLine}\nend`,
  },
  securelog: {
    ...someTexts().securelog,
    lines: `${LOG_LINES}\n2026-11-23T09:15:00.000000+00:00 web1 sshd[1]: Failed password for ${oneLine} from 6.6.6.6 port 1 ssh2\n2026-11-23T09:15:01.000000+00:00 web1 sshd[1]: ${oneLine}`,
  },
}
const words = safe(EVIL)
const FACTS = {
  hostname: words,
  os: words,
  kernel: words,
  openssh: words,
  escalationReason: words,
  login: { user: words, uid: 1000, escalation: 'sudo' as const },
}

describe('hostile text from the server', () => {
  test('never acts on the terminal, whatever pane or detail it is in', async () => {
    const bench = await openConsole({ texts: HOSTILE, facts: FACTS, columns: 120, rows: 40 })
    const { lists, store, actions } = bench.console
    for (const [key, pane] of [
      ['1', 'sshd'],
      ['2', 'firewall'],
      ['3', 'units'],
      ['4', 'securelog'],
      ['5', 'tcpwrappers'],
    ] as const) {
      await bench.press(key, 'g')
      const evil = lists
        .pane(store.getState(), pane)
        .items.filter((item) => item.search().includes('\u202e') || item.search().includes('evil'))
      expect(evil).not.toEqual([])
      for (const item of evil) {
        actions.putCursor(pane, item.id)
        await bench.press('y', 'Enter', 'Esc')
      }
    }
    await bench.press('?')
    await bench.sees('Help')
    expect(foreignBytes(bench.terminal.written())).toEqual([])
    for (const row of bench.terminal.rows().filter((one) => one.startsWith('│')))
      expect(row.length).toBeLessThanOrEqual(120)
    expect(bench.copied.join('')).not.toMatch(/[\u0000-\u001f]/)
  })

  test('never forges a row: a line break in a name stays in its place', async () => {
    const bench = await openConsole({
      facts: { ...FACTS, os: safe(`Debian\n${FORGED}`) },
      texts: { securelog: { ...HOSTILE.securelog, lines: `${LOG_LINES}` } },
      columns: 200,
      rows: 60,
    })
    await bench.sees('ACCEPTED')
    for (const row of bench.terminal.rows()) expect(row.startsWith(FORGED)).toBe(false)
  })

  test.each([
    { kind: 'host-key', host: words, keyType: words, fingerprint: words, file: words },
    { kind: 'password', user: words, host: words, attempt: 1 },
    { kind: 'passphrase', file: words, attempt: 1 },
    { kind: 'sudo-password', user: words, attempt: 1 },
    { kind: 'keyboard-interactive', name: words, instructions: words, prompts: [{ text: words, echo: true }] },
  ] as readonly Question[])('never acts through a $kind question', async (question) => {
    const bench = await openConsole({
      connect: async (ask) => {
        await ask(question)
        return { ok: false, error: { kind: 'auth-failed', message: words, next: words } }
      },
    })
    await bench.sees('␛]52')
    await bench.paste(EVIL)
    await bench.press('Esc')
    await bench.sees('No connection')
    expect(foreignBytes(bench.terminal.written())).toEqual([])
  })

  test('never acts through a change: its owner, its summary, its stages, its end', async () => {
    const bench = await openConsole()
    const timer = someTimer(bench.clock.now() + 60_000, {
      id: EVIL,
      owner: words,
      from: words,
      armedAt: words,
      deadlineAt: words,
      mine: false,
      summary: [words],
    })
    const stages = stagesUpTo(6).map((stage) => ({ ...stage, detail: words }))
    const error = { kind: 'timeout' as const, message: words, next: words }
    for (const next of [
      { phase: 'applying' as const, timer: { ...timer, mine: true }, stages },
      { ...awaiting(timer), stages },
      { ...awaiting({ ...timer, mine: true }, { outcome: 'fails', why: error }), notice: words },
      { phase: 'in-doubt' as const, timer, stages, doubt: words },
      { phase: 'rolled-back' as const, id: EVIL, by: 'timer' as const, notes: [note(words)], plan: null },
      { phase: 'aborted' as const, reason: words, next: words, stages, plan: null },
      { phase: 'confirmed' as const, id: EVIL, notes: [note(words)], lasts: true },
    ]) {
      bench.transactions.set(next as never)
      await bench.sees('␛]52')
      if (next.phase !== 'awaiting-confirm') continue
      await bench.press(next.timer.mine ? 'C' : 'T', 'Esc', 'X')
      if (!next.timer.mine) await bench.press('Esc')
      await bench.press('q', 'Esc')
    }
    expect(foreignBytes(bench.terminal.written())).toEqual([])
  })

  test('never acts through its history: who, what, the notes, the difference, what would undo it', async () => {
    const bench = await openConsole({ rows: 60 })
    const rules = (text: string) => `*filter INPUT ACCEPT\n-A INPUT ${text}\n`
    const touches = [{ family: 'v4', table: 'filter', chain: 'INPUT' }] as const
    bench.transactions.past = ok([
      somePast(EVIL, {
        owner: words,
        from: words,
        armedAt: words,
        endedAt: words,
        summary: [words],
        notes: [note(words)],
      }),
    ])
    bench.transactions.records = {
      [EVIL]: someRecord(EVIL, {
        rules: [{ family: 'v4', touches, before: rules(oneLine), after: rules('-j DROP') }],
        files: [textChange(`/etc/${oneLine}`, `${EVIL}\n`, null)],
        units: [{ unit: oneLine, run: 'stop', boot: 'disable', was: { run: oneLine, boot: oneLine } }],
      }),
    }
    await bench.press('H')
    await bench.sees('␛]52')
    await bench.press('Enter')
    await bench.sees(/\+ +A␛]52/, /is no longer there/)
    await bench.press('U')
    await bench.sees('Staged on', '␛]52')
    bench.transactions.past = fail({ kind: 'bug', message: words, next: words })
    await bench.press('H', 'R')
    await bench.sees('not read again')
    expect(foreignBytes(bench.terminal.written())).toEqual([])
  })

  test('never acts through what the operator himself pastes into the rule editor', async () => {
    const bench = await openConsole()
    await bench.press('2', 'a')
    await bench.paste(EVIL)
    await bench.press('Enter')
    await bench.sees('✗')
    expect(foreignBytes(bench.terminal.written())).toEqual([])
  })

  test('in a process’s name makes it unknown who listens, with the reason, and no fix rests on it', async () => {
    const { units } = someTexts()
    const odd = `udp UNCONN 0 0 0.0.0.0:8053 0.0.0.0:* users:(("a\n@@cgroups\nb",pid=9,fd=3))`
    const bench = await openConsole({
      texts: { units: { ...units, 'listeners-ss': `${odd}\n${units['listeners-ss']}` } },
    })
    const { readings } = bench.console.store.getState()
    const idle = readings.findings.firewall.find(({ checkId }) => checkId === 'FW-nobody-listens-v4')
    expect(idle).toMatchObject({
      outcome: 'unknown',
      observed: expect.stringContaining("which ports listen is not known: ss(8) printed a line that can't be read"),
    })
    await bench.press('3')
    await bench.sees(/▸ \? Who listens is not known +ss\(8\) prin/)
    await bench.press(...'/nginx', 'Enter', 'Enter')
    await bench.sees('nginx.service', /listens +not known: ss\(8\) printed a line/)
  })
})
