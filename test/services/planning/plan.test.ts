import { describe, expect, test } from 'vitest'
import type { StagedChange } from '../../../src/services/model/areas.ts'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import type { HostFacts } from '../../../src/services/model/host.ts'
import { safe, say } from '../../../src/services/model/safe.ts'
import { makePlan } from '../../../src/services/planning/plan.ts'
import { AREAS } from '../../../src/state/areas/table.ts'
import { planFrom } from '../../support/make-plan.ts'
import {
  firewallFacts,
  hostFacts,
  INPUT,
  insertFirst,
  planOf,
  staged,
  stagedFile,
  stagedUnit,
  textChange,
} from '../../support/plans.ts'
import { UNSEEN } from '../../support/seen.ts'

const OPEN = firewallFacts('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n')
const kinds = (plan: ReturnType<typeof planOf>) => plan.blockers.map((blocker) => blocker.kind)
const answers = (plan: ReturnType<typeof planOf>) => plan.whatIf.map((one) => one.answer)

test('a rule that drops the operator is called a lock-out, with the deciding rule named', () => {
  const plan = planOf(OPEN, [insertFirst(OPEN, '-p tcp -m tcp --dport 22 -j DROP')])
  expect(kinds(plan)).toEqual(['lock-out'])
  expect(plan.blockers[0]?.message).toContain('filter INPUT rule 1: -p tcp -m tcp --dport 22 -j DROP')
  expect(answers(plan)).toEqual(['no', 'no'])
})

test('a policy of DROP without an accept is a lock-out too, and with one it is not', () => {
  const policy: RuleEdit = { kind: 'policy', at: INPUT, policy: 'DROP' }
  expect(kinds(planOf(OPEN, [policy]))).toEqual(['lock-out'])
  const accepted = planOf(OPEN, [policy, insertFirst(OPEN, '-p tcp -m tcp --dport 22 -j ACCEPT')])
  expect(kinds(accepted)).toEqual([])
  expect(answers(accepted)).toEqual(['yes', 'yes'])
})

test('a reply that could not leave is a lock-out as well', () => {
  const plan = planOf(OPEN, [{ kind: 'policy', at: { ...INPUT, chain: 'OUTPUT' }, policy: 'DROP' }])
  expect(kinds(plan)).toEqual(['lock-out'])
  expect(plan.blockers[0]?.message).toContain('filter OUTPUT policy DROP')
})

test('a rule that depends on what cannot be seen is said, not blocked', () => {
  const plan = planOf(OPEN, [insertFirst(OPEN, '-m recent --update --seconds 60 --name x -j DROP')])
  expect(kinds(plan)).toEqual([])
  expect(answers(plan)).toContain('unsure')
})

test('a change to the other family asks nothing of the session and blocks nothing', () => {
  const plan = planOf(OPEN, [{ kind: 'policy', at: { ...INPUT, family: 'v6' }, policy: 'DROP' }])
  expect(kinds(plan)).toEqual([])
  expect(plan.steps).toMatchObject([{ family: 'v6', delta: '*filter\n-P INPUT DROP\nCOMMIT\n' }])
})

test('the difference shows what iptables-save would, with what stands around it', () => {
  const plan = planOf(OPEN, [insertFirst(OPEN, '-p tcp -m tcp --dport 80 -j ACCEPT')])
  expect(plan.steps[0]?.diff.map((line) => `${line.mark} ${line.text}`)).toEqual([
    '@ v4 filter INPUT',
    '+ -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
    '  -A INPUT -i lo -j ACCEPT',
  ])
})

test('an edit whose rule is gone is a conflict', () => {
  expect(kinds(planOf(OPEN, [{ kind: 'delete', at: INPUT, ruleId: 'gone' }]))).toEqual(['conflict'])
})

test.each([
  [{ ...hostFacts, login: { ...hostFacts.login, escalation: 'none' as const } }, 'no-privilege'],
  [{ ...hostFacts, tools: {} }, 'missing-tool'],
])('a host that cannot keep the promise is refused (%#)', (host, kind) => {
  const plan = planFrom({ host, firewall: OPEN, changes: [staged(insertFirst(OPEN, '-j LOG'))], windowSeconds: 180 })
  expect(plan.blockers.map((blocker) => blocker.kind)).toContain(kind)
})

test('what becomes of the change at the next boot is said', () => {
  const edit = insertFirst(OPEN, '-j LOG')
  expect(planOf(OPEN, [edit]).persistence).toMatchObject({ kind: 'none' })
  expect(planOf(OPEN, [edit], { persistence: 'loader' }).persistence?.kind).toBe('loader')
  const kept = {
    ...OPEN,
    persistence: { kind: 'netfilter-persistent', v4: '/etc/iptables/rules.v4', v6: 'x' } as const,
  }
  expect(planOf(kept, [edit]).persistence?.message).toContain('/etc/iptables/rules.v4')
  // A loader of ours beside it would be one too many.
  const asleep = { ...OPEN, persistence: { kind: 'none', asleep: [safe('netfilter-persistent')] } as const }
  expect(planOf(asleep, [edit]).persistence).toMatchObject({
    kind: 'none',
    message: expect.stringContaining('netfilter-persistent is there, but not started at boot'),
  })
  const hooked = { ...OPEN, persistence: { kind: 'other', by: [safe('the hook /etc/network/if-up.d/fw')] } as const }
  expect(planOf(hooked, [edit], { persistence: 'loader' }).persistence).toMatchObject({
    kind: 'none',
    elsewhere: true,
    message: expect.stringContaining('the hook /etc/network/if-up.d/fw loads the rules of this host at boot'),
  })
})

test('rules that another program owns are said to be its own', () => {
  const owned = { ...OPEN, managers: [safe('firewalld')] }
  expect(planOf(owned, [insertFirst(OPEN, '-j LOG')]).whatIf.map((one) => one.because)).toContain(
    'firewalld does, and puts its own back when it next reloads: change them with it',
  )
})

test('a chain that comes or goes is said in the difference', () => {
  const at = { family: 'v4', table: 'filter', chain: 'web' } as const
  const lines = planOf(OPEN, [{ kind: 'new-chain', at }]).steps[0]?.diff.map((line) => `${line.mark} ${line.text}`)
  expect(lines).toEqual(['@ v4 filter web', '+ -N web'])
})

test('rules of firewalld, ufw, shorewall or ferm are not changed behind their back', () => {
  const blockers = (name: string) =>
    planOf({ ...OPEN, managers: [safe(name)] }, [insertFirst(OPEN, '-j LOG')]).blockers.map((one) => one.message)
  for (const name of ['firewalld', 'ufw', 'shorewall', 'ferm'])
    expect(blockers(name)).toEqual([
      `The rules of this host are ${name}'s, which puts its own back when it next reloads.`,
    ])
  expect(blockers('fail2ban')).toEqual([])
})

test('files and units become steps of the same plan, after the rules, and sshd reads its own files again', () => {
  const plan = planFrom({
    host: hostFacts,
    firewall: OPEN,
    windowSeconds: 180,
    changes: [
      stagedFile(textChange('/etc/ssh/sshd_config.d/00-hardtui.conf', 'Port 10022\n', null)),
      stagedUnit({ unit: 'rpcbind.service', run: 'stop', boot: 'disable', was: { run: 'active', boot: 'enabled' } }),
      staged(insertFirst(OPEN, '-j LOG')),
    ],
  })
  expect(plan.steps.map((step) => step.kind)).toEqual(['rules', 'file', 'unit'])
  expect(plan.sshd).toBe('reload')
  expect(plan.steps[1]?.diff.map((line) => `${line.mark} ${line.text}`)).toEqual([
    '@ /etc/ssh/sshd_config.d/00-hardtui.conf (new)',
    '+ Port 10022',
  ])
  expect(plan.steps[2]?.commands).toEqual(['systemctl disable rpcbind.service', 'systemctl stop rpcbind.service'])
})

test.each([
  ['/etc/two words', 'x\n'],
  ['etc/relative', 'x\n'],
  ['/etc/../etc/shadow', 'x\n'],
  ['/etc/binary', '\0\n'],
])('the file %s with the text %j cannot be changed from here', (path, text) => {
  const changes = [stagedFile(textChange(path, text, null))]
  const plan = planFrom({ host: hostFacts, firewall: OPEN, changes, windowSeconds: 180 })
  expect(kinds(plan)).toEqual(['irreversible'])
})

describe('what a plan needs on the server', () => {
  const unit = stagedUnit({ unit: 'cups.service', run: 'stop', boot: null, was: { run: 'active', boot: 'enabled' } })
  const missing = (changes: readonly StagedChange[], tools: HostFacts['tools']): readonly string[] =>
    planFrom({ host: { ...hostFacts, tools }, firewall: OPEN, changes, windowSeconds: 180 }).blockers.map(
      ({ kind, message }) => `${kind}: ${message}`,
    )

  test('are the programs of each area that changes, and those of the rollback, each once', () => {
    expect(missing([staged(insertFirst(OPEN, '-j LOG')), unit], {})).toEqual([
      'missing-tool: The server lacks iptables-save, iptables-restore, unshare, timeout, which the rollback is built on.',
    ])
    expect(missing([unit], {})).toEqual(['missing-tool: The server lacks timeout, which the rollback is built on.'])
  })

  test.each(['iptables-save', 'iptables-restore', 'unshare', 'timeout'])('includes %s', (tool) => {
    const { [tool]: _, ...tools } = hostFacts.tools
    expect(missing([staged(insertFirst(OPEN, '-j LOG'))], tools)).toEqual([
      `missing-tool: The server lacks ${tool}, which the rollback is built on.`,
    ])
  })

  test.each([
    ['none', 1],
    ['password', 1],
    ['sudo', 0],
    ['root', 0],
  ] as const)('is root: with %s there are %d blockers', (escalation, count) => {
    const host = { ...hostFacts, login: { ...hostFacts.login, escalation } }
    expect(planFrom({ host, firewall: OPEN, changes: [unit], windowSeconds: 180 }).blockers).toHaveLength(count)
  })
})

describe('a plan of several areas', () => {
  const config = stagedFile(textChange('/etc/ssh/sshd_config', 'Port 22\nPort 2222\nPort 2222\n', 'Port 22\n'))
  const unit = stagedUnit({ unit: 'cups.service', run: 'stop', boot: null, was: { run: 'active', boot: 'enabled' } })
  const plan = (changes: readonly StagedChange[], firewall: FirewallFacts | null = OPEN) =>
    planFrom({ host: hostFacts, firewall, changes, windowSeconds: 90 })

  test('has what each of them adds, and what was staged as it was staged', () => {
    const changes = [unit, config, staged(insertFirst(OPEN, '-j LOG'))]
    expect(plan(changes)).toMatchObject({
      changes,
      rollbackAfterSeconds: 90,
      newPorts: [2222],
      sshd: 'reload',
      checks: ['sshd'],
      persistence: { kind: 'none' },
      blockers: [],
    })
  })

  test('has nothing of an area in which nothing is staged', () => {
    expect(plan([unit])).toMatchObject({
      steps: [{ kind: 'unit' }],
      whatIf: [],
      newPorts: [],
      sshd: null,
      checks: [],
      persistence: null,
    })
  })

  test('says of one that can’t be read what is staged there, and goes on with the others', () => {
    const made = plan([staged(insertFirst(OPEN, '-j LOG')), unit], null)
    expect(made.steps).toMatchObject([{ kind: 'unit' }])
    expect(made.persistence).toBeNull()
    expect(made.blockers).toEqual([
      {
        kind: 'conflict',
        message: "What is staged for v4 filter INPUT can't be read on the server now.",
        next: 'Press R to read it again, or unstage it with u.',
      },
    ])
    expect(plan([unit], null).blockers).toEqual([])
  })

  test('says the same of an area that is only shown', () => {
    const shown = { ...unit, area: 'securelog', target: say`the log` } as never as StagedChange
    expect(
      makePlan({
        areas: AREAS,
        changes: [shown],
        ...UNSEEN,
        host: hostFacts,
        windowSeconds: 180,
        merged: () => ({ base: {}, after: {}, conflicts: [] }) as never,
      }).blockers,
    ).toMatchObject([{ kind: 'conflict', message: "What is staged for the log can't be read on the server now." }])
  })
})
