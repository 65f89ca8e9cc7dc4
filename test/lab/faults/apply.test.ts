import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { applyCommand } from '../../../src/services/transaction/scripts.ts'
import { insertFirst, stagedUnit } from '../../support/plans.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, closeOperatorsOf, logIn, type Operator, phase } from '../operator.ts'
import { LAB_DIR } from '../paths.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { armBy, keepOut, refusal, untilNoTraces } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { CURRENT, endings, fileChange, isArmed, lateness, rulesOf, worldOf } from './world.ts'

const insert = (table: string, chain: string, text: string, family: 'v4' | 'v6' = 'v4'): RuleEdit => ({
  kind: 'insert',
  at: { family, table, chain },
  before: null,
  ruleId: `new ${text}`,
  text,
})

describe.skipIf(whyNoLab() !== null)('applying', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test.each([
    ['that does not parse', '-p tcp --dport 80 --bogus -j DROP', /unknown option "--bogus"/],
    ['into a set that is not there', '-p tcp -m set --match-set nope src -j DROP', /Set nope doesn't exist/],
    ['with a match that this hook has not', '-o eth0 -j DROP', /Can't use -o with INPUT/],
    ['that only the kernel refuses', '-p tcp -j REDIRECT --to-ports 1', /RULE_APPEND failed \(Invalid argument\)/],
    ['into a chain that is not there', '-j NOPE', /Chain 'NOPE' does not exist|NOPE/],
  ])('fault 31: a rule %s is caught before anything is applied', async (_, text, reason) => {
    const before = await worldOf(server)
    const operator = await logIn(server)
    const plan = await operator.plan((facts) => [...keepOut(facts), insertFirst(facts, text)])
    const words = await refusal(operator, plan)
    expect(words).toMatch(/^iptables refuses the change: /)
    expect(words).toMatch(reason)
    expect(await worldOf(server)).toBe(before)
    await untilNoTraces(server)
    expect(await endings(server)).toEqual([])
  })

  /** Arms and applies by hand, with something done in between; gives what the apply answered. */
  const applyAfter = async (
    operator: Operator,
    id: string,
    edits: (facts: FirewallFacts) => RuleEdit[],
    between: string,
  ): Promise<string> => {
    const plan = await operator.plan(edits, {
      also: [await fileChange(server, '/etc/motd', (now) => `${now}changed\n`)],
    })
    const armed = await operator.host.exec(armBy(id, plan))
    expect(armed.ok && armed.value.stdout).toContain(`@armed ${id}`)
    await server.must(between)
    const applied = await operator.host.exec(applyCommand(id))
    return applied.ok ? applied.value.stdout : String(applied.error.message)
  }

  test('fault 32: when the other family fails, the whole change is reverted and the reason told', async () => {
    const before = await worldOf(server)
    const operator = await logIn(server)
    // It takes everything but the change: the rollback needs it too.
    const fake = `#!/bin/sh
rules=$(cat)
case $rules in *"-I INPUT"*"--dport 82"*) echo "ip6tables-restore: line 2 failed" >&2; exit 1 ;; esac
printf '%s\\n' "$rules" | xtables-nft-multi ip6tables-restore "$@"
`
    await server.must('cat >/root/fake; chmod 755 /root/fake', { input: fake })
    const link = '/usr/sbin/ip6tables-nft-restore'
    const answer = await applyAfter(
      operator,
      'family',
      (facts) => [...keepOut(facts), insert('filter', 'INPUT', '-p tcp -m tcp --dport 82 -j DROP', 'v6')],
      `ln -sfn /root/fake ${link}`,
    )
    expect(answer).toContain('@failed iptables refused the v6 change: ip6tables-restore: line 2 failed')
    await untilNoTraces(server)
    await server.must(`ln -sfn xtables-nft-multi ${link}`)
    expect(await worldOf(server)).toBe(before)
    expect((await endings(server))[0]).toBe('rolled-back-failure')
  })

  test('fault 32: when a second table fails, the first one is reverted and the reason told', async () => {
    const operator = await logIn(server)
    await server.must('iptables -t mangle -N MINE')
    const edits = (facts: FirewallFacts): RuleEdit[] => [...keepOut(facts), insert('mangle', 'PREROUTING', '-j MINE')]
    // Each table is committed by itself, so that the kernel has the first when it refuses the second.
    const answer = await applyAfter(operator, 'table', edits, 'iptables -t mangle -X MINE')
    expect(answer).toMatch(/^@failed iptables refused the v4 change: .*MINE/m)
    await untilNoTraces(server)
    expect(await rulesOf(server)).toBe('')
    expect(await server.must('cat /etc/motd')).not.toContain('changed')
    expect((await endings(server))[0]).toBe('rolled-back-failure')
  })

  test('fault 37: a change that shuts out IPv6 alone fails its proof and is reverted; IPv4 stays open', async () => {
    const before = await worldOf(server)
    const operator = await logIn(server, 'root', 300, server.address6)
    const { facts } = await operator.read()
    expect(facts.session.clientAddress).toBe(server.client.address6)
    const plan = await operator.plan(
      () => [
        insert(
          'filter',
          'INPUT',
          '-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset',
          'v6',
        ),
      ],
      { windowSeconds: 6 },
    )
    expect(plan.blockers.map(({ kind }) => kind)).toEqual(['lock-out'])
    await operator.transactions.apply(plan)
    const { proof } = await phase(operator, 'awaiting-confirm')
    expect(proof.outcome).toBe('fails')
    expect(await server.canLogin()).toBe(true)
    expect(await server.canLogin({ address: server.address6, timeoutMs: 1000 })).toBe(false)
    const late = await lateness(server)
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(2)
    await untilNoTraces(server)
    expect(await worldOf(server)).toBe(before)
    await server.waitForLogin({ address: server.address6 })
  })
})

describe
  .skipIf(whyNoLab() !== null)
  .each(kindsFor('a table that was not there on %s', ['debian12', 'debian13'] as const))(
  'a table that was not there on %s',
  (flavour) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterEach(closeOperators)
    afterAll(() => server?.down())

    test('fault 36: is gone after the rollback, or empty and open where nothing can remove it', async () => {
      expect(await server.must('iptables-save')).toBe('')
      const operator = await logIn(server)
      const plan = await operator.plan(() => [
        insert('raw', 'PREROUTING', '-s 203.0.113.0/24 -j DROP'),
        insert('mangle', 'FORWARD', '-s 203.0.113.0/24 -j DROP'),
      ])
      await operator.transactions.apply(plan)
      await phase(operator, 'awaiting-confirm')
      expect(await rulesOf(server)).toMatch(/\*raw[^*]*-A PREROUTING[^*]*COMMIT/)
      await operator.transactions.rollback()
      await phase(operator, 'rolled-back')
      if (flavour === 'debian13') expect(await server.must('nft list tables')).toBe('')
      const left = (await server.must('iptables-save')).split('\n').filter((line) => /^[:-]/.test(line))
      for (const line of left) expect(line).toMatch(/^:[A-Z]+ ACCEPT /)
    })
  },
)

const STEP = 'lab-step'
/** A unit, or an init script, whose start is whatever /root/step is. */
const INSTALL = {
  systemd: `printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/root/step\\n' >/etc/systemd/system/${STEP}.service
    systemctl daemon-reload`,
  sysvinit: `printf '#!/bin/sh\\ncase $1 in start) exec /root/step ;; status) exit 3 ;; esac\\n' >/etc/init.d/${STEP}
    chmod 755 /etc/init.d/${STEP}`,
}

eachFlavour('a step on %s', (flavour) => {
  let server: Server
  const unit = flavour === 'sysvinit' ? STEP : `${STEP}.service`
  const untilStepEnded = (): Promise<unknown> =>
    until('the step to end', async () => (await server.sh('pgrep -f "/root/ste[p]|slee[p] (1234|7.5)"')).status !== 0, {
      timeoutMs: 12_000,
    })

  beforeAll(async () => {
    server = await up({ flavour })
    await server.must(INSTALL[flavour === 'sysvinit' ? 'sysvinit' : 'systemd'])
  })
  afterEach(async () => {
    closeOperatorsOf(server)
    await server.sh(
      `pkill -f '/root/ste[p]|slee[p] (1234|7.5)'; systemctl stop ${unit}; systemctl reset-failed ${unit}`,
    )
  })
  afterAll(() => server?.down())

  const planWith = async (operator: Operator, step: string) => {
    await server.must('cat >/root/step; chmod 755 /root/step; rm -f /root/began /root/late', {
      input: `#!/bin/sh\n: >/root/began\n${step}\n`,
    })
    return operator.plan(keepOut, {
      windowSeconds: 4,
      also: [
        await fileChange(server, '/etc/motd', (now) => `${now}changed\n`),
        stagedUnit({ unit, run: 'start', boot: null, was: { run: 'inactive', boot: '' } }),
      ],
    })
  }
  /** Rolled back once and no more, with nothing left that could do anything later. */
  const expectOnce = async (id: string, before: string): Promise<void> => {
    await untilNoTraces(server)
    expect(await worldOf(server, [STEP])).toBe(before)
    expect(await server.must(`grep -c "hardtui.*rolled back ${id}" /var/log/auth.log`)).toBe('1')
    expect((await server.sh('ls /root/late')).status).not.toBe(0)
  }

  test('fault 33: that fails brings everything back at once', async () => {
    const before = await worldOf(server, [STEP])
    const operator = await logIn(server)
    await operator.transactions.apply(await planWith(operator, 'exit 1'))
    const { id, notes } = await phase(operator, 'rolled-back')
    expect(notes).toContainEqual({ grade: 'plain', text: '/etc/motd as it was' })
    expect((await endings(server))[0]).toBe('rolled-back-failure')
    await expectOnce(id, before)
  })

  test.each([
    ['hangs', 'exec sleep 1234'],
    ['outlives the window', 'sleep 7.5; echo late >/root/late'],
  ])('fault 33: that %s is killed at the deadline and does nothing later', async (_, step) => {
    const before = await worldOf(server, [STEP])
    const operator = await logIn(server)
    const going = operator.transactions.apply(await planWith(operator, step))
    await until('the step', async () => (await server.sh('ls /root/began')).status === 0)
    expect(await rulesOf(server)).toContain('--dport 81 -j DROP')
    const id = await server.must(`cat ${CURRENT}/meta/id`)
    const late = await lateness(server)
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(2)
    await going
    expect((await phase(operator, 'rolled-back')).by).toBe('timer')
    await untilStepEnded()
    await expectOnce(id, before)
  })
})

/** Everywhere where it matters, and wherever it can be on one server. */
const PHASES = {
  debian12: ['checking', 'arming', 'applying', 'proving', 'awaiting-confirm'],
  debian13: ['proving'],
  sysvinit: ['proving'],
} as const

eachFlavour('a console on %s that is killed', (flavour) => {
  let server: Server
  let driver: ChildProcess | null = null
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterEach(() => {
    driver?.kill('SIGKILL')
    closeOperatorsOf(server)
  })
  afterAll(() => server?.down())

  /** Kills the console the moment it says that it has come to a phase. */
  const killIn = async (wanted: string): Promise<void> => {
    driver = spawn(process.execPath, [join(LAB_DIR, 'faults/driver.ts'), server.name, '4'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said: string[] = []
    for await (const line of createInterface({ input: driver.stdout as NodeJS.ReadableStream })) {
      said.push(line)
      if (line !== wanted) continue
      driver.kill('SIGKILL')
      return
    }
    throw new Error(`never came to ${wanted}: ${said.join(' ')}`)
  }

  test.each(PHASES[flavour])('fault 38: while %s changes nothing for good', async (wanted) => {
    const before = await worldOf(server)
    await killIn(wanted)
    // The arming script may go on for a moment; it ends armed, or at its next word to a console that is not there.
    await until('the arming to end', async () => (await server.sh('pgrep -f "undo_armin[g]"')).status !== 0)
    if (await isArmed(server)) {
      const late = await lateness(server)
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThan(2)
    }
    // Where it died before the token was set, its watch clears up after it.
    await untilNoTraces(server)
    expect(await worldOf(server)).toBe(before)
    await server.waitForLogin()
    if (wanted !== 'checking' && wanted !== 'arming') return
    // What died half armed is in nobody's way.
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan(keepOut))
    await phase(operator, 'awaiting-confirm')
    await operator.transactions.rollback()
    await untilNoTraces(server)
    expect(await worldOf(server)).toBe(before)
  })
})
