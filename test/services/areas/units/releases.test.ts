import { describe, expect, test } from 'vitest'
import { units } from '../../../../src/services/areas/units/area.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import type { UnitsFacts } from '../../../../src/services/model/units.ts'
import { outputOf, someHost } from '../some-host.ts'

const read = (stdout: string): UnitsFacts => {
  const facts = factsOf(units.parse(outputOf('units', stdout), someHost(), 1))
  if (!facts) throw new Error('no facts')
  return facts
}

const line = (facts: UnitsFacts, name: string): string => {
  const unit = facts.units.find((one) => one.name === name)
  return unit
    ? [unit.active, unit.sub, unit.boot, ...unit.listeners.map((one) => `${one.address}:${one.port}`)].join(' ')
    : 'none'
}

const systemd = (parts: Readonly<Record<string, string>>): string =>
  Object.entries({ manager: 'systemd', ...parts })
    .map(([name, text]) => `\n@@${name}\n${text}\n`)
    .join('')

describe('reading what other releases print', () => {
  const facts = read(
    systemd({
      units: String.raw`● fail2ban.service loaded failed failed Fail2Ban Service
* certbot.service loaded failed failed certbot Service
ssh.service loaded activating start-pre start OpenBSD Secure Shell server
nginx.service loaded active running        A high performance web server
ev3-uart@ev3\x2dports:in4.service loaded active running LEGO UART
systemd-nspawn@My\x20Container\x201.service loaded active running Container My Container 1
● plymouth-start.service not-found inactive dead plymouth-start.service
● ghost.service not-found active running ghost.service
× broken.service bad-setting inactive dead broken.service
run-r1234.service loaded active running /bin/sh -c echo  two  spaces
dbus-:1.2-org.freedesktop.problems@0.service loaded active running dbus-:1.2-org.freedesktop.problems@0.service`,
      files: `dbus-org.fedoraproject.FirewallD1.service enabled
fail2ban.service enabled enabled
ev3-uart@.service static -
autovt@.service alias -
ssh.service enabled enabled
cups.service enabled-runtime disabled
telnet.socket disabled disabled`,
      'listeners-ss': `Netid  State      Recv-Q Send-Q     Local Address:Port       Peer Address:Port
udp    UNCONN     0      0                      *:68                    *:*      users:(("dhclient",1123,6)) ino:9823 sk:ffff88
tcp    LISTEN     0      128                   :::22                   :::*      users:(("sshd",1258,4),("systemd",1,2)) ino:10612 sk:ffff88
tcp    LISTEN     0      100                  ::1:25                   :::*      users:(("master",1336,13)) ino:10774 sk:ffff88
tcp    LISTEN     0      100            127.0.0.1:25                    *:*      users:(("master",1336,12)) ino:10772 sk:ffff88`,
      cgroups: '/proc/1258/cgroup:1:name=systemd:/system.slice/ssh.service',
    }),
  )
  const words = (name: string) => {
    const unit = facts.units.find((one) => one.name === name)
    return unit && [unit.active, unit.boot, unit.description].join(' | ')
  }

  test.each([
    ['fail2ban.service', 'failed | enabled | Fail2Ban Service'],
    ['certbot.service', 'failed | transient | certbot Service'],
    ['ssh.service', 'activating | enabled | OpenBSD Secure Shell server'],
    ['nginx.service', 'active | transient | A high performance web server'],
    [String.raw`ev3-uart@ev3\x2dports:in4.service`, 'active | static | LEGO UART'],
    [String.raw`systemd-nspawn@My\x20Container\x201.service`, 'active | transient | Container My Container 1'],
    ['ghost.service', 'active | not-found | ghost.service'],
    ['broken.service', 'inactive | bad-setting | broken.service'],
    ['run-r1234.service', 'active | transient | /bin/sh -c echo  two  spaces'],
    ['cups.service', 'inactive | enabled-runtime | '],
    ['telnet.socket', 'inactive | disabled | '],
    ['plymouth-start.service', undefined],
    ['dbus-org.fedoraproject.FirewallD1.service', undefined],
    ['autovt@.service', undefined],
  ])('%s is %s', (name, expected) => {
    expect(words(name)).toBe(expected)
  })

  test('an older ss names processes, and v6 addresses without brackets', () => {
    expect(line(facts, 'ssh.service')).toBe('activating start-pre enabled [::]:22')
    expect(facts.units.find(({ name }) => name === 'ssh.service')?.listeners[0]).toMatchObject({
      process: 'sshd',
      pid: 1258,
    })
    expect(facts.strayListeners.map(({ address, port, process, pid }) => [`${address}:${port}`, process, pid])).toEqual(
      [
        ['*:68', 'dhclient', 1123],
        ['[::1]:25', 'master', 1336],
        ['127.0.0.1:25', 'master', 1336],
      ],
    )
  })
})
