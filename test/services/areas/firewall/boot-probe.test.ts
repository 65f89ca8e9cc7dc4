// What the probe finds of programs that load rules at boot, and of fail2ban, in a root of its own.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { firewall } from '../../../../src/services/areas/firewall/area.ts'
import { parseJails, watching } from '../../../../src/services/areas/firewall/jails.ts'
import { partsOf } from '../../../../src/services/areas/parts.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { outputFrom, readable, standalone } from '../../../support/probe-output.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hardtui-boot-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), mode)
}
const probed = (): string =>
  readable(
    spawnSync('dash', {
      input: standalone(readFileSync('src/services/areas/firewall/probe.sh', 'utf8')),
      env: { PATH: '/usr/bin:/bin', HARDTUI_ROOT: root },
    }).stdout.toString(),
  )
const loaders = (): string => partOf(probed(), 'loaders')
const partOf = (printed: string, name: string): string => partsOf(outputFrom('firewall', printed))(name)

/** What the finding about rules at boot says of that root. */
function verdict(stdout = probed()): string {
  const printed = `${stdout}\n@@iptables-status\n0\n@@ip6tables-status\n0\n`
  const text = printed.replace(/@@iptables-status\nabsent/, '@@iptables-status\n0')
  const reading = firewall.parse((id) => (id === 'firewall' ? outputFrom(id, text) : null), hostFacts, 0)
  if (reading.state !== 'present') return reading.state
  const said = firewall.checks
    .find((one) => one.id === 'FW-persistent')
    ?.judge(reading.facts, hostFacts, { listeners: [] })
  return `${said?.outcome}: ${said?.observed}`
}

const RESTORE = '#!/bin/sh\niptables-restore </etc/iptables.rules\n'

describe('rules are loaded at boot by', () => {
  test.each<[string, string, number, string]>([
    ['/etc/network/if-pre-up.d/iptables', RESTORE, 0o755, 'the hook /etc/network/if-pre-up.d/iptables'],
    [
      '/etc/network/if-up.d/firewall',
      '#!/bin/sh\n/sbin/iptables -A INPUT -j DROP\n',
      0o755,
      'the hook /etc/network/if-up.d/firewall',
    ],
    [
      '/etc/network/interfaces',
      'iface eth0 inet dhcp\n    pre-up iptables-restore < /etc/iptables.up.rules\n',
      0o644,
      'a line of /etc/network/interfaces',
    ],
    [
      '/etc/network/interfaces.d/eth0',
      '  post-up /sbin/iptables-restore /etc/r\n',
      0o644,
      'a line of /etc/network/interfaces.d/eth0',
    ],
    ['/etc/rc.local', '#!/bin/sh\niptables-restore < /etc/r\nexit 0\n', 0o755, 'the script /etc/rc.local'],
    ['/etc/cron.d/fw', '@reboot root /sbin/iptables-restore /etc/r\n', 0o644, 'an @reboot line of /etc/cron.d/fw'],
    [
      '/etc/systemd/system/multi-user.target.wants/fw.service',
      '[Service]\nExecStart=/sbin/iptables-restore /etc/r\n',
      0o644,
      'fw.service',
    ],
    [
      '/etc/systemd/system/sysinit.target.wants/nftables.service',
      '[Service]\nExecStart=/usr/sbin/nft -f /etc/nftables.conf\n',
      0o644,
      'nftables.service',
    ],
    [
      '/etc/runlevels/default/iptables',
      '#!/sbin/openrc-run\n  /sbin/iptables-restore < /etc/iptables/rules-save\n',
      0o755,
      'iptables',
    ],
  ])('%s', (path, text, mode, words) => {
    put('/sbin/ifup', '', 0o755)
    put(path, text, mode)
    expect(loaders().trim()).toBe(words)
    expect(verdict()).toBe(`pass: ${words}`)
  })

  test.each<[string, string, number]>([
    ['/etc/network/if-pre-up.d/iptables', RESTORE, 0o644],
    ['/etc/network/if-pre-up.d/wireless', '#!/bin/sh\n# iptables-restore is not for here\niwconfig\n', 0o755],
    ['/etc/network/interfaces', 'iface eth0 inet dhcp\n# pre-up iptables-restore < /etc/iptables.up.rules\n', 0o644],
    ['/etc/rc.local', '#!/bin/sh\niptables-restore < /etc/r\n', 0o644],
    ['/etc/systemd/system/fw.service', '[Service]\nExecStart=/sbin/iptables-restore /etc/r\n', 0o644],
  ])('nothing, where %s can not do it', (path, text, mode) => {
    put('/sbin/ifup', '', 0o755)
    put(path, text, mode)
    expect(loaders().trim()).toBe('')
    expect(verdict()).toBe('fail: nothing')
  })

  test('a hook of ifupdown, which is not there: neither yes nor no', () => {
    put('/etc/network/if-pre-up.d/iptables', RESTORE, 0o755)
    expect(verdict()).toMatch(/^unknown: the hook .* is not installed$/)
  })

  test('programs that own the rule set, and none that fill chains of their own', () => {
    const with_ = (manager: string) => verdict(probed().replace('@@managers\n', `@@managers\n${manager}\n`))
    expect(with_('ufw')).toBe('pass: ufw')
    expect(with_('docker')).toBe('unknown: docker makes its own chains; what loads the others was not found')
    expect(with_('fail2ban')).toMatch(/^unknown/)
  })
})

describe('what fail2ban watches', () => {
  const names = new Map([['tcp/22', safe('ssh')]])
  test('is read from its own words', () => {
    const said =
      'running\nsshd sshd\nsshd iptables-multiport 2222,ssh\nsshd sendmail-whois ssh\nnginx iptables-multiport http\n.read\n'
    expect(parseJails(said)).toEqual([{ name: 'sshd', ports: '2222,ssh' }])
    expect([22, 2222, 80].map((port) => watching({ jails: parseJails(said) ?? null, portNames: names }, port))).toEqual(
      [true, true, false],
    )
  })

  test('is all ports where an action says so, nothing where it did not answer', () => {
    expect(parseJails('running\nsshd sshd\nsshd nftables-allports ssh\n.read\n')).toEqual([
      { name: 'sshd', ports: '0:65535' },
    ])
    expect(parseJails('running\n')).toBeNull()
    expect(parseJails('')).toBeUndefined()
  })
})
