import { describe, expect, test } from 'vitest'
import { units } from '../../../../src/services/areas/units/area.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import type { UnitsFacts } from '../../../../src/services/model/units.ts'
import { NOTHING_AROUND, outputOf, someHost } from '../some-host.ts'
import { runProbe, SHELLS } from '../stand-in-host.ts'

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

describe.each(SHELLS)('a host of OpenRC under %s', (_name, shell) => {
  const script = units.probes[0]?.script ?? ''
  const script1 = (name: string): string => `cat >"$HARDTUI_ROOT/etc/init.d/${name}" <<'E'
#!/sbin/openrc-run
description="${name} service"
command="/usr/sbin/${name}"
command_args="-D"
pidfile="/run/$RC_SVCNAME.pid"
E
chmod +x "$HARDTUI_ROOT/etc/init.d/${name}"
`
  const laid = (more: string): string => `
HARDTUI_ROOT=$(dirname "$0")/root; export HARDTUI_ROOT
PATH=$PATH:/usr/bin:/bin
mkdir -p "$HARDTUI_ROOT/etc/init.d" "$HARDTUI_ROOT/etc/runlevels/default" "$HARDTUI_ROOT/etc/runlevels/shutdown"
${['in.telnetd', 'odd-sshd', 'avahi-daemon', 'killprocs'].map(script1).join('')}
: >"$HARDTUI_ROOT/etc/runlevels/default/in.telnetd"
: >"$HARDTUI_ROOT/etc/runlevels/shutdown/killprocs"
ln -s /nowhere "$HARDTUI_ROOT/etc/runlevels/default/odd-sshd"
mkdir -p "$HARDTUI_ROOT/etc/runlevels/off"
: >"$HARDTUI_ROOT/etc/runlevels/off/avahi-daemon"
${more}
`
  const none = { systemctl: 'exit 1', ss: 'exit 1', netstat: 'exit 1' }

  test('boot starts what stands in a runlevel', async () => {
    const facts = read(await runProbe(shell, `${laid('')}${script}`, none))
    expect(facts.manager).toBe('openrc')
    expect(['in.telnetd', 'odd-sshd', 'avahi-daemon', 'killprocs'].map((name) => line(facts, name))).toEqual([
      'stopped  enabled',
      'stopped  enabled',
      'stopped  disabled',
      'stopped  disabled',
    ])
    expect(facts.units[0]?.description).toBe('avahi-daemon service')
    const check = units.checks.find(({ id }) => id === 'SVC-legacy-remote')
    expect(check?.judge(facts, someHost(), NOTHING_AROUND)).toMatchObject({
      outcome: 'fail',
      observed: 'in.telnetd stopped, starts at boot',
    })
  })

  test('and what stands in a runlevel that is stacked into one, or in the one that it is in', async () => {
    const more = `mkdir -p "$HARDTUI_ROOT/etc/runlevels/default/base" "$HARDTUI_ROOT/etc/runlevels/base" "$HARDTUI_ROOT/etc/runlevels/laptop" "$HARDTUI_ROOT/run/openrc"
: >"$HARDTUI_ROOT/etc/runlevels/base/avahi-daemon"; : >"$HARDTUI_ROOT/etc/runlevels/laptop/killprocs"
echo laptop >"$HARDTUI_ROOT/run/openrc/softlevel"`
    const facts = read(await runProbe(shell, `${laid(more)}${script}`, none))
    expect(facts.units.map(({ boot }) => boot)).toEqual(['enabled', 'enabled', 'enabled', 'enabled'])
  })

  test('what it has started runs where that is no daemon, and is unknown where the daemon is gone', async () => {
    const started = `mkdir -p "$HARDTUI_ROOT/run/openrc/started"; cd "$HARDTUI_ROOT/run/openrc/started"; : >avahi-daemon; : >swap
printf '#!/sbin/openrc-run\\nstart() { :; }\\n' | tee "$HARDTUI_ROOT/etc/init.d/swap" >"$HARDTUI_ROOT/etc/init.d/loopback"; chmod +x "$HARDTUI_ROOT"/etc/init.d/*; cd /`
    const facts = read(await runProbe(shell, `${laid(started)}${script}`, none))
    expect(['avahi-daemon', 'in.telnetd', 'swap', 'loopback'].map((name) => line(facts, name))).toEqual([
      'unknown  disabled',
      'stopped  enabled',
      'running  disabled',
      'stopped  disabled',
    ])
  })

  test('where it is not certain that it runs, sysvinit’s links count too', async () => {
    const links = `mkdir -p "$HARDTUI_ROOT/etc/rc2.d"; : >"$HARDTUI_ROOT/etc/rc2.d/S01avahi-daemon"`
    const facts = read(await runProbe(shell, `${laid(links)}${script}`, none))
    expect(facts.manager).toBe('sysvinit')
    expect([line(facts, 'avahi-daemon'), line(facts, 'in.telnetd')]).toEqual(['stopped  enabled', 'stopped  enabled'])
    expect(facts.units.find(({ name }) => name === 'avahi-daemon')?.levels).toBe('2')
  })
})
