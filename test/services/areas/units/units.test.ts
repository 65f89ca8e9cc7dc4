import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { units } from '../../../../src/services/areas/units/area.ts'
import { blamedUnits } from '../../../../src/services/areas/units/checks.ts'
import { parseSs } from '../../../../src/services/areas/units/listeners.ts'
import { parseSystemd } from '../../../../src/services/areas/units/systemd.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import type { UnitsFacts } from '../../../../src/services/model/units.ts'
import { NOTHING_AROUND, outputOf, someHost } from '../some-host.ts'
import { runProbe, SHELLS } from '../stand-in-host.ts'

const LOADED = `\
avahi-daemon.service loaded active running Avahi mDNS/DNS-SD Stack
● broken.service loaded failed failed A unit that failed
apparmor.service not-found inactive dead apparmor.service
getty@tty1.service loaded active running Getty on tty1
ssh.service loaded active running OpenBSD Secure Shell server
ssh.socket loaded active running OpenBSD Secure Shell server socket
run-made.service loaded active running /bin/sh -c true
sys-devices.device loaded active plugged not a service
user@1000.service loaded active running User Manager for UID 1000`
const FILES = `\
avahi-daemon.service enabled enabled
cups.service disabled enabled
getty@.service enabled enabled
ssh.service enabled enabled
sshd.service alias -
ssh.socket disabled enabled
user@.service static -`
const SS = `\
Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process
udp UNCONN 0 0 0.0.0.0:5353 0.0.0.0:* users:(("avahi-daemon",pid=400,fd=12)) ino:1 sk:1 cgroup:/system.slice/avahi-daemon.service <->
tcp LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=500,fd=3),("systemd",pid=1,fd=80)) ino:2 sk:2 v6only:1 <->
tcp LISTEN 0 128 127.0.0.1:8000 0.0.0.0:* users:(("we",pid=900,fd=1)) uid:1000 cgroup:/user.slice/user-1000.slice/user@1000.service/app.slice/web.service <->
tcp LISTEN 0 128 0.0.0.0%eth0:9000 0.0.0.0:* ino:9 sk:9`

const systemd = (parts: Readonly<Record<string, string>>): string =>
  Object.entries({ manager: 'systemd', units: LOADED, files: FILES, ...parts })
    .map(([name, text]) => `\n@@${name}\n${text}\n`)
    .join('')

const read = (stdout: string, timedOut = false) => units.parse(outputOf('units', stdout, { timedOut }), someHost(), 1)
const factsFrom = (stdout: string): UnitsFacts => {
  const facts = factsOf(read(stdout))
  if (!facts) throw new Error('no facts')
  return facts
}
const line = (facts: UnitsFacts, name: string): string => {
  const unit = facts.units.find((one) => one.name === name)
  return unit
    ? [unit.active, unit.sub, unit.boot, ...unit.listeners.map((one) => `${one.address}:${one.port}`)].join(' ')
    : 'none'
}

describe('reading systemd', () => {
  const facts = factsFrom(systemd({ cgroups: '/proc/500/cgroup:0::/system.slice/ssh.service', 'listeners-ss': SS }))

  test.each([
    ['avahi-daemon.service', 'active running enabled 0.0.0.0:5353'],
    ['broken.service', 'failed failed transient'],
    ['cups.service', 'inactive dead disabled'],
    ['getty@tty1.service', 'active running enabled'],
    ['run-made.service', 'active running transient'],
    ['ssh.service', 'active running enabled [::]:22'],
    ['user@1000.service', 'active running static 127.0.0.1:8000'],
    ['getty@.service', 'none'],
    ['sshd.service', 'none'],
    ['apparmor.service', 'none'],
    ['sys-devices.device', 'none'],
  ])('%s is %s', (name, expected) => {
    expect(line(facts, name)).toBe(expected)
  })

  test('shows the service, not systemd, where both hold a socket', () => {
    expect(facts.units.find((unit) => unit.name === 'ssh.service')?.listeners[0]).toMatchObject({
      process: 'sshd',
      pid: 500,
    })
  })

  test('a listener nobody can be named for stays apart', () => {
    expect(facts.strayListeners).toEqual([
      { protocol: 'tcp', address: '0.0.0.0%eth0', port: 9000, process: null, pid: null, unit: null },
    ])
  })

  test('a socket that systemd itself holds belongs to its socket unit', () => {
    const held = factsFrom(
      systemd({
        sockets: '[::]:22 ssh.socket ssh.service\n/run/x.sock x.socket x.service',
        cgroups: '/proc/1/cgroup:0::/init.scope',
        'listeners-ss': 'tcp LISTEN 0 9 [::]:22 [::]:* users:(("systemd",pid=1,fd=80))',
      }),
    )
    expect(line(held, 'ssh.socket')).toBe('active running disabled [::]:22')
  })

  test('the cgroup of an older kernel names the unit too', () => {
    const older = factsFrom(
      systemd({ cgroups: '/proc/500/cgroup:1:name=systemd:/system.slice/ssh.service', 'listeners-ss': SS }),
    )
    expect(line(older, 'ssh.service')).toBe('active running enabled [::]:22')
  })

  test('a process named like a unit does not get its cgroup', () => {
    const forged = factsFrom(
      systemd({
        'listeners-ss':
          'tcp LISTEN 0 1 0.0.0.0:666 0.0.0.0:* users:(("a cgroup:/a",pid=7,fd=1),("/ssh.service b",pid=8,fd=1)) cgroup:/user.slice/user-1000.slice <->',
      }),
    )
    expect(line(forged, 'ssh.service')).toBe('active running enabled')
    expect(forged.strayListeners).toMatchObject([{ port: 666, process: 'a cgroup:/a' }])
  })
})

describe('reading listeners without ss', () => {
  test('netstat names the process', () => {
    const facts = factsFrom(
      systemd({
        'listeners-netstat':
          'tcp        0      0 0.0.0.0:22    0.0.0.0:*    LISTEN   500/sshd: /usr/sbin\nudp6       0      0 :::5353 :::*   400/avahi\ntcp6       0      0 :::80 :::*  LISTEN  -',
      }),
    )
    expect(facts.strayListeners.map((one) => [one.protocol, one.address, one.port, one.process])).toEqual([
      ['tcp', '0.0.0.0', 22, 'sshd: /usr/sbin'],
      ['udp', '[::]', 5353, 'avahi'],
      ['tcp', '[::]', 80, null],
    ])
  })

  test('/proc/net gives addresses and ports alone', () => {
    const facts = factsFrom(
      systemd({
        'listeners-proc': [
          'tcp   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
          'udp    sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref',
          'tcp   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0',
          'tcp   1: 0100007F:0017 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0',
          'tcp6   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0',
          'tcp6   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0',
          'udp6   2: B80D01200000000067452301EFCDAB89:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0',
        ].join('\n'),
      }),
    )
    expect(facts.strayListeners.map((one) => `${one.protocol} ${one.address}:${one.port}`)).toEqual([
      'tcp 127.0.0.1:22',
      'tcp [::]:80',
      'tcp [::1]:81',
      'udp [2001:db8::123:4567:89ab:cdef]:53',
    ])
  })
})

/** Lines of ss as a user makes them who calls a program of his own so; names have at most 15 bytes. */
const calledSo = (name: string): string =>
  `tcp LISTEN 0 1 0.0.0.0:666 0.0.0.0:* users:(("${name}",pid=7,fd=1)) uid:1000 ino:9 sk:9 cgroup:/user.slice <->`

describe('who listens is not known, and no listener is named', () => {
  const NETSTAT = 'tcp        0      0 0.0.0.0:666             0.0.0.0:*               LISTEN      7/'
  const whyNot = (parts: Readonly<Record<string, string>>): string => {
    const facts = factsFrom(systemd(parts))
    expect(facts.units.flatMap((unit) => unit.listeners)).toEqual([])
    expect(facts.strayListeners).toEqual([])
    expect(facts.manager).toBe('systemd')
    return facts.whyNoListeners ?? 'it is known'
  }

  test.each([
    'a\n@@cgroups\nb',
    '\n@@manager\nno',
    '\n\n',
    '\nudp UNCONN 0 0',
    '\rx',
    '\u001b[2J',
    '\u009b2J',
    'x",pid=1,fd=1)',
    '"sshd",pid=',
    '"),("sshd",1,2',
    '"',
  ])('where a process is called %j', (name) => {
    for (const text of [`${calledSo(name)}\n${SS}`, `${SS}\n${calledSo(name)}`])
      expect(whyNot({ 'listeners-ss': text })).toMatch(
        /^ss\(8\) printed a line that can't be read, .*name would make one: /,
      )
  })

  test.each(['a\nb', '\ntcp 0 0 *:22 *:*', '\u001b[2J'])('where netstat tells of a process called %j', (name) => {
    expect(whyNot({ 'listeners-netstat': `${NETSTAT}${name}\n` })).toMatch(
      /^netstat\(8\) printed a line that can't be read/,
    )
    expect(factsFrom(systemd({ 'listeners-netstat': `${NETSTAT}sshd\n` })).whyNoListeners).toBeNull()
  })

  test('where a table of the kernel is missing', () => {
    expect(whyNot({ 'listeners-proc': 'tcp   sl  local_address rem_address   st\n' })).toBe(
      "/proc/net/udp can't be read",
    )
  })

  test('where the list was cut off or did not come', () => {
    const cut = outputOf('units', systemd({ 'listeners-ss': SS }), { cut: 'listeners-ss', timedOut: true })
    const facts = factsOf(units.parse(cut, someHost(), 1))
    expect(facts?.whyNoListeners).toBe('the list of who listens was cut off')
    expect(facts?.strayListeners).toEqual([])
    expect(whyNot({})).toBe('the host did not come to say who listens')
  })

  test('and no name and no text gives a listener beside those that are there', () => {
    const name = fc.string({
      unit: fc.constantFrom('\n', '"', ',', ')', '(', 'pid=1', 'fd=3', ' ', 'tcp', '0', 'x'),
      maxLength: 15,
    })
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const holders = names.map((one) => `("${one.slice(0, 15)}",pid=7,fd=1)`).join(',')
        const heard = parseSs(`${SS}\ntcp LISTEN 0 1 0.0.0.0:666 0.0.0.0:* users:(${holders}) uid:1000\n`)
        const there = parseSs(SS)
        if (!heard.ok || !there.ok) return
        expect(heard.value.slice(0, -1)).toEqual(there.value)
        expect(heard.value.at(-1)).toMatchObject({ port: 666, pids: names.map(() => 7) })
      }),
    )
  })
})

describe('reading init scripts', () => {
  const facts = factsFrom(
    [
      '\n@@manager\nsysvinit\n',
      '\n@@scripts\nssh\tenabled\t/usr/sbin/sshd\t500\t.2345\tOpenBSD Secure Shell server',
      'cron\tenabled\t/usr/sbin/cron\t0\t-\tRegular jobs\nrsync\tdisabled\t/usr/bin/rsync\t0\t.\t\nkmod\tenabled\t\t0\t.S\tLoad modules\nbad name\tyes',
      '\n@@programs\n/proc/7 /sbin/cron\n/proc/8 /usr/bin/dash (deleted)\n',
      '\n@@listeners-ss\ntcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=500,fd=3))\n',
    ].join('\n'),
  )
  test.each([
    ['ssh', 'running  enabled 0.0.0.0:22'],
    ['cron', 'running  enabled'],
    ['rsync', 'stopped  disabled'],
    ['kmod', 'unknown  enabled'],
    ['bad name', 'none'],
  ])('%s is %s', (name, expected) => {
    expect(line(facts, name)).toBe(expected)
  })

  test('tells which runlevels start them, where that was said', () => {
    expect(facts?.units.map(({ name, levels }) => [name, levels])).toEqual([
      ...[
        ['ssh', '2345'],
        ['cron', undefined],
      ],
      ...[
        ['rsync', ''],
        ['kmod', 'S'],
      ],
    ])
  })
})

describe('hosts that run neither, and probes that fail', () => {
  test('absent in systemctl’s words', () => {
    expect(
      read('\n@@manager\nnone\n@@words\nSystem has not been booted with systemd as init system (PID 1).'),
    ).toMatchObject({ state: 'absent', reason: 'System has not been booted with systemd as init system (PID 1).' })
  })

  test('a probe whose time ran out is unreadable, one that has not come is unread', () => {
    expect(read('', true).state).toBe('unreadable')
    expect(units.parse(() => null, someHost(), 1)).toEqual({ state: 'unread' })
  })

  test.each(['units', 'files', 'sockets', 'scripts', 'programs'])('a list of %s that was cut off is none', (cut) => {
    const output = outputOf('units', systemd({ 'listeners-ss': SS }), { cut })
    expect(units.parse(output, someHost(), 1)).toEqual({
      state: 'unreadable',
      reason: 'the list of services was cut off; press R to try again',
    })
  })

  test('never throws, whatever the probe printed', () => {
    const part = fc.constantFrom('units', 'files', 'sockets', 'cgroups', 'listeners-ss', 'listeners-proc', 'scripts')
    fc.assert(
      fc.property(fc.dictionary(part, fc.string({ unit: 'binary' })), fc.boolean(), (parts, sysv) => {
        const facts = factsFrom(systemd({ ...parts, manager: sysv ? 'sysvinit' : 'systemd' }))
        for (const check of units.checks) check.judge(facts, someHost(), NOTHING_AROUND)
      }),
    )
  })
})

describe('a unit that systemd generated from a script', () => {
  const row = (scripted: string) =>
    parseSystemd('exim4.service loaded active running LSB', 'exim4.service generated -', scripted)[0]

  test('starts at boot where the links of the script say so', () => {
    expect(row('exim4.service disabled')).toMatchObject({ boot: 'disabled', ofScript: true })
    expect(row('exim4.service enabled')).toMatchObject({ boot: 'enabled', ofScript: true })
  })

  test('is called generated where nobody said what they do', () => {
    expect(row('')?.boot).toBe('generated')
    expect(row('exim4.service Failed to ask')?.boot).toBe('generated')
    expect(row('other.service disabled')?.boot).toBe('generated')
  })
})

describe('judging services', () => {
  const judge = (id: string, facts: UnitsFacts): string => {
    const verdict = units.checks.find((check) => check.id === id)?.judge(facts, someHost(), NOTHING_AROUND)
    return `${verdict?.outcome} ${verdict?.observed}`
  }
  const facts = factsFrom(systemd({ 'listeners-ss': SS }))

  test('a needless service that runs fails, with what it does', () => {
    expect(judge('SVC-avahi', facts)).toBe('fail avahi-daemon.service running, starts at boot, listens on 5353/udp')
    expect(blamedUnits(facts).get('avahi-daemon.service')).toEqual(['SVC-avahi'])
  })

  test('one that is there but off passes, one that is not there does not apply', () => {
    expect(judge('SVC-cups', facts)).toBe('pass stopped and disabled')
    expect(judge('SVC-bluetooth', facts)).toBe('notapplicable not installed')
  })

  test('a mail server fails only when it listens outside', () => {
    const mail = (address: string): UnitsFacts =>
      factsFrom(
        systemd({
          units: 'exim4.service loaded active running Exim',
          files: 'exim4.service enabled enabled',
          'listeners-ss': `tcp LISTEN 0 9 ${address}:25 *:* cgroup:/system.slice/exim4.service`,
        }),
      )
    expect(judge('SVC-mail', mail('127.0.0.1'))).toBe('pass loopback only')
    expect(judge('SVC-mail', mail('[::1]'))).toBe('pass loopback only')
    expect(judge('SVC-mail', mail('::1'))).toBe('pass loopback only')
    expect(judge('SVC-mail', mail('0.0.0.0'))).toBe('fail exim4.service running, starts at boot, listens on 25/tcp')
  })

  test('what can’t be told passes no check', () => {
    const stray = systemd({
      units: 'exim4.service loaded active running Exim',
      files: '',
      'listeners-ss': 'tcp LISTEN 0 9 0.0.0.0:25 *:*',
    })
    expect(judge('SVC-mail', factsFrom(stray))).toBe("unknown port 25 is open outside, whose it is can't be told")
    const script = '\n@@manager\nsysvinit\n@@scripts\nnfs-common\tdisabled\t\t0\t'
    expect(judge('SVC-nfs', factsFrom(script))).toBe("unknown whether nfs-common runs can't be told")
  })
})

describe.each(SHELLS)('the probe of services under %s', (_name, shell) => {
  const script = units.probes[0]?.script ?? ''
  const systemctl = `case "$1" in list-units) cat <<'E'\n${LOADED}\nE\n;; list-unit-files) cat <<'E'\n${FILES}\nE\n;; esac`

  test('joins units and listeners', async () => {
    const facts = factsFrom(await runProbe(shell, script, { systemctl, ss: `cat <<'E'\n${SS}\nE` }))
    expect(line(facts, 'avahi-daemon.service')).toBe('active running enabled 0.0.0.0:5353')
  })

  test('uses an ss that knows no -e', async () => {
    const ss = `[ "$1" = -lntup ] || exit 255\ncat <<'E'\n${SS}\nE`
    expect(factsFrom(await runProbe(shell, script, { systemctl, ss })).strayListeners).not.toEqual([])
  })

  test('falls back to /proc without ss and netstat', async () => {
    const stdout = await runProbe(shell, script, { systemctl })
    expect(stdout).toContain('@@listeners-proc')
    expect(read(stdout).state).toBe('present')
  })

  test('systemctl on a host that systemd did not boot is not systemd', async () => {
    const stdout = await runProbe(shell, script, {
      systemctl: 'echo "System has not been booted with systemd" >&2; exit 1',
    })
    expect(stdout).not.toContain('@@units')
  })
})

test('a description that holds what some take for the end of a line hides no unit', () => {
  const [unit] = parseSystemd('a.service loaded active exited x\u2028y\u2029\n', '')
  expect(unit).toMatchObject({ name: 'a.service', active: 'active', sub: 'exited' })
})
