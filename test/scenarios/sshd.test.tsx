import { describe, expect, test } from 'vitest'
import { safe } from '../../src/services/model/safe.ts'
import { printed } from '../services/areas/sshd/accounts/some-accounts.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { DROP_IN, MAIN } from '../support/fake-sshd.ts'
import { filter } from '../support/firewall-checks.ts'
import { outputFrom } from '../support/probe-output.ts'
import { someTexts } from '../support/probe-texts.ts'
import { CONFIG, onKeyword, sshdServer } from '../support/sshd-bench.ts'

type Options = NonNullable<Parameters<typeof openConsole>[0]>
const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const

/** The SSH pane with the cursor on the row of a keyword. */
async function on(keyword: string, options: Options = {}, config = CONFIG): Promise<Bench> {
  const bench = await openConsole({ ...options, ...sshdServer(config, options) })
  await bench.press('1')
  onKeyword(bench, keyword)
  return bench
}
async function add(bench: Bench, line: string): Promise<void> {
  await bench.press('a')
  await bench.sees('a keyword of sshd_config(5)')
  await bench.type(line)
  await bench.press('Enter')
}
const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

/** Holds the answers of the server back until told. */
function held({ host }: Bench): () => void {
  let go = (): void => {}
  host.probing = new Promise<void>((resolve) => {
    go = resolve
  })
  return () => {
    host.probing = null
    go()
  }
}

describe('a keyword', () => {
  test('is fixed by Space, marked on its row, and taken back by Space', async () => {
    const bench = await on('MaxAuthTries')
    await bench.press('Space')
    await bench.sees('1 staged', /MaxAuthTries +5 .*fix staged/, 'Staged: sshd MaxAuthTries 5 → 4')
    await bench.press('Space')
    await bench.lacks('1 staged', 'fix staged')
    expect(staged(bench)).toEqual([])
  })

  test('is edited by e: its value is there, Tab completes, a wrong one is refused, Enter stages', async () => {
    const bench = await on('PermitRootLogin')
    await bench.press('e')
    await bench.sees(
      'PermitRootLogin for everybody',
      '> PermitRootLogin prohibit-password',
      'yes: by any method, passwords too',
    )
    await bench.press('Ctrl-w')
    await bench.sees('Tab: no · prohibit-password', 'Whether root may log in.', 'yes: by any method, passwords too')
    await bench.type('never')
    await bench.press('Enter')
    await bench.sees('✗ PermitRootLogin: ')
    await bench.press('Ctrl-w')
    await bench.type('f')
    await bench.press('Tab')
    await bench.sees('> PermitRootLogin forced-commands-only')
    await bench.press('Enter')
    await bench.sees('1 staged', /PermitRootLogin .* staged/)
    expect(staged(bench)).toEqual(['sshd PermitRootLogin without-password → forced-commands-only'])
    await bench.press('e', 'Enter')
    await bench.sees('✗ That is how it is already.')
    await bench.press('Esc')
    await bench.lacks('for everybody')
  })

  test('is set for a Match block by its criteria in brackets, and stands there in the difference', async () => {
    const bench = await on('PasswordAuthentication')
    await add(bench, '[User bob] PasswordAuthentication no')
    await bench.sees('1 staged')
    await bench.press('s')
    await bench.sees(
      'sshd PasswordAuthenticati',
      /- +PasswordAuthentication yes/,
      /\+ +PasswordAuthentication no/,
      `difference: ${MAIN}`,
    )
  })

  test('is typed in the form as well, and the line follows', async () => {
    const bench = await on('MaxAuthTries')
    await bench.press('a')
    await bench.sees('a keyword of sshd_config(5)')
    await bench.press('Down')
    await bench.type('passwordauth')
    await bench.press('Tab', 'Down')
    await bench.type('n')
    await bench.press('Tab', 'Down')
    await bench.sees(/Match .*User bob/)
    await bench.type('User bob')
    await bench.sees('[User bob] PasswordAuthentication no', /keyword +PasswordAuthentication/, /value +no/)
    await bench.press('Enter')
    await bench.sees('1 staged')
  })

  test('loses its line by x, keeps it by x, and says where it has none', async () => {
    const bench = await on('X11Forwarding')
    await bench.press('x')
    await bench.sees('1 staged', 'X11Forwarding yes → its lines taken out')
    await bench.press('x')
    await bench.sees('Unstaged: its line stays.')
    await bench.lacks('1 staged')
    onKeyword(bench, 'LoginGraceTime')
    await bench.press('x')
    await bench.sees("no line sets it: this is sshd's own default")
  })

  test('is shown with where its value comes from, and what is shadowed', async () => {
    const bench = await on('MaxAuthTries', { rows: 40 })
    await bench.press('Enter')
    await bench.sees(/comes from +\/etc\/ssh\/sshd_config:2 +MaxAuthTries 5/, /shadowed +.*:4 +MaxAuthTries 7/)
  })

  test('can’t be changed where the files were not read, and every key says why', async () => {
    const bench = await on('MaxAuthTries', {
      texts: { sshd: { ...someTexts().sshd, 'file.0': 'state unreadable\nreason Permission denied\nend\n' } },
    })
    for (const key of ['e', 'a', 'x', 'p', 'Space']) {
      await bench.press('j', key)
      await bench.sees(`${key} (`, `${MAIN}: Permission denied`)
    }
    expect(staged(bench)).toEqual([])
  })
})

describe('what is staged of sshd', () => {
  test('is not armed before the server’s sshd has said what it makes of it', async () => {
    const bench = await on('MaxAuthTries', { rows: 60 })
    const go = held(bench)
    await bench.press('Space', 's')
    await bench.sees('in the way', "The server's sshd has not yet said what it makes of this.")
    expect(bench.screen()).not.toContain('what if')
    await bench.press('A')
    await bench.sees('A (arm and apply): ', 'has not yet said')
    expect(bench.transactions.calls).not.toContain('apply')
    go()
    await bench.sees('what if', '✓ let in', 'your next login (ops from 198.51.100.20)', 'by key (ssh-ed25519)')
    await bench.lacks('in the way')
    await bench.sees('difference:', 'commands: sshd', 'sshd -t', 'systemctl reload ssh.service')
    await bench.press('A')
    await bench.sees('Arm the timer and apply?')
    await bench.press('Y')
    expect(bench.transactions.calls).toContain('apply')
    expect(bench.transactions.plan()?.sshdAnswers).toHaveLength(4)
  })

  test('that sshd refuses can’t be armed, and has sshd’s own words', async () => {
    const bench = await on('MaxAuthTries', { rows: 60 })
    const words = `${MAIN}: line 3: Bad configuration option: Nope`
    bench.server.trial = (answer) => ({ ...answer, said: `=255\n ${words}`, answers: '' })
    await bench.press('Space', 's')
    await bench.sees('in the way', `sshd refuses it: ${words}`)
    await bench.press('A')
    await bench.sees('A (arm and apply): sshd refuses it')
    expect(bench.transactions.calls).not.toContain('apply')
  })

  test('that would lock out is refused as such, and armed only with the name of the host typed', async () => {
    const bench = await on('AllowUsers', { rows: 60 })
    await add(bench, 'AllowUsers bob')
    await bench.sees('1 staged')
    await bench.press('s')
    await bench.sees('in the way', 'This locks you out: AllowUsers bob leaves out ops.', '✗ REFUSED', 'your next login')
    await bench.press('A')
    await bench.sees('This would lock you out', 'type the name of the host')
    await bench.press('Enter')
    expect(bench.transactions.calls).not.toContain('apply')
    await bench.type('web1.example.net')
    await bench.press('Enter')
    expect(bench.transactions.calls).toContain('apply')
  })

  test('is tried again with R where no answer came', async () => {
    const bench = await on('MaxAuthTries', { rows: 60 })
    bench.server.trial = () => null
    await bench.press('Space', 's')
    await bench.sees('has not yet said', 'ask again with R')
    bench.server.trial = (answer) => answer
    await bench.press('R')
    await bench.sees('✓ let in')
  })
})

describe('the port of SSH', () => {
  const TIGHT = filter('INPUT DROP', '-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -j ACCEPT')
  const rules = (more: Readonly<Record<string, string>> = {}): Options => ({
    rows: 60,
    texts: { firewall: { ...someTexts().firewall, iptables: TIGHT, ip6tables: TIGHT.replace(/-s \S+ /, ''), ...more } },
  })

  test('is moved in one act: a second one beside it, with the rules of both families', async () => {
    const bench = await on('Port', rules())
    await bench.press('p')
    await bench.sees('ports that SSH listens on, now 22', '> 22 10022', 'p then takes it out.')
    await bench.press('Enter')
    await bench.sees('3 staged', 'SSH on port 10022 as well, with 2 changes to the rules')
    await bench.press('s')
    await bench.sees('sshd Port', '22 → 22 10022', 'accepted', 'let in', `difference: ${DROP_IN} `, '+ Port 10022')
    await bench.press('A', 'N', 'Y')
    expect(bench.transactions.plan()?.newPorts).toEqual([10022])
  })

  test('is not taken from under the operator, nor moved past another program’s rules', async () => {
    const bench = await on('Port', rules({ managers: 'ufw' }))
    await bench.press('p', 'Ctrl-u')
    await bench.type('10022')
    await bench.press('Enter')
    await bench.sees('✗ Port 22, which you came in by, stays until the new one is proven')
    await bench.type(' 22')
    await bench.press('Enter')
    await bench.sees("the rules of this host are ufw's", 'ufw allow')
    expect(staged(bench)).toEqual([])
  })
})

describe('an administrator', () => {
  const sudo = 'path =/etc/sudoers\nseen at 8120 0 0 1 1\nend\n'
  const { parts } = outputFrom('accounts', printed({}, { groups: 'sudo:27:\n', parts: { files: sudo } }))
  const asRoot: Options = {
    rows: 60,
    facts: { login: { user: safe('root'), uid: 0, escalation: 'root' } },
    texts: { accounts: Object.fromEntries(parts) },
  }

  test('is made by m and a name, closes root, and is judged and proven in root’s place', async () => {
    const bench = await on('PermitRootLogin', asRoot)
    await bench.press('m')
    await bench.sees(
      'name of the administrator',
      'by your key (ssh-ed25519 SHA256:x)',
      "Root's own login and passwords are closed with it",
    )
    await bench.type('Dora')
    await bench.press('Enter')
    await bench.sees('✗ “Dora” is no name for an account')
    await bench.press('Ctrl-u')
    await bench.type('dora')
    await bench.press('Enter')
    await bench.sees('4 staged', 'Staged: dora as administrator, 4 changes; s shows them')
    await bench.press('s')
    await bench.sees(/✓ let in +the next login as dora/, /REFUSED +your next login \(root/, '+ PermitRootLogin no')
    await bench.press('A')
    await bench.sees('Arm the timer and apply?')
    await bench.press('Y')
    expect(bench.transactions.plan()?.proofAs).toBe('dora')
  })
})

describe.each(SIZES)('at %i × %i', (columns, rows) => {
  test('the editor, its form and the ports are seen to their last word', async () => {
    const bench = await on('PermitRootLogin', { columns, rows })
    await bench.press('e', 'Ctrl-w')
    await bench.sees('Tab: no · ', 'no: root', 'prohibit-password: by key', 'yes: by any method, passwords too', '╰')
    await bench.press('Down', 'Down')
    await bench.sees(/keyword +PermitRootLogin/, /> value +▏/, /Match/, '╰')
    await bench.press('Esc', 'p')
    await bench.sees('> 22 10022', 'p then takes it out.', '╰')
    await bench.press('Esc', 'a')
    await bench.sees(/PasswordAuthentication\s.*no/, 'Down opens a form.')
  })

  test('a refusal is seen to its last word', async () => {
    const bench = await on('Port', { columns, rows })
    await bench.press('p', 'Ctrl-u')
    await bench.type('10022')
    await bench.press('Enter')
    await bench.sees('✗ Port 22, which you came in by', 'change.')
  })

  test('the staged screen asks about the next login and says why, each to its last word', async () => {
    const bench = await on('AllowUsers', { columns, rows })
    await add(bench, 'AllowUsers bob')
    await bench.sees('1 staged')
    await bench.press('s')
    await bench.sees('This locks you out: AllowUsers bob leaves out ops.')
    await bench.sees(
      /✗ REFUSED +your next login \(ops from 198\.51\.100\.20\)/,
      /(?<!by )AllowUsers bob leaves out ops *│/,
    )
  })

  test('a row shows its keyword, what it is, what it should be, and that something is staged', async () => {
    const bench = await on('MaxAuthTries', { columns, rows })
    await bench.press('Space')
    await bench.sees(/✗ MaxAuthTries +5 +→ 4 +fix staged/)
    await bench.press('Enter')
    await bench.sees('SSH-MaxAuthTries', 'Many guesses in one connection')
    await bench.press('G')
    await bench.sees(/comes from +\/etc\/ssh\/sshd_config:2 +MaxAuthTries 5/, /staged +5 → 4/)
  })
})
