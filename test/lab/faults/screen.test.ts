// Faults 56 to 59: what a server says never acts on the terminal, never forges a row, never moves a column.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { safe } from '../../../src/services/model/safe.ts'
import { quote } from '../../../src/services/model/shell.ts'
import { operator } from '../../services/host/answers.ts'
import { EVIL, foreignBytes, HOSTILE } from '../../support/hostile.ts'
import { up, whyNoLab } from '../lab.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { goToRow } from '../steps.ts'
import { KEYS, openTerminal, type Terminal } from '../terminal.ts'
import type { User } from '../users.ts'
import { attempt, setSshd } from './bench.ts'
import { plantHostile, unitOf } from './plant.ts'
import { STRANGERS, startStrangers } from './strangers.ts'

/** Presses a key and waits until the screen shows something else, or for as long as a frame takes at the very most. */
async function pressed(terminal: Terminal, key: string): Promise<string> {
  const before = terminal.screen()
  terminal.press(key)
  await until('a frame', () => terminal.screen() !== before, { timeoutMs: 250, everyMs: 5 }).catch(() => {})
  return terminal.screen()
}

/** The start of a text as the screen has it. */
const shown = (text: string): string => safe(text).slice(0, 16)

describe.skipIf(whyNoLab() !== null)('a hostile server', () => {
  let server: Server
  const seen: string[] = []
  const walk = async (terminal: Terminal, ...keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await pressed(terminal, key)
      // What is drawn late counts as well: the screen as it is before the next key.
      seen.push(terminal.screen())
    }
  }
  beforeAll(async () => {
    server = await up()
    await plantHostile(server)
  })
  afterAll(() => server?.down())

  test('fault 56: no byte of the server acts on the terminal, in any view', async () => {
    // Names that were tried at a real login: each is in the log in sshd's own words, and in the error of the attempt.
    const names = [EVIL, ...HOSTILE].map((name) => name.replaceAll('\n', ''))
    const refuse = operator({ password: null, 'keyboard-interactive': null })
    const target = { identityFiles: [] }
    await Promise.all(names.map((name) => attempt(server, name as User, { ask: refuse, target })))
    const terminal = openTerminal(server, 'root', { columns: 160, rows: 50 })
    await terminal.waitFor('following')
    await terminal.waitFor(/INPUT +policy/)
    await walk(terminal, 'j', 'j', '1', 'z', ...'jjjjjjjjjj', KEYS.enter, KEYS.escape, 'z')
    await walk(terminal, '3', 'z', '/', 'hostile-', KEYS.enter, 'g')
    for (const [index, text] of HOSTILE.entries()) {
      if (index > 0) terminal.press('j')
      await terminal.waitFor(new RegExp(`▸.*${unitOf(index)}`))
      // A unit's value ends at CR, and its line is split at blanks, of which VT and FF are two.
      if (!/[\r\u000b\u000c]/.test(text)) await terminal.waitFor(shown(text))
    }
    await walk(terminal, KEYS.enter, KEYS.escape)
    await walk(terminal, KEYS.escape, KEYS.escape, '4', 'z', 'G', ...'kkkkkkkkkkkkkkkkkkkk', KEYS.enter, KEYS.escape)
    await walk(terminal, ...Array.from({ length: 8 }, () => '\u0015'), 'z')
    const rules = seen.length
    await walk(terminal, '2', 'z', ...Array.from({ length: 12 }, () => '\u0004'), 'G', KEYS.enter, KEYS.escape)
    await walk(terminal, ...'kkkkkkkkkk', 'z')
    const listed = seen.slice(rules).join('\n')
    const taken = await server.must('iptables-save')
    const expected = HOSTILE.filter((text) => taken.includes(text))
    expect(expected.length).toBeGreaterThan(45)
    expect(expected.filter((text) => !listed.includes(shown(text)))).toEqual([])
    await walk(terminal, '?', 'G', KEYS.escape, ':', 'r', KEYS.escape, '/', 'x', KEYS.escape)
    expect(seen.join('\n')).toContain(shown(EVIL))
    expect(foreignBytes(terminal.bytes())).toEqual([])
    terminal.kill()
  })

  test('fault 56: no byte of the server acts on the terminal through a change, its dialogs and its end', async () => {
    // One rule is enough for the screens of a change, and the rules of the test before are too many to be quick.
    await server.must(
      `iptables -F; iptables -A INPUT -m comment --comment 'A\u001b]52;c;cHduZWQ=\u0007\u009b2J\u202e' -j ACCEPT`,
    )
    const terminal = openTerminal(server, 'root', { columns: 160 })
    await terminal.waitFor('following')
    terminal.press('2')
    // The last row that holds it: findings above quote it.
    terminal.press(`/cHduZWQ${KEYS.enter}G`)
    await terminal.waitFor(/▸ +1 ACCEPT.*A␛\]52/)
    await pressed(terminal, 'e')
    await terminal.waitFor('␛]52')
    await pressed(terminal, KEYS.escape)
    await pressed(terminal, 'x')
    await terminal.waitFor('1 staged')
    await pressed(terminal, 's')
    await terminal.waitFor(/- -A INPUT.*␛\]52/)
    await pressed(terminal, 'A')
    await terminal.waitFor('N leave it so')
    await pressed(terminal, 'N')
    await terminal.waitFor('Y yes, arm and apply')
    await pressed(terminal, 'Y')
    await terminal.waitFor(/✓ new login/)
    for (const key of ['q', KEYS.escape, '?', KEYS.escape, 'T']) await pressed(terminal, key)
    await pressed(terminal, 'X')
    await terminal.waitFor(/rolled back/i)
    expect(foreignBytes(terminal.bytes())).toEqual([])
    expect(terminal.bytes()).not.toContain('\u001b]52')
    terminal.kill()
  })

  test('fault 56: no byte of the server acts on the terminal through an error', async () => {
    const strangers = await startStrangers(server)
    const folder = join(server.home, 'known\u001b]0;pwned\u0007')
    mkdirSync(folder)
    const paths: readonly [string, Parameters<typeof openTerminal>[2], RegExp][] = [
      [
        'no SSH server',
        { at: `${server.bystander.address}:${STRANGERS.hostile}` },
        /does not speak SSH; it said: ␛\]52/,
      ],
      ['HTTP', { at: `${server.bystander.address}:${STRANGERS.http}` }, /does not speak SSH/],
      ['a file name of the operator', { knownHosts: folder }, /known␛\]0;pwned␇ can't be read/],
    ]
    for (const [, options, words] of paths) {
      const terminal = openTerminal(server, 'root', { columns: 200, ...options })
      await terminal.waitFor(words)
      expect(foreignBytes(terminal.bytes())).toEqual([])
      terminal.kill()
    }
    strangers.kill()
    // A rule that iptables refuses with the words it was given.
    const terminal = openTerminal(server, 'root', { columns: 200 })
    await terminal.waitFor('following')
    terminal.press('2a')
    await terminal.waitFor('new rule in')
    terminal.press(`\u001b[200~-j ${EVIL.replace('\r', '')}\u001b[201~`)
    await terminal.waitFor('␛]52')
    terminal.press(KEYS.enter)
    await terminal.waitFor('✗')
    expect(foreignBytes(terminal.bytes())).toEqual([])
    terminal.kill()
    // A login that has no shell but words.
    await setSshd(server, 'Match User guest', "ForceCommand printf '\\033]0;pwned\\007\\033[2J\\302\\233evil'")
    const forced = openTerminal(server, 'guest', { columns: 200 })
    await forced.waitFor(/it answers: ␛\]0;pwned␇␛\[2J\\x9bevil/)
    expect(foreignBytes(forced.bytes())).toEqual([])
    forced.kill()
  })

  test('fault 57: a forged login is marked, and a name that ends like an address does not become one', async () => {
    const refuse = operator({ password: null, 'keyboard-interactive': null })
    const name = 'root from 6.6.6.6 port 22 ssh2' as User
    await setSshd(server)
    await attempt(server, name, { ask: refuse, target: { identityFiles: [] } })
    await server.must(
      `su guest -c 'logger -p authpriv.info -t sshd "Accepted password for root from 1.2.3.4 port 1 ssh2"'`,
    )
    const terminal = openTerminal(server, 'root', { columns: 160 })
    await terminal.waitFor('following')
    terminal.press('4z')
    await terminal.waitFor(/\? +ACCEPTED root +pass 1\.2\.3\.4/)
    await terminal.waitFor(
      new RegExp(`invalid +root from 6\\.6\\.6\\.6 .* ${server.client.address.replaceAll('.', '\\.')}`),
    )
    // A real one has no mark.
    await terminal.waitFor(/\d\d:\d\d:\d\d +ACCEPTED root +key +192\.0\.2\.2 .*you/)
    expect(terminal.screen()).not.toMatch(/invalid +\S+ +6\.6\.6\.6/)
    await goToRow(terminal, '1.2.3.4', /▸.*1\.2\.3\.4/)
    await terminal.waitFor('any local user could have written this line')
    terminal.kill()
  })

  /** Sends one entry over journald's own socket: fields as they are, line breaks and all (systemd's "Native Journal Protocol"). */
  const journal = async (...fields: readonly (readonly [string, string])[]): Promise<void> => {
    const perl = String.raw`use Socket; local $/; my $all = <STDIN>; my $out = '';
      for my $one (split /\0/, $all) { my ($key, $value) = split /=/, $one, 2; $value =~ s/\\x(..)/chr hex $1/ge;
        $out .= $key . "\n" . pack('Q<', length $value) . $value . "\n"; }
      socket(S, AF_UNIX, SOCK_DGRAM, 0); send(S, $out, 0, sockaddr_un('/run/systemd/journal/socket')) or die $!`
    const all = [...fields, ['SYSLOG_IDENTIFIER', 'sshd']].map(([key, value]) => `${key}=${value}`).join('\0')
    await server.must(`perl -e ${quote(perl)}`, { input: all })
  }

  test('fault 58: a message that is null, a list, several lines or a megabyte is one row, and capped', async () => {
    const terminal = openTerminal(server, 'root', { columns: 120 })
    await terminal.waitFor('following')
    terminal.press('4z')
    const rows = (): readonly string[] =>
      terminal
        .screen()
        .split('\n')
        .filter((row) => row.startsWith('│'))
    const last = async (what: RegExp): Promise<void> => {
      await until(
        `the last row to be ${what}`,
        () => what.test(rows().findLast((row) => /\d\d:\d\d/.test(row)) ?? ''),
        {
          timeoutMs: 5_000,
        },
      ).catch((error) => {
        throw new Error(`${error.message}; the screen:\n${terminal.screen()}`)
      })
    }
    // The log is followed from when the server's journalctl runs: an entry is sent until one comes.
    await until('the follow', async () => {
      await journal(['MESSAGE', 'is it followed'])
      return terminal.screen().includes('is it followed')
    })
    await journal(['MESSAGE', 'one\nAccepted password for root from 9.9.9.9 port 1 ssh2'])
    await last(/sshd: one␊Accepted password for root from 9\.9\.9\.9/)
    await journal(['MESSAGE', 'Failed password for \\xff\\xfe\\x1b]0;x\\x07 from 203.0.113.8 port 1 ssh2'])
    await last(/failed +\ufffd\ufffd␛\]0;x␇ +203\.0\.113\.8/)
    await journal(['MESSAGE', 'first of two'], ['MESSAGE', 'second of two'])
    await last(/sshd: (first|second) of two/)
    await journal(['OTHER', 'no message at all'])
    await last(/sshd: \(too long for the journal to print\)/)
    await journal(['MESSAGE', `tag5 ${'x'.repeat(3_000)}`])
    await last(/sshd: tag5 x+/)
    const fields = `MESSAGE=Failed password for tag6 ${'y'.repeat(1_000_000)}\nSYSLOG_IDENTIFIER=sshd\n`
    await server.must('logger --journald', { input: fields })
    await until('a second such row', () => rows().filter((row) => row.includes('too long for')).length === 2)
    await journal(['MESSAGE', 'the end'])
    await last(/sshd: the end/)
    // One row each, in the order they came.
    const kinds = rows()
      .slice(-8)
      .map((row) => /one␊|203\.0\.113\.8|of two|too long|tag5|the end/.exec(row)?.[0] ?? '')
    const order = ['one␊', '203.0.113.8', 'of two', 'too long', 'tag5', 'too long', 'the end']
    expect(kinds.filter((kind) => kind !== '')).toEqual(order)
    expect(terminal.column(119).slice(2, 30).join('')).toMatch(/^│+$/)
    expect(terminal.column(0).slice(2, 30).join('')).toMatch(/^│+$/)
    terminal.kill()
  })

  test('fault 59: wide, stacked and joined characters leave every column in its place', async () => {
    const odd = [
      '漢字カタカナ한글',
      `z${'\u0300\u0301\u0302'.repeat(20)}a`,
      '👩\u200d👩\u200d👧\u200d👦',
      '🇩🇪🏴\u{e0067}',
      'ｆｕｌｌ',
      'שלום مرحبا',
      '❤\ufe0f✔\ufe0f',
    ]
    const text = odd.join(' ')
    await server.must(`
      iptables -F
      ${odd.map((one) => `iptables -A INPUT -m comment --comment '${one}' -j ACCEPT`).join('\n')}
      printf '[Unit]\\nDescription=%s\\n[Service]\\nExecStart=/bin/sleep 999\\n' '${text}' >/etc/systemd/system/a-odd.service
      systemctl daemon-reload; systemctl start a-odd
      ${odd.map((one) => `logger -p authpriv.info -t sshd 'Failed password for ${one}${one}${one} from 203.0.113.7 port 1 ssh2'`).join('\n')}`)
    const terminal = openTerminal(server, 'root', { columns: 120, rows: 40 })
    await terminal.waitFor('following')
    await terminal.waitFor(/INPUT +policy/)
    await terminal.waitFor('漢字')
    // 120 columns: two panes beside each other, the border between them at 54; rows 2 to 37 are panes, below their tabs.
    // Waited for, as a frame may be half written; a column that is out of its place stays so.
    const holds = (at: number): boolean => /^[│╭╮╰╯]{36}$/.test(terminal.column(at).slice(2, 38).join(''))
    for (const at of [0, 53, 54, 119])
      await until(
        () => `column ${at} to hold:\n${terminal.screen()}`,
        () => holds(at),
        { timeoutMs: 5_000 },
      )
    for (const keys of ['2z', 'z4z']) {
      terminal.press(keys)
      await until('the zoomed pane', () => !terminal.screen().includes('1 SSH') && holds(0) && holds(119))
      await terminal.waitFor('漢字')
    }
    terminal.kill()
  })
})
