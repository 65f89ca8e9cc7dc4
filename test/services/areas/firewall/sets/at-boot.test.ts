// What makes sets at boot, as the probe finds it in a root of its own, and what the finding says of it.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { readMakers } from '../../../../../src/services/areas/firewall/sets/makers.ts'
import type { FirewallFacts, Persistence } from '../../../../../src/services/model/firewall.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import { judged } from '../../../../support/firewall-checks.ts'
import { outputFrom, readable, standalone } from '../../../../support/probe-output.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hardtui-sets-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), mode)
}

const DEBIAN: Persistence = { kind: 'netfilter-persistent', v4: '/etc/iptables/rules.v4', v6: '/etc/iptables/rules.v6' }
const HOOKS: Persistence = { kind: 'other', by: [safe('the hook /etc/network/if-pre-up.d/iptables')] }

const rules = (...lines: readonly string[]): string => `*filter\n:INPUT ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`
const BAD = rules('[0:0] -A INPUT -m set --match-set bad src -j DROP')

function verdict(v4 = BAD, persistence: Persistence = DEBIAN, more: Partial<FirewallFacts> = {}, cut = false): string {
  const input = standalone(readFileSync('src/services/areas/firewall/sets/probe.sh', 'utf8'))
  const { stdout } = spawnSync('dash', { input, env: { PATH: '/usr/bin:/bin', HARDTUI_ROOT: root } })
  const printed = readable(stdout.toString())
  const output = outputFrom('sets', cut ? printed.slice(0, -8) : printed)
  const facts = { persistence, setMakers: readMakers(output, persistence), ...more }
  const { outcome, observed, details = [] } = judged('FW-sets-boot', { v4, facts })
  return [`${outcome}: ${observed}`, ...details].join('\n')
}

/** As the package ipset-persistent has it. */
const PLUGIN = `#!/bin/sh
load_sets ()
{
    #load ipset rules
    if [ ! -f /etc/iptables/ipsets ]; then
        echo "Warning: skipping IPSet (no rules to load)"
    else
        ipset restore -exist < /etc/iptables/ipsets
    fi
}
save_sets () { ipset save > /etc/iptables/ipsets; }
`
const PLUGINS = '/usr/share/netfilter-persistent/plugins.d'
const SAVED = 'create bad hash:ip family inet hashsize 1024 maxelem 65536\nadd bad 198.51.100.7\n'

describe('a set that rules name', () => {
  test('and nothing makes at boot is a failure, by its name', () => {
    expect(verdict()).toBe('fail: bad\nbad: nothing that was found makes it')
    // The plugin alone restores nothing.
    put(`${PLUGINS}/10-ipset`, PLUGIN, 0o755)
    put(`${PLUGINS}/15-ip4tables`, '#!/bin/sh\n', 0o755)
    expect(verdict()).toMatch(/^fail: bad/)
    put('/etc/iptables/ipsets', SAVED.replaceAll('bad', 'good'))
    expect(verdict()).toMatch(/^fail: bad/)
  })

  test('is made by netfilter-persistent’s plugin, where that comes before the rules', () => {
    put(`${PLUGINS}/15-ip4tables`, '#!/bin/sh\n', 0o755)
    put('/etc/iptables/ipsets', SAVED)
    put(`${PLUGINS}/10-ipset`, PLUGIN, 0o755)
    expect(verdict()).toBe("pass: bad\nbad: netfilter-persistent's plugin 10-ipset makes it")
    rmSync(join(root, PLUGINS, '10-ipset'))
    put(`${PLUGINS}/20-ipset`, PLUGIN, 0o755)
    expect(verdict()).toMatch(/^fail: bad\nbad: .*20-ipset makes it after the rules are loaded/)
    put(`${PLUGINS}/25-ip6tables`, '#!/bin/sh\n', 0o755)
    expect(verdict()).toMatch(/^unknown: bad\nbad: .*20-ipset makes it, perhaps after/)
  })

  test.each<[string, string, string, number, Persistence, string]>([
    [
      'rc.local, too late',
      '/etc/rc.local',
      '#!/bin/sh\nipset create bad hash:ip\n',
      0o755,
      DEBIAN,
      'fail: bad\nbad: the script /etc/rc.local makes it after the rules are loaded',
    ],
    [
      'rc.local, which nobody may run',
      '/etc/rc.local',
      '#!/bin/sh\nipset create bad hash:ip\n',
      0o644,
      DEBIAN,
      'fail: bad\nbad: nothing that was found makes it',
    ],
    [
      'an interface, too late',
      '/etc/network/interfaces',
      'iface eth0 inet dhcp\n  pre-up ipset -exist create bad hash:ip\n',
      0o644,
      DEBIAN,
      'fail: bad\nbad: a line of /etc/network/interfaces makes it after the rules are loaded',
    ],
    [
      'the hook that loads the rules, before it does',
      '/etc/network/if-pre-up.d/iptables',
      '#!/bin/sh\nipset restore -f /etc/sets\niptables-restore </etc/r\n',
      0o755,
      HOOKS,
      'pass: bad\nbad: the hook /etc/network/if-pre-up.d/iptables makes it',
    ],
    [
      'the hook that loads the rules, after it did',
      '/etc/network/if-pre-up.d/iptables',
      '#!/bin/sh\niptables-restore </etc/r\nipset restore </etc/sets\n',
      0o755,
      HOOKS,
      'fail: bad\nbad: the hook /etc/network/if-pre-up.d/iptables makes it after the rules are loaded',
    ],
    [
      'a hook of which nobody knows when',
      '/etc/network/if-pre-up.d/sets',
      '#!/bin/sh\ncat "/etc/sets" | ipset restore\n',
      0o755,
      HOOKS,
      'unknown: bad\nbad: the hook /etc/network/if-pre-up.d/sets makes it, perhaps after the rules are loaded',
    ],
    [
      'a hook of which nobody knows what',
      '/etc/network/if-pre-up.d/sets',
      '#!/bin/sh\nfor s in $SETS; do ipset create $s hash:ip; done\n',
      0o755,
      HOOKS,
      'unknown: bad\nbad: the hook /etc/network/if-pre-up.d/sets makes sets; which ones was not found out',
    ],
    [
      'a comment',
      '/etc/rc.local',
      '#!/bin/sh\n# ipset create bad hash:ip\n',
      0o755,
      DEBIAN,
      'fail: bad\nbad: nothing that was found makes it',
    ],
    [
      'a unit before the rules',
      '/etc/systemd/system/multi-user.target.wants/sets.service',
      '[Unit]\nBefore=netfilter-persistent.service\n[Service]\nExecStart=/sbin/ipset restore -f /etc/sets\n',
      0o644,
      DEBIAN,
      'pass: bad\nbad: sets.service makes it',
    ],
    [
      'a unit of whenever',
      '/etc/systemd/system/multi-user.target.wants/sets.service',
      '[Service]\nExecStart=/bin/sh -c "ipset restore </etc/sets"\n',
      0o644,
      DEBIAN,
      'unknown: bad\nbad: sets.service makes it, perhaps after the rules are loaded',
    ],
    [
      'firewalld',
      '/etc/firewalld/ipsets/bad.xml',
      '<ipset type="hash:ip"/>\n',
      0o644,
      HOOKS,
      'pass: bad\nbad: firewalld makes it',
    ],
    [
      'ufw',
      '/etc/ufw/before.init',
      '#!/bin/sh\nipset -exist create bad hash:ip\n',
      0o755,
      HOOKS,
      'pass: bad\nbad: the script /etc/ufw/before.init makes it',
    ],
  ])('%s', (_who, path, text, mode, persistence, words) => {
    put('/etc/sets', SAVED)
    put(path, text, mode)
    expect(verdict(BAD, persistence)).toBe(words)
  })

  test('is made by the script that a unit calls, and by ipset.service of its file', () => {
    const wants = '/etc/systemd/system/basic.target.wants'
    put('/usr/local/sbin/sets', '#!/bin/sh\nipset -N bad iphash\n', 0o755)
    put(`${wants}/sets.service`, '[Unit]\nBefore=iptables.service\n[Service]\nExecStart=-/usr/local/sbin/sets up\n')
    expect(verdict()).toBe('pass: bad\nbad: sets.service makes it')
    rmSync(join(root, wants), { recursive: true })
    put('/etc/sysconfig/ipset', SAVED)
    expect(verdict()).toMatch(/^fail: bad/)
    put(
      `${wants}/ipset.service`,
      '[Unit]\nBefore=ip6tables.service iptables.service\n[Service]\nExecStart=/usr/libexec/ipset/ipset.start-stop start\n',
    )
    expect(verdict()).toBe('pass: bad\nbad: ipset.service makes it')
  })

  test('counts where the saved rules name it, whoever made it, and not where a program’s own rules do', () => {
    const banned = rules('[0:0] -A INPUT -p tcp -m set --match-set f2b-sshd src -j REJECT')
    expect(verdict(banned)).toBe('notapplicable: no rule that is loaded at boot names a set')
    const saved: FirewallFacts['saved'] = {
      v4: { state: 'present', ruleSet: parseRuleSet('v4', banned) },
      v6: { state: 'absent' },
    }
    expect(verdict(rules(), DEBIAN, { saved })).toBe('fail: f2b-sshd\nf2b-sshd: nothing that was found makes it')
    expect(verdict(rules())).toMatch(/^notapplicable/)
    expect(verdict(BAD, { kind: 'none' })).toBe('notapplicable: nothing loads rules at boot')
  })

  test('is unknown where the probe did not get to its end', () => {
    expect(verdict(BAD, DEBIAN, {}, true)).toBe('unknown: what makes sets at boot was not read')
  })
})
