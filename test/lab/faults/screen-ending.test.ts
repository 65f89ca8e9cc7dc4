// Fault 60: however the program ends, the shell has its terminal back; and it can be stopped and called back anywhere.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { up, whyNoLab } from '../lab.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { KEYS, openTerminal, type Terminal, type TerminalOptions } from '../terminal.ts'

/** A view: how it is reached from the start, and what it shows. */
type View = {
  readonly name: string
  readonly go: (terminal: Terminal) => Promise<void>
  readonly shows: RegExp
  readonly options?: (server: Server) => TerminalOptions
}

const filled = (terminal: Terminal): Promise<void> => terminal.waitFor(/following/)

/** From the filled panes on, each step a key and what it brings. */
const after =
  (...steps: readonly (readonly [string, RegExp])[]): View['go'] =>
  async (terminal) => {
    await filled(terminal)
    for (const [keys, words] of steps) {
      terminal.press(keys)
      await terminal.waitFor(words)
    }
  }

const STAGED: readonly (readonly [string, RegExp])[] = [
  ['2', /2 Firewall/],
  ['a', /new rule in/],
  [`-p tcp --dport 81 -j ACCEPT${KEYS.enter}`, /1 staged/],
]

const VIEWS: readonly View[] = [
  {
    name: 'while connecting',
    go: async () => {},
    shows: /Connecting to root@192\.0\.2\.10 port 7009/,
    options: ({ address }) => ({ at: `${address}:7009` }),
  },
  {
    name: 'with a question open',
    go: async () => {},
    shows: /Unknown host key/,
    options: ({ home }) => ({ knownHosts: join(home, 'known-nobody') }),
  },
  { name: 'on the panes', go: filled, shows: /following/ },
  {
    name: 'in a zoomed pane while a filter is typed',
    go: after(['3z', /^(?![\s\S]*Secure log)/], ['/ssh', /keep filter/]),
    shows: /keep filter/,
  },
  { name: 'in a detail', go: after([KEYS.enter, /SSH ─ detail/]), shows: /SSH ─ detail/ },
  { name: 'in the help', go: after(['?', /Help ─/]), shows: /Help ─/ },
  { name: 'in the rule editor', go: after(['2', /2 Firewall/], ['a', /new rule in/]), shows: /new rule in/ },
  { name: 'among the staged changes', go: after(...STAGED, ['s', /Staged/]), shows: /iptables-restore --noflush/ },
  {
    name: 'before the last yes',
    go: after(...STAGED, ['A', /N leave it so/], ['N', /Y yes, arm and apply/]),
    shows: /Y yes, arm and apply/,
  },
  { name: 'while a change waits', go: after(['T', /ARMED \d:\d\d/]), shows: /ARMED \d:\d\d left/ },
]

const ENDINGS = [
  ['TERM', 143],
  ['HUP', 129],
  // A fault that nobody caught: planted by a module that is loaded beside the program.
  ['USR2', 1],
] as const

const prompts = (terminal: Terminal): number => terminal.bytes().split('ready> ').length

const FAULT = `--import=${join(import.meta.dirname, 'crash.mjs')}`

describe.skipIf(whyNoLab() !== null)('a terminal that is given back', () => {
  let server: Server
  let asked = 0
  beforeAll(async () => {
    server = await up()
    await server.must('iptables -A INPUT -p tcp --dport 7009 -j DROP')
  })
  afterAll(() => server?.down())

  const open = (view: View): Terminal =>
    openTerminal(server, 'root', { inShell: true, env: { NODE_OPTIONS: FAULT }, ...view.options?.(server) })

  /** The shell has the terminal: cooked, with echo and cursor, on its own screen, nothing bracketed. */
  const expectShell = async (terminal: Terminal, before: number, status: number | null): Promise<void> => {
    // Typed before the prompt is there, a Return would still be one of a raw terminal.
    await until('the prompt', () => prompts(terminal) > before)
    asked += 1
    terminal.press(`echo "is${asked}=$? $(stty -a | tr '\\n' ' ')end"\r`)
    const answer = new RegExp(`is${asked}=(\\d+) (speed[\\s\\S]*)end`)
    await terminal.waitFor(answer)
    const [, was, modes] = answer.exec(terminal.screen().replaceAll('\n', '')) ?? []
    for (const mode of ['icanon', 'isig', 'echo', 'icrnl', 'opost', 'onlcr', 'ixon'])
      expect(modes, mode).toMatch(new RegExp(`(^| )${mode}[ ;]`))
    if (status !== null) expect(Number(was)).toBe(status)
    expect(terminal.modes()).toEqual({ alternate: false, cursor: true })
    const written = terminal.bytes()
    expect(written.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(written.lastIndexOf('\u001b[?2004h'))
    expect(written.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(written.lastIndexOf('\u001b[?1049h'))
    expect(written).not.toContain('\u001b]52')
  }

  const endsWell = async (view: View, signal: string, status: number): Promise<void> => {
    const terminal = open(view)
    await view.go(terminal)
    await terminal.waitFor(view.shows)
    expect(terminal.modes().alternate).toBe(true)
    if (signal === 'TERM') {
      const before = prompts(terminal)
      terminal.signal('TSTP')
      await expectShell(terminal, before, null)
      terminal.press('fg\r')
      await terminal.waitFor(view.shows)
      expect(terminal.modes().alternate).toBe(true)
    }
    const before = prompts(terminal)
    terminal.signal(signal)
    await expectShell(terminal, before, status)
    if (signal === 'USR2') expect(terminal.screen()).toContain('hardtui failed: planted ␛]52;c;cHduZWQ=␇␛[2J')
    terminal.press('exit\r')
    await terminal.ended
  }

  test.each(VIEWS)('fault 60: $name, a signal, a stop and a crash leave the terminal as it was', async (view) => {
    if (view.name === 'while a change waits') {
      const terminal = openTerminal(server, 'root')
      await after(...STAGED, ['A', /N leave it so/], ['N', /Y yes/], ['Y', /✓ new login/])(terminal)
      terminal.kill()
    }
    await Promise.all(ENDINGS.map(([signal, status]) => endsWell(view, signal, status)))
  })
})
