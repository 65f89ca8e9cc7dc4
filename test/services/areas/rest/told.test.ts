import { describe, expect, test } from 'vitest'
import { hostFacts } from '../../../support/plans.ts'
import { factsFrom, judged } from './some-rest.ts'

const UPDATES = `@@tools
apt-get
unattended-upgrade
cron
systemd
end
@@apt-config
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
end
@@dnf
end
@@timers
Id=apt-daily.timer
LoadState=loaded
ActiveState=active
UnitFileState=enabled
LastTriggerUSec=Sat 2026-11-28 06:12:01 UTC

Id=apt-daily-upgrade.timer
LoadState=loaded
ActiveState=active
UnitFileState=enabled
LastTriggerUSec=Sat 2026-11-28 06:31:10 UTC

Id=dnf-automatic.timer
LoadState=not-found
ActiveState=inactive
end
@@lists
1795880000
1795800000
1795870000
end
@@reboot
running 6.1.0-18-amd64
installed 6.1.0-18-amd64
installed 6.1.0-9-amd64
end
@@pending
end`
const updates = (...changes: readonly (readonly [from: string, to: string])[]) =>
  factsFrom({ 'rest-updates': changes.reduce((text, [from, to]) => text.replace(from, () => to), UPDATES) })

describe('updates', () => {
  test('come by themselves where all that takes is on', () => {
    expect(judged('auto-updates', updates())).toBe(
      'pass on | apt-daily-upgrade.timer, last at Sat 2026-11-28 06:31:10 UTC',
    )
  })

  test.each([
    ['unattended-upgrade\n', '', 'fail unattended-upgrades is not installed'],
    ['Unattended-Upgrade "1"', 'Unattended-Upgrade "0"', 'fail APT::Periodic::Unattended-Upgrade is 0'],
    ['APT::Periodic::Update-Package-Lists "1";\n', '', 'fail APT::Periodic::Update-Package-Lists is not set'],
    ['APT::Periodic::Update', 'APT::Periodic::Enable "0";\nAPT::Periodic::Update', 'fail APT::Periodic::Enable is 0'],
    ['ActiveState=active', 'ActiveState=inactive', 'fail apt-daily.timer is inactive'],
    ['cron\nsystemd', '', 'fail /etc/cron.daily/apt-compat does not run'],
    ['end\n@@dnf', '@@dnf', 'unknown apt-config did not answer'],
    ['inactive\nend', 'inactive', "unknown systemd did not say whether apt's timers run"],
  ])('with %j as %j: %s', (from, to, words) => {
    expect(judged('auto-updates', updates([from, to])).split(' | ')[0]).toBe(words)
  })

  test('of dnf are installed or only fetched', () => {
    const dnf = (path: string): string =>
      `@@tools\ndnf\nsystemd\nend\n@@dnf\n/etc/dnf/automatic.conf:21:apply_updates = ${path}\nend\n@@timers\nId=dnf-automatic.timer\nLoadState=loaded\nActiveState=active\n\nend\n@@reboot\nend`
    expect(judged('auto-updates', factsFrom({ 'rest-updates': dnf('no') }))).toBe(
      'fail only fetched, not installed | /etc/dnf/automatic.conf, line 21: apply_updates = no',
    )
    expect(judged('auto-updates', factsFrom({ 'rest-updates': dnf('yes') }))).toMatch(/^pass on/)
  })

  test('that wait are told by apt’s own word on where they come from, with the age of its lists', () => {
    const inst = `@@pending
Inst libc6 [2.36-9+deb12u3] (2.36-9+deb12u4 Debian-Security:12/stable-security [amd64])
Inst tzdata [2024a-0] (2024b-0 Debian:12.9/stable [all])
Inst linux-image-6.1.0-19-amd64 (6.1.82-1 Debian-Security:12/stable-security [amd64])
end`
    expect(judged('pending-updates', updates(['@@pending\nend', inst]))).toBe(
      "fail 2 waiting | apt's lists are 3 h old | 3 updates in all | libc6: 2.36-9+deb12u4, Debian-Security:12/stable-security | linux-image-6.1.0-19-amd64: 6.1.82-1, Debian-Security:12/stable-security",
    )
    expect(judged('pending-updates', updates())).toMatch(/^pass none/)
    const waiting = (...lines: readonly string[]) => updates(['@@pending\nend', `@@pending\n${lines.join('\n')}\nend`])
    expect(judged('pending-updates', waiting('Inst own (1.0 [amd64])'))).toMatch(/^pass none/)
    expect(judged('pending-updates', waiting('Inst odd as never seen'))).toMatch(/^unknown apt says what is not/)
    const many = Array.from({ length: 500 }, (_, at) => `Inst p${at} (1 Debian:12.9/stable [all])`)
    expect(judged('pending-updates', waiting(...many))).toMatch(/^unknown 500 updates and more wait/)
    expect(judged('pending-updates', updates(['1795800000\n1795870000', '1794800000']))).toMatch(
      /^unknown apt's lists are \d+ days old/,
    )
    expect(judged('pending-updates', updates(['1795800000\n1795870000\n', '']))).toMatch(/^unknown apt has no lists/)
    expect(judged('pending-updates', updates(['@@pending\nend', '@@pending\nfailed E: broken']))).toBe(
      'unknown apt says: E: broken',
    )
  })

  test('want a reboot by a newer kernel or a package’s word, and a container’s host has none of ours', () => {
    expect(judged('reboot', updates())).toMatch(/^pass not due/)
    expect(judged('reboot', updates(['6.1.0-9-amd64', '6.1.0-21-amd64']))).toMatch(
      /^fail 6\.1\.0-21-amd64 is installed/,
    )
    expect(judged('reboot', updates(['6.1.0-9-amd64', '6.1.0-21-rt-amd64']))).toMatch(/^pass/)
    expect(judged('reboot', updates(['running 6.1.0-18', 'running 5.0']))).toMatch(/^pass/)
    expect(judged('reboot', updates(['running', 'required\npackage libssl3\nrunning']))).toMatch(/^fail for libssl3/)
  })
})

const JAIL = `@@status
installed
status 0
Status
|- Number of jail:	1
\`- Jail list:	sshd
@@jails
jail sshd
action sshd iptables-multiport
port sshd iptables-multiport ssh
end
@@lines
/etc/fail2ban/jail.conf:2:[DEFAULT]
/etc/fail2ban/jail.conf:7:port = 0:65535
/etc/fail2ban/jail.conf:100:[sshd]
/etc/fail2ban/jail.conf:106:port    = ssh
/etc/fail2ban/jail.local:1:[other]
/etc/fail2ban/jail.local:2:port = 1
`
const jail = (from = '', to = '') => factsFrom({ 'rest-fail2ban': JAIL.replace(from, () => to) })
const onPort = (serverPort: number) => ({ ...hostFacts, session: { ...hostFacts.session, serverPort } })

describe('fail2ban', () => {
  test('watches the port that sshd is on, or another one', () => {
    expect(judged('fail2ban', jail())).toBe(
      'pass port 22 | jails that run: sshd | sshd: iptables-multiport for ssh | /etc/fail2ban/jail.conf, line 106: port    = ssh',
    )
    expect(judged('fail2ban', jail(), onPort(10022))).toMatch(/^fail not port 10022 \|/)
  })

  test.each([
    ['multiport ssh', 'multiport ssh,10022', /^pass port 10022/],
    ['multiport ssh', 'multiport 0:65535', /^pass/],
    ['multiport ssh', 'multiport 10000:10021', /^fail not port 10022/],
    ['multiport ssh', 'multiport my-ssh', /^unknown whether port 10022/],
    ['port sshd iptables-multiport ssh', 'action sshd iptables-allports', /^pass/],
    ['jails\njail', 'jails\nport sshd sendmail ssh\njail', /^fail not port/],
    ['list:	sshd', 'list:	nginx', /^fail no jail for sshd/],
    ['list:	sshd', 'list:	', /^fail no jail for sshd \| jails that run: none/],
    ['end\n@@lines', '@@lines', /^unknown which ports/],
    [
      'status 0\nStatus',
      'status 255\nERROR Failed to access socket path: /run/x. Is fail2ban running?',
      /^fail installed, and does not run/,
    ],
    [
      'status 0\nStatus',
      'status 255\nERROR Permission denied to socket: /run/x, (you must be root)',
      /^unknown fail2ban's server did not say/,
    ],
    ['installed\n', '\n', /^notapplicable/],
  ])('with %j as %j', (from, to, words) => {
    expect(judged('fail2ban', jail(from, to), onPort(10022))).toMatch(words)
  })
})

const system = (mac: string, clock = '') => factsFrom({ 'rest-system': `@@mac\n${mac}\nend\n@@clock\n${clock}\nend` })

describe('what confines programs', () => {
  test.each([
    [
      'modules lockdown,capability,apparmor\napparmor Y\n     20 profile enforce\n      2 profile complain\nprofiles',
      'pass AppArmor: 20 enforced, 2 only complain | 20 profiles: enforce | 2 profiles: complain',
    ],
    [
      'modules capability,apparmor\napparmor Y\n      2 profile complain\nprofiles',
      'fail AppArmor has no profile that enforces | 2 profiles: complain',
    ],
    ['modules capability,apparmor\napparmor Y', 'unknown AppArmor is on; its profiles can be read as root only'],
    [
      'modules capability,yama\napparmor N\nboot apparmor=0',
      'fail neither is on | security modules of the kernel: capability, yama | the kernel was started with apparmor=0',
    ],
    [
      'modules capability,selinux\nenforce 1\nconfig 22:SELINUX=enforcing',
      'pass SELinux enforces | /etc/selinux/config, line 22: SELINUX=enforcing',
    ],
    ['enforce 0', 'fail SELinux is permissive'],
    [
      'enforce 1\nconfig 22:SELINUX=disabled',
      'fail SELinux enforces until the next boot | /etc/selinux/config, line 22: SELINUX=disabled',
    ],
    ['files apparmor', 'unknown the kernel does not show its security modules here'],
    ['', 'notapplicable not installed'],
  ])('%j', (text, words) => expect(judged('confinement', system(text))).toBe(words))
})

describe('the clock', () => {
  const TRACKING = 'chrony A29FC801,162.159.200.1,3,1795880000.1,0.0,0.0,0.0,1.0,0.0,0.1,0.01,0.001,64.0'
  test.each([
    ['NTPSynchronized=yes\nunits\nprocess systemd-timesyn', /^pass by systemd-timesyncd/],
    ['NTPSynchronized=no\nunits\nprocess ntpd', /^fail ntpd runs, not synchronised/],
    [
      `NTPSynchronized=no\nunits\nprocess chronyd\n${TRACKING},Normal`,
      /^pass by chronyd \| chrony: Normal, by 162\.159\.200\.1/,
    ],
    [`NTPSynchronized=yes\nunits\nprocess chronyd\n${TRACKING},Not synchronised`, /^fail chronyd runs/],
    ['process chronyd', /^unknown chronyd runs/],
    ['NTPSynchronized=yes\nunits', /^pass synchronised, by none of this host’s/],
    [
      'Id=chrony.service\nLoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n\nNTPSynchronized=no\nunits',
      /^fail nothing keeps the clock \| chrony.service: inactive, enabled at boot/,
    ],
    ['', /^unknown/],
  ])('%j', (text, words) => expect(judged('clock', system('', text))).toMatch(words))
})

test('what was not read is not known, with the reason, and what has not come yet as well', () => {
  const facts = factsFrom({ 'rest-system': '@@mac\nenforce 1' })
  expect(judged('clock', facts)).toBe('unknown it was not read to its end')
  expect(judged('reboot', facts)).toBe('unknown not read yet')
})
