// OpenRC as Debian has it: what starts at boot is what its own program says.
import { describe, expect, it } from 'vitest'
import { factsOf } from '../../src/services/model/reading.ts'
import { audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import { until } from './run.ts'

describe.skipIf(whyNoLab() !== null)('a server of OpenRC', () => {
  it('has the boot states and the running services that rc-update and rc-status tell', async () => {
    await using server = await up({ flavour: 'sysvinit', packages: ['openrc'] })
    await server.must(
      'rc-update del atd default; rc-service atd stop; printf "#!/sbin/openrc-run\\ncommand=/usr/sbin/in.telnetd\\n" >/etc/init.d/in.telnetd; chmod +x /etc/init.d/in.telnetd; rc-update add in.telnetd default',
    )
    await until('atd to end', async () => (await server.sh('pgrep -x atd')).status === 1)
    const shown = await server.must('rc-update show sysinit boot default | sed -n "s/^ *\\([^ ]*\\) |.*[a-z].*/\\1/p"')
    const operator = await logIn(server)
    const { reading, verdict } = await audit(operator.host, 'units')
    const facts = factsOf(reading)
    if (!facts) throw new Error('no facts')
    expect(facts.manager).toBe('openrc')
    const enabled = facts.units.filter(({ boot }) => boot === 'enabled').map(({ name }) => name)
    // rc.local is no service, and is never listed.
    const early = (await server.must('ls /etc/rcS.d'))
      .split('\n')
      .map((link) => link.replace(/^S\d\d/, ''))
      .concat('rc.local')
    expect(enabled.filter((name) => !early.includes(name)).toSorted()).toEqual(
      shown
        .split('\n')
        .filter((name) => !early.includes(name))
        .toSorted(),
    )
    expect(enabled).toContain('in.telnetd')
    expect(enabled).not.toContain('atd')
    expect(facts.units.find(({ name }) => name === 'ssh')).toMatchObject({ active: 'running', boot: 'enabled' })
    // OpenRC still calls Debian's script started, though its daemon is gone.
    expect(facts.units.find(({ name }) => name === 'atd')).toMatchObject({ active: 'unknown', boot: 'disabled' })
    expect(verdict('SVC-legacy-remote')).toBe('fail in.telnetd stopped, starts at boot')
    operator.close()
  })
})
