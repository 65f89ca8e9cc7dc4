// TCP wrappers on real servers: what is said of them is what sshd does, and the fix goes the whole way.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decide } from '../../src/services/areas/tcpwrappers/decide.ts'
import { tcpwrappersEditing } from '../../src/services/areas/tcpwrappers/editing.ts'
import type { AccessEdit } from '../../src/services/areas/tcpwrappers/facts.ts'
import { linesIn } from '../../src/services/areas/tcpwrappers/lines.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import { planFrom } from '../support/make-plan.ts'
import { audit } from './auditor.ts'
import { isApplied, lateness } from './faults/world.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import { ADDRESSES } from './paths.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { KEYS, openTerminal, type Terminal } from './terminal.ts'

const FILES = '/etc/hosts.allow /etc/hosts.deny'
const THEM = ADDRESSES.bystander.v4
const YOU = ADDRESSES.client.v4

/** A command that writes both files to the byte; an empty text is no file. */
const writing = (allow: string, deny: string): string =>
  [`rm -f ${FILES}`]
    .concat(
      Object.entries({ allow, deny }).flatMap(([name, text]) =>
        text === '' ? [] : `echo ${Buffer.from(text).toString('base64')} | base64 -d >/etc/hosts.${name}`,
      ),
    )
    .join('; ')

const KINDS = kindsFor('TCP wrappers on %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('TCP wrappers on %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterAll(() => server?.down())

  const holds = async (): Promise<string> => server.must(`cat ${FILES} 2>/dev/null || :`)
  const clear = (): Promise<string> => server.must(`rm -f ${FILES}`)

  test('sshd does what is said of it', async () => {
    const { host } = await logIn(server)
    const cases: readonly (readonly [allow: string, deny: string])[] = [
      ['', ''],
      ['', `sshd: ${THEM}\n`],
      [`sshd: ${THEM}\n`, 'ALL: ALL EXCEPT 192.0.2.1\n'],
      ['', `ALL: ALL EXCEPT ${THEM}\n`],
      [`sshd: ${THEM} : deny\n`, ''],
      [`sshd: ${THEM}/24\n`, `sshd: ${THEM}\n`],
      [`vsftpd, sshd: 192.0.2.1 \\\n, ${THEM}\n`, `SSHD: ${THEM}\n`],
      ['', '# mine, without an end'],
    ]
    // The library is the same; what differs is the program that asks it (sshd-session from 9.8 on).
    for (const [allow, deny] of flavour === 'debian12' ? cases : cases.slice(0, 4)) {
      await server.must(writing(allow, deny))
      const facts = factsOf((await audit(host, 'tcpwrappers')).reading)
      if (!facts) throw new Error('the files could not be read')
      expect(facts.sshdAsks).toBe(true)
      const { answer } = decide(facts, 'sshd', THEM)
      const { ok } = await server.bystander.login()
      expect([allow, deny, answer]).toEqual([allow, deny, ok ? 'in' : 'out'])
    }
    // A number is a port to Debian's libwrap, and nothing to others: it is never said to be no matter of sshd's own.
    for (const [port, answer] of flavour === 'debian12'
      ? ([
          [22, 'depends'],
          [23, 'in'],
        ] as const)
      : []) {
      await server.must(writing('', `${port}: ${THEM}\n`))
      const facts = factsOf((await audit(host, 'tcpwrappers')).reading)
      expect(facts && decide(facts, 'sshd', THEM, 22).answer).toBe(answer)
      expect((await server.bystander.login()).ok).toBe(answer === 'in')
    }
    host.close()
  })

  const fixed = async (terminal: Terminal): Promise<void> => {
    await terminal.waitFor('following')
    terminal.press('5')
    await terminal.waitFor(/▸ ✗ default-deny/)
    terminal.press(' ')
    await terminal.waitFor('fix staged')
    terminal.press('s')
    await terminal.waitFor('+ ALL: ALL')
    await terminal.waitFor(/✓ let in +your next login/)
    terminal.press('A')
    await terminal.waitFor('Arm the timer and apply?')
    terminal.press('Y')
    await terminal.waitFor(/✓ new login/)
  }

  test.runIf(flavour === 'debian12')(
    'its fix keeps the rest out, goes back by the timer, and by U once confirmed',
    async () => {
      await clear()
      await server.must(`printf '# mine\\nvsftpd: ALL EXCEPT LOCAL\\n' >/etc/hosts.deny`)
      const before = await holds()
      const one = openTerminal(server, 'root', { args: ['--timer', '30s'] })
      await fixed(one)
      expect(await holds()).toContain('ALL: ALL')
      expect(await server.bystander.canLogin({ timeoutMs: 1500 })).toBe(false)
      expect(await server.canLogin()).toBe(true)
      // Nobody confirms.
      await until('the rollback', async () => (await holds()) === before, { timeoutMs: 60_000 })
      expect(await server.bystander.canLogin()).toBe(true)
      await one.waitFor('ROLLED BACK')
      one.kill()

      const two = openTerminal(server, 'root')
      await fixed(two)
      two.press('C')
      await two.waitFor('CONFIRMED')
      expect(await server.bystander.canLogin({ timeoutMs: 1500 })).toBe(false)
      two.press(KEYS.enter)
      await two.waitFor(/✓ default-deny +kept out/)
      two.press('H')
      await two.waitFor(/✓ confirmed/)
      two.press('U')
      await two.waitFor('back to the text it had before')
      two.press('A')
      await two.waitFor('Arm the timer and apply?')
      two.press('Y')
      await two.waitFor(/✓ new login/)
      two.press('C')
      await two.waitFor('CONFIRMED')
      expect(await holds()).toBe(before)
      expect(await server.bystander.canLogin()).toBe(true)
      two.kill()
    },
  )

  test.runIf(flavour === 'debian12')('its rules are changed by keys, and the file in their lines alone', async () => {
    await server.must(
      writing(
        `# who may\nsshd: ${YOU}, \\\n\t192.0.2.77\n\nvsftpd: ALL\n  # the rest\nsnmpd: 192.0.2.5\n# end`,
        'ALL: ALL\n',
      ),
    )
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    terminal.press('5')
    await terminal.waitFor(/hosts\.allow ─+ 3 rules/)
    terminal.press('jj')
    await terminal.waitFor(/▸ +5 vsftpd/)
    terminal.press('x')
    await terminal.waitFor(/- +vsftpd.* delete staged/)
    terminal.press('j')
    await terminal.waitFor(/▸ .*snmpd/)
    terminal.press('K')
    await terminal.waitFor(/▸ *~ +2 snmpd.* move staged/)
    terminal.press('j')
    await terminal.waitFor(/▸ +3 sshd.* lets you in/)
    terminal.press('e')
    await terminal.waitFor('rule of /etc/hosts.allow, line 3')
    terminal.press(`, 192.0.2.78${KEYS.enter}`)
    await terminal.waitFor('3 staged')
    terminal.press('s')
    await terminal.waitFor(/✓ let in +your next login/)
    terminal.press('A')
    await terminal.waitFor('Arm the timer and apply?')
    terminal.press('Y')
    await terminal.waitFor(/✓ new login/)
    terminal.press('C')
    await terminal.waitFor('CONFIRMED')
    terminal.kill()
    expect(await holds()).toBe(
      `# who may\nsnmpd: 192.0.2.5\nsshd: ${YOU}, \\\n\t192.0.2.77, 192.0.2.78\n\n  # the rest\n# endALL: ALL`,
    )
  })

  test.runIf(flavour === 'debian12')(
    'a rule that keeps the operator out is blocked and, forced, goes back by the timer',
    async () => {
      await server.must(writing(`sshd: ${YOU}\n`, 'ALL: ALL\n'))
      const before = await holds()
      const operator = await logIn(server)
      const { facts, firewall, of } = await operator.read(['firewall', 'tcpwrappers'])
      const tcpwrappers = of('tcpwrappers')
      const own = tcpwrappers && linesIn(tcpwrappers, 'allow')[0]
      if (!own) throw new Error('the rule was not read')
      const edit: AccessEdit = { kind: 'replace', file: 'allow', lineId: own.id, line: 'sshd: 192.0.2.77' }
      const words = tcpwrappersEditing.describe(edit, tcpwrappers, tcpwrappers)
      const plan = planFrom({
        ...{ host: facts, firewall, areas: { tcpwrappers }, windowSeconds: 6 },
        changes: [{ id: 'one', area: 'tcpwrappers', edit, ...words, origin: 'operator' }],
      })
      expect(plan.blockers).toMatchObject([{ kind: 'lock-out', message: expect.stringContaining(YOU) }])
      const going = operator.transactions.apply(plan)
      await until('the apply', () => isApplied(server), { timeoutMs: 20_000, everyMs: 20 })
      expect(await holds()).toContain('192.0.2.77')
      expect(await server.canLogin({ timeoutMs: 1500 })).toBe(false)
      expect(await lateness(server)).toBeLessThan(2)
      expect(await holds()).toBe(before)
      await server.waitForLogin()
      await going
      operator.close()
    },
  )

  test.runIf(flavour === 'debian13')(
    'its fix goes the whole way, and back, on a host that has no iptables',
    async () => {
      await clear()
      await server.must('mkdir -p /root/away && mv /usr/sbin/ip*tables* /root/away')
      const terminal = openTerminal(server, 'root')
      await fixed(terminal)
      expect(await server.bystander.canLogin({ timeoutMs: 1500 })).toBe(false)
      terminal.press('X')
      await terminal.waitFor('ROLLED BACK')
      expect(await holds()).toBe('')
      expect(await server.bystander.canLogin()).toBe(true)
      // What was staged is back in staging, and goes the same way again.
      terminal.press(KEYS.enter)
      await terminal.waitFor('3 changes, one transaction')
      // Before it was read again, it would rest on the files as they were while the change was in force.
      await until('the reading', async () => !terminal.screen().includes('reading…'))
      await terminal.waitFor('link')
      terminal.press('A')
      await terminal.waitFor('Arm the timer and apply?')
      terminal.press('Y')
      await terminal.waitFor(/✓ new login/)
      terminal.press('C')
      await terminal.waitFor('CONFIRMED')
      expect(await holds()).toContain('ALL: ALL')
      terminal.kill()
    },
  )
})
