import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { operatorPasses } from '../../../../../src/services/areas/firewall/checks/default-deny.ts'
import { sightOf, withRuleSet } from '../../../../../src/services/areas/firewall/checks/sight.ts'
import { firewallChecks } from '../../../../../src/services/areas/firewall/checks/table.ts'
import { applyEdits } from '../../../../../src/services/areas/firewall/edits.ts'
import { judgeLockOut } from '../../../../../src/services/areas/firewall/plan/guards.ts'
import type { RuleEdit } from '../../../../../src/services/model/firewall.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { filter, fixed, fixOf } from '../../../../support/firewall-checks.ts'
import { listener } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'
import { saveText } from '../../../../support/rule-sets.ts'

const SSH = '-p tcp -m tcp --dport 22 -j ACCEPT'
const LO = '-i lo -j ACCEPT'
const EST = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const sshd = listener('tcp', '*', 22, 'sshd')

describe('policy DROP', () => {
  test('comes with what must go on, where nothing accepts it', () => {
    expect(fixed('FW-default-deny-v4', {})).toEqual(['policy DROP', LO, EST, SSH])
  })

  test('comes alone where all of it is accepted', () => {
    const v4 = filter(`-A INPUT ${LO}`, `-A INPUT ${EST}`, `-A INPUT ${SSH}`)
    expect(fixOf('FW-default-deny-v4', { v4 })?.map((edit) => edit.kind)).toEqual(['policy'])
  })

  test('goes behind the jumps into chains of fail2ban, so that bans stay', () => {
    const v4 = filter(':f2b-sshd', '-A INPUT -p tcp -j f2b-sshd', '-A INPUT -s 203.0.113.0/24 -j DROP')
    expect(fixed('FW-default-deny-v4', { v4 })).toEqual([
      'policy DROP',
      '-p tcp -j f2b-sshd',
      LO,
      EST,
      SSH,
      '-s 203.0.113.0/24 -j DROP',
    ])
  })

  test('of IPv6 keeps neighbour discovery, path MTU and ping (RFC 4890), and SSH where it listens', () => {
    const types = [128, 130, 133, 134, 135, 136].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`)
    const lease = '-s fe80::/10 -p udp -m udp --sport 547 --dport 546 -j ACCEPT'
    const listeners = [sshd, listener('udp', '[fe80::1]%eth0', 546)]
    const rules = fixed('FW-default-deny-v6', { listeners })
    expect(new Set(rules)).toEqual(new Set(['policy DROP', LO, EST, SSH, ...types, lease]))
    expect(fixed('FW-v6-open', { v4: filter('INPUT DROP'), listeners })).toEqual(rules)
    expect(fixed('FW-default-deny-v6', { listeners: [listener('tcp', '0.0.0.0', 22)] })).not.toContain(SSH)
  })

  test('keeps the lease of an address', () => {
    expect(fixed('FW-default-deny-v4', { listeners: [listener('udp', '192.0.2.10%eth0', 68)] })).toContain(
      '-p udp -m udp --sport 67 --dport 68 -j ACCEPT',
    )
  })

  test('never locks the operator out, whatever the rules are', () => {
    fc.assert(
      fc.property(saveText, (save) => {
        const facts = firewallFacts(save)
        const before = sightOf(facts, hostFacts, { listeners: [sshd] })
        const edits = fixOf('FW-default-deny-v4', { v4: save, listeners: [sshd] })
        const { v4 } = facts.families
        if (!edits || v4.state !== 'present') return
        const { after, conflicts } = applyEdits(v4.ruleSet, edits)
        expect(conflicts).toEqual([])
        const sight = sightOf(withRuleSet(facts, 'v4', after), hostFacts, { listeners: [sshd] })
        if (operatorPasses(before, hostFacts, 'v4') !== 'no')
          expect(operatorPasses(sight, hostFacts, 'v4')).not.toBe('no')
        if (
          after.tables[0]?.chains.find((chain) => chain.name === 'OUTPUT')?.policy === 'ACCEPT' &&
          !save.includes('-A OUTPUT')
        )
          expect(judgeLockOut(hostFacts, facts, after).blockers).toEqual([])
      }),
      { numRuns: 400 },
    )
  })
})

describe('other fixes', () => {
  test('accept loopback and running connections at the top, in the chain that drops them', () => {
    const v4 = filter('INPUT DROP', ':f2b-x', '-A INPUT -j f2b-x', `-A INPUT ${SSH}`)
    expect(fixed('FW-loopback-v4', { v4 })).toEqual(['policy DROP', '-j f2b-x', LO, SSH])
    expect(fixed('FW-established-v4', { v4 })).toEqual(['policy DROP', '-j f2b-x', EST, SSH])
    expect(fixed('FW-loopback-v4', { v4: filter('OUTPUT DROP') }, 'OUTPUT')).toEqual(['policy DROP', '-o lo -j ACCEPT'])
    expect(fixOf('FW-loopback-v4', { v4: filter() })).toBeNull()
  })

  test('limit attempts to log in, but not those of the operator', () => {
    const rate =
      '-p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m hashlimit --hashlimit-above 10/min --hashlimit-burst 10 --hashlimit-mode srcip --hashlimit-name hardtui-ssh'
    expect(fixed('FW-ssh-rate-v4', { v4: filter(`-A INPUT ${SSH}`) })).toEqual([
      'policy ACCEPT',
      `! -s 198.51.100.20/32 ${rate} -j DROP`,
      SSH,
    ])
    expect(fixed('FW-ssh-rate-v6', { v6: filter(`-A INPUT ${SSH}`) })?.[1]).toBe(
      `${rate} --hashlimit-srcmask 64 -j DROP`,
    )
  })

  test('open the passive range of an FTP server', () => {
    const ftp = [{ program: 'vsftpd', port: 21, passive: { from: 10030, to: 10049 } }] as const
    const v4 = filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 21 -j ACCEPT')
    const scene = { v4, facts: { ftp }, listeners: [listener('tcp', '*', 21)] }
    expect(fixed('FW-ftp-v4', scene)).toContain('-p tcp -m tcp --dport 10030:10049 -j ACCEPT')
  })

  test('delete what is shadowed or for nobody, but not the way in, nor the jump of another program', () => {
    const v4 = filter(
      ':f2b-sshd',
      `-A INPUT ${SSH}`,
      '-A INPUT -p tcp -m tcp --dport 22 -j DROP',
      '-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd',
      '-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT',
    )
    expect(fixed('FW-shadowed-v4', { v4 })).toEqual([
      'policy ACCEPT',
      SSH,
      '-p tcp -m tcp --dport 22 -j f2b-sshd',
      '-p tcp -m tcp --dport 8443 -j ACCEPT',
    ])
    expect(fixOf('FW-nobody-listens-v4', { v4, listeners: [] })).toBeNull()
    expect(fixOf('FW-nobody-listens-v4', { v4, listeners: [listener('tcp', '*', 10022)] })).toMatchObject([
      { kind: 'delete', ruleId: expect.stringContaining('8443') },
    ])
  })

  test('are the same each time, and the same rule has the same id in each of them', () => {
    const ids = (id: string) =>
      fixOf(id, { v4: filter('INPUT DROP') })?.flatMap((edit: RuleEdit) => ('ruleId' in edit ? [edit.ruleId] : []))
    expect(ids('FW-loopback-v4')).toEqual(ids('FW-loopback-v4'))
    const [all, lo] = [fixOf('FW-default-deny-v4', {}), ids('FW-loopback-v4')]
    expect(all?.map((edit) => ('ruleId' in edit ? edit.ruleId : ''))).toContain(lo?.[0])
  })

  test('or a reason is said where there is none', () => {
    for (const check of firewallChecks) if (!check.fix) expect(check.noFix, check.id).toBeTruthy()
  })
})

test('ids are stable: one of each, documented by their family', () => {
  const ids = firewallChecks.map((check) => check.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^FW-[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toBe(true)
  expect(say`${ids.length}`).toBe('42')
})
