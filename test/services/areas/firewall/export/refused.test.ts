import { describe, expect, test } from 'vitest'
import { exportScript } from '../../../../../src/services/areas/firewall/export/script.ts'
import { withoutEmptyTables } from '../../../../support/rule-sets.ts'
import { exportedOf } from './nasty.ts'
import { canRunScript, onServer, type Ran, section, TOOLS } from './script-bench.ts'

const V4 = '*filter\n:INPUT DROP [0:0]\n:own - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j own\nCOMMIT\n'
const BEFORE = 'iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT; iptables -P OUTPUT DROP'

describe.runIf(canRunScript).each(Object.entries(TOOLS))(
  'what an exported script can’t load under %s',
  { timeout: 120_000 },
  (_, tools) => {
    const on = (script: string, text: string, files: Readonly<Record<string, string>> = {}): Promise<Ran> =>
      onServer(tools, { 'rules.sh': script, ...files }, `${BEFORE}; rules before; ${text}; rules after`)
    const scriptOf = (v4: string, v6 = ''): string => exportScript(exportedOf(v4, v6))
    const unchanged = (ran: Ran): void => {
      expect(withoutEmptyTables(section(ran, 'after'))).toBe(withoutEmptyTables(section(ran, 'before')))
      expect(ran.stdout).toContain('status 1\n')
    }
    const TRY = 'run rules.sh; echo "status $?"; ls /run/set_iptables/armed'

    test('is found before anything is changed where iptables-restore can tell, and its line is named', async () => {
      const bad = V4.replace('-j own', '-m set --match-set nosuch src -j own')
      const ran = await on(scriptOf(bad), TRY)
      unchanged(ran)
      expect(ran.stderr).toContain('table filter: -A INPUT -m set --match-set nosuch src -j own\n')
      expect(ran.stderr).toContain('nosuch')
      expect(ran.stderr).toContain('Nothing was changed.')
    })

    test('is put back where only the kernel can tell, whatever was loaded before it', async () => {
      const v6 =
        '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j REJECT --reject-with icmp6-port-unreachable\nCOMMIT\n'
      const ran = await on(scriptOf(V4, v6), TRY)
      unchanged(ran)
      expect(ran.stderr).toContain('ip6tables-restore refuses this:\n  table nat: -A POSTROUTING -j REJECT')
      expect(ran.stderr).toContain('The rules were not loaded.')
      expect(ran.stdout).toContain('The iptables rules are as they were.')
      expect(ran.stdout).not.toContain('armed')
    })

    test('is shown without what a terminal would act on', async () => {
      const bad = V4.replace('-j own', '-m comment --comment "\u001b[2J" -m set --match-set nosuch src -j own')
      const ran = await on(scriptOf(bad), TRY)
      unchanged(ran)
      expect(ran.stderr).toContain('--comment "?[2J"')
      expect(ran.stderr).not.toContain('\u001b')
    })

    test('is everything where the rules that are there could not be put back', async () => {
      const ran = await on(
        scriptOf(V4),
        `iptables -A INPUT -m comment --comment "$(printf 'a\\nb')" -j ACCEPT; rules before2; ${TRY}`,
      )
      expect(section(ran, 'after')).toBe(section(ran, 'before2'))
      expect(ran.stdout).toContain('status 1\n')
      expect(ran.stderr).toContain('the v4 rules that are here could not be put back. Nothing was changed.')
    })

    // busybox's shell takes its own setsid, wherever PATH leads.
    test.skipIf(tools.tools.length > 0)('is everything where no timer can be started', async () => {
      const ran = await on(scriptOf(V4), TRY, { setsid: '#!/bin/sh\nexit 1\n' })
      unchanged(ran)
      expect(ran.stderr).toContain(
        'no timer can be started here. Nothing was changed; --now loads the rules without one.',
      )
      expect(ran.stdout).not.toContain('armed')
    })

    test('is everything without iptables', async () => {
      const ran = await on(scriptOf(V4), TRY, { 'iptables-save': '#!/bin/sh\necho no >&2; exit 1\n' })
      expect(ran.stdout).toContain('status 1\n')
      expect(ran.stderr).toContain('iptables-save fails: no')
    })

    test('is nothing any more while the old rules are being put back; a rollback that was cut off is ended by --back', async () => {
      const ran = await on(
        scriptOf(V4),
        'run rules.sh --now; : >/run/set_iptables/fired; run rules.sh; echo "status $?"; run rules.sh --back; ls /run/set_iptables',
      )
      unchanged(ran)
      expect(ran.stderr).toContain('the old rules are being put back right now')
      expect(ran.stdout).not.toMatch(/^fired$/m)
    })

    test('is everything while a change made in the console waits for its confirm', async () => {
      const waiting = '/var/lib/hardtui/current/state.armed'
      const ran = await on(
        scriptOf(V4),
        `mount -t tmpfs none /var/lib; mkdir -p ${waiting.replace(/\/[^/]*$/, '')}; : >${waiting}; ${TRY}`,
      )
      unchanged(ran)
      expect(ran.stderr).toContain('a change made in hardtui waits for its confirm here')
    })

    test('a watch that was killed while it put back rules goes on where it is started again', async () => {
      const ran = await on(
        scriptOf(V4),
        'run rules.sh --now; : >/run/set_iptables/fired; run /run/set_iptables/back.sh wait; echo "status 1"',
      )
      unchanged(ran)
    })

    test('the old rules are let go where they can’t be put back, and everybody in', async () => {
      const ran = await on(
        scriptOf(V4),
        'run rules.sh --now; echo x >/run/set_iptables/undo.v4; echo x >/run/set_iptables/before.v4; run rules.sh --back; echo "status $?"',
      )
      expect(ran.stdout).toContain('status 1\n')
      expect(ran.stdout).toContain('The iptables rules could NOT be put back: everybody is let in now.')
      expect(section(ran, 'after')).toMatch(/:INPUT ACCEPT\n/)
      expect(section(ran, 'after')).not.toContain('-A INPUT')
    })

    test('the old rules come back as a whole where another program took away a chain of its own meanwhile', async () => {
      const f2b = 'iptables -N f2b-sshd; iptables -A f2b-sshd -j RETURN; iptables -I INPUT -j f2b-sshd'
      const ran = await on(
        scriptOf(V4),
        `${f2b}; rules with; run rules.sh --now; iptables -D INPUT -j f2b-sshd; iptables -F f2b-sshd; iptables -X f2b-sshd; run rules.sh --back`,
      )
      expect(section(ran, 'after')).toBe(section(ran, 'with'))
    })
  },
)
