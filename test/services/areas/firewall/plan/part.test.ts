import { describe, expect, test } from 'vitest'
import { firewallEditing } from '../../../../../src/services/areas/firewall/editing.ts'
import type { FirewallEdit } from '../../../../../src/services/areas/firewall/lay.ts'
import type { Seen } from '../../../../../src/services/model/editing.ts'
import type { ChainRef, FirewallFacts, Layer, RuleEdit } from '../../../../../src/services/model/firewall.ts'
import { safe, say } from '../../../../../src/services/model/safe.ts'
import { merge } from '../../../../../src/services/planning/staging.ts'
import { listener } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts, INPUT, insertFirst, textChange } from '../../../../support/plans.ts'
import { UNSEEN } from '../../../../support/seen.ts'

const OPEN = firewallFacts('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n')
const V6: ChainRef = { ...INPUT, family: 'v6' }
const drop = (at: ChainRef = INPUT): RuleEdit => ({ kind: 'policy', at, policy: 'DROP' })
const log = insertFirst(OPEN, '-j LOG')
const file: FirewallEdit = { kind: 'file', ...textChange('/etc/modules-load.d/hardtui-ftp.conf', 'x\n', null) }

const part = (facts: FirewallFacts, edits: readonly FirewallEdit[], seen: Partial<Seen> = {}) =>
  firewallEditing.part(merge(firewallEditing, facts, edits), edits, {
    ...UNSEEN,
    host: hostFacts,
    ...seen,
  })
const unread = (family: 'v4' | 'v6'): FirewallFacts => ({
  ...OPEN,
  families: { ...OPEN.families, [family]: { state: 'unreadable', reason: say`no root` } },
})
const kinds = (facts: FirewallFacts, edits: readonly FirewallEdit[], seen: Partial<Seen> = {}) =>
  part(facts, edits, seen).blockers.map(({ kind, message }) => `${kind}: ${message}`)

describe('the firewall’s part of a plan', () => {
  test('is a step for each family that changes, then the files', () => {
    const { steps } = part(OPEN, [file, drop(V6), log])
    expect(steps.map(({ kind, title }) => [kind, title])).toEqual([
      ['rules', 'firewall v4'],
      ['rules', 'firewall v6'],
      ['file', '/etc/modules-load.d/hardtui-ftp.conf'],
    ])
    expect(part(OPEN, [drop(), { ...drop(), policy: 'ACCEPT' } as RuleEdit]).steps).toEqual([])
  })

  test('of a file alone asks nothing about packets, and says nothing of boots', () => {
    expect(part(OPEN, [file])).toEqual({ steps: [expect.objectContaining({ kind: 'file' })], blockers: [], whatIf: [] })
    expect(part({ ...OPEN, managers: [safe('ufw')] }, [file]).blockers).toEqual([])
    expect(part(OPEN, [file, log]).persistence).toMatchObject({ kind: 'none' })
  })

  test('tells a file that moved on the server', () => {
    expect(kinds(OPEN, [file], { file: () => ({ state: 'unreadable', reason: say`x` }) })).toEqual([])
    const seen = { state: 'link', target: 'x', found: { state: 'absent' } } as never
    expect(part(OPEN, [file], { file: () => seen }).blockers).toMatchObject([{ kind: 'irreversible' }])
  })

  test('of a family that can’t be read is its reason alone, and the other goes on', () => {
    const made = part(unread('v6'), [drop(V6), log])
    expect(made.steps.map(({ title }) => title)).toEqual(['firewall v4'])
    expect(made.blockers).toEqual([
      {
        kind: 'missing-tool',
        message: "The v6 rules can't be read: no root.",
        next: 'Unstage the changes to v6.',
      },
    ])
    expect(part(unread('v4'), [log]).whatIf).toEqual([])
  })

  test('asks about the session in its own family only', () => {
    expect(part(OPEN, [drop(V6)]).whatIf).toEqual([])
    expect(part(OPEN, [log]).whatIf.map(({ question }) => question)).toEqual([
      'your next login (198.51.100.20 → :22, root)',
      'your running session',
    ])
    const session = { ...hostFacts.session, clientAddress: '2001:db8::9', serverAddress: '2001:db8::1' }
    const host = { ...hostFacts, session }
    expect(part(OPEN, [log], { host }).whatIf).toEqual([])
    expect(kinds(OPEN, [drop(V6)], { host })).toEqual([
      expect.stringMatching(/^lock-out: This locks you out: .* port 22 /),
    ])
  })

  test('names what it closes to strangers after the ways in', () => {
    const accepting = firewallFacts(
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n',
    )
    const { whatIf } = part(accepting, [drop()], { listeners: [listener('tcp', '0.0.0.0', 80, 'nginx')] })
    expect(whatIf.map(({ answer }) => answer)).toEqual(['yes', expect.any(String), 'no'])
    expect(whatIf[2]?.question).toBe('strangers to tcp 80 (nginx), IPv4')
  })

  test('refuses rules of another program, once a family that changes', () => {
    const owned = { ...OPEN, managers: [safe('ufw'), safe('fail2ban'), safe('nftables')] }
    const made = part(owned, [log, drop(V6)])
    expect(made.blockers.map(({ next }) => next)).toEqual([
      'Change them with ufw (ufw allow 80/tcp), and unstage the changes to v4.',
      'Change them with ufw (ufw allow 80/tcp), and unstage the changes to v6.',
    ])
    // Programs that write the whole rule set are named before arming; those that only have chains of their own are not.
    expect(
      made.whatIf.filter(({ question }) => question === 'who owns these rules').map(({ because }) => because),
    ).toEqual([
      'ufw does, and puts its own back when it next reloads: change them with it',
      'nftables does, and puts its own back when it next reloads: change them with it',
    ])
  })

  test('refuses a table that iptables can’t be believed about, once, and no other', () => {
    const nft = (insteadOf: string | null): Layer => ({ kind: 'unknown', reason: say`nft`, insteadOf })
    const beside = (...layers: readonly Layer[]): FirewallFacts => {
      const v4 = OPEN.families.v4
      if (v4.state !== 'present') return OPEN
      return {
        ...OPEN,
        families: { ...OPEN.families, v4: { state: 'present', ruleSet: { ...v4.ruleSet, beside: layers } } },
      }
    }
    const conflicts = (facts: FirewallFacts, ...edits: readonly RuleEdit[]) =>
      part(facts, edits).blockers.filter(({ kind }) => kind === 'conflict')
    expect(conflicts(beside(nft('filter')), log, drop({ ...INPUT, chain: 'OUTPUT' }))).toEqual([
      {
        kind: 'conflict',
        message: 'Table filter holds native nftables rules, which iptables would lose.',
        next: 'Change them with nft(8), and unstage the changes to v4 filter.',
      },
    ])
    expect(conflicts(beside(nft('nat'), nft(null)), log)).toEqual([])
    expect(conflicts(beside(nft('filter')), drop(V6))).toEqual([])
  })

  test('names an edit that no longer fits, once, with its chain and the reason', () => {
    const lost = (at: ChainRef): RuleEdit => ({ kind: 'delete', at, ruleId: 'gone' })
    expect(part(OPEN, [lost(INPUT), log, drop(V6)]).blockers).toEqual([
      {
        kind: 'conflict',
        message: 'A staged change to INPUT no longer fits: the rule is gone.',
        next: 'Unstage it with u and stage it again on the rules as they are now.',
      },
    ])
    expect(kinds(OPEN, [lost(INPUT), lost(V6)])).toHaveLength(2)
  })
})

describe('what becomes of changed rules at the next boot', () => {
  const docker = firewallFacts(
    '*filter\n:INPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -s 192.0.2.7/32 -j DROP\nCOMMIT\n',
  )
  const kept = (facts: FirewallFacts): FirewallFacts => ({
    ...facts,
    persistence: { kind: 'netfilter-persistent', v4: '/etc/iptables/rules.v4', v6: '/etc/iptables/rules.v6' },
  })
  const words = (facts: FirewallFacts, seen: Partial<Seen> = {}) => part(facts, [drop()], seen).persistence?.message

  test('is where they are saved', () => {
    expect(words(kept(OPEN))).toBe(
      'at your confirm the rules are saved to /etc/iptables/rules.v4 and /etc/iptables/rules.v6',
    )
    expect(words(OPEN, { persistence: 'loader' })).toMatch(/and hardtui-rules\.service loads them at boot$/)
    expect(part(kept(OPEN), [drop()], { persistence: 'loader' }).persistence?.kind).toBe('netfilter-persistent')
    expect(words(OPEN)).toBe('this host loads no rules at boot: the change will not survive a reboot')
  })

  test('is told apart for those that Docker takes away', () => {
    const systemd = '; those in DOCKER-USER are put back after Docker has made it (hardtui-docker-user.service)'
    const other = '; those in DOCKER-USER are lost then, for Docker makes that chain anew'
    expect(words(kept(docker))).toContain(systemd)
    expect(words(docker, { persistence: 'loader' })).toContain(systemd)
    expect(words(kept(docker), { host: { ...hostFacts, init: 'sysvinit' } })).toContain(other)
    expect(words(docker)).not.toContain('DOCKER-USER')
    expect(
      words(kept(firewallFacts('*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -j RETURN\nCOMMIT\n'))),
    ).not.toContain('DOCKER-USER')
    const nat = '*nat\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -s 192.0.2.7/32 -j DROP\nCOMMIT\n'
    expect(words(kept(firewallFacts(nat)))).not.toContain('DOCKER-USER')
    expect(
      words(kept({ ...docker, families: { ...docker.families, v6: { state: 'unreadable', reason: say`x` } } })),
    ).toContain(systemd)
  })

  test('is somebody else’s where something else loads rules, even unnamed', () => {
    expect(words({ ...OPEN, persistence: { kind: 'other', by: [] } })).toMatch(/^another program loads the rules/)
  })
})
