import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { besideReasons } from '../../../src/services/areas/firewall/beside.ts'
import { withoutCounters } from '../../support/rule-sets.ts'
import { up, whyNoLab } from '../lab.ts'
import { answersNothing, closeOperators, closeOperatorsOf, logIn, type Operator, phase } from '../operator.ts'
import { must, PATIENCE } from '../run.ts'
import type { Server } from '../server.ts'
import { arm, keepOut, refusal, rollBack, tracesOf, untilNoTraces, withProgram } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { deadlineOf, endings, fileChange, isArmed, rulesOf, unitChange, untilOver, worldOf } from './world.ts'

const CONFIG = '/etc/ssh/sshd_config'

describe.skipIf(whyNoLab() !== null)('arming', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test('fault 22: a second operator is told who holds the change, and the first keeps it', async () => {
    const [one, two] = [await logIn(server, 'ops'), await logIn(server, 'root')]
    await one.transactions.apply(await one.plan(keepOut))
    const { timer } = await phase(one, 'awaiting-confirm')
    const deadline = await deadlineOf(server)
    expect(await refusal(two, await two.plan(keepOut))).toMatch(
      new RegExp(`^ops \\(from ${server.client.address}\\) has a change pending since ${timer.armedAt}; .* in \\d+ s`),
    )
    expect(await deadlineOf(server)).toBe(deadline)
    expect(one.transactions.state().phase).toBe('awaiting-confirm')
    await one.transactions.rollback()
    expect((await phase(one, 'rolled-back')).by).toBe('operator')
  })

  test('fault 23: of forty that arm at once exactly one does, and the others are told of it', async () => {
    const operator = await logIn(server)
    const plan = await operator.plan(keepOut, { windowSeconds: 60 * PATIENCE })
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => arm(server, `at-once-${i}`, plan)))
    const armed = answers.flatMap(({ stdout }) => /^@armed (\S+)/m.exec(stdout)?.[1] ?? [])
    expect(armed).toHaveLength(1)
    const [winner = ''] = armed
    const busy = answers.filter(({ stdout }) => stdout.startsWith('@busy '))
    expect(busy).toHaveLength(39)
    for (const { stdout } of busy) expect(stdout).toMatch(new RegExp(`^@busy ${winner} \\d+ ops 192.0.2.2 `))
    expect((await rollBack(server, winner)).stdout).toContain(`@rolled-back ${winner}`)
    await untilNoTraces(server)
  })

  describe('fault 24: nothing is armed and nothing changed', () => {
    let before: string
    beforeEach(async () => {
      before = await worldOf(server)
    })
    const expectUntouched = async (): Promise<void> => {
      expect(await worldOf(server)).toBe(before)
      expect(await tracesOf(server)).toBe('')
    }

    test('fault 24: with a full disk', async () => {
      const operator = await logIn(server)
      const plan = await operator.plan(keepOut)
      await server.fillDisk()
      try {
        expect(await refusal(operator, plan)).toMatch(/less than 4 MB are free|can't be written/)
        await expectUntouched()
      } finally {
        await server.freeDisk()
      }
    })

    test('fault 24: with a state directory that is read-only', async () => {
      const operator = await logIn(server)
      const plan = await operator.plan(keepOut)
      const dir = '/var/lib/hardtui'
      await server.must(`mkdir -p ${dir}; mount --bind ${dir} ${dir}; mount -o remount,ro,bind ${dir}`)
      try {
        expect(await refusal(operator, plan)).toMatch(/read-only/i)
        await expectUntouched()
      } finally {
        await server.must(`umount ${dir}`)
      }
    })

    test.each(['checkpoint', 'drill'])('fault 24: with its files removed during the %s', async (step) => {
      const operator = await logIn(server)
      const plan = await operator.plan(keepOut)
      const there =
        step === 'drill' ? '/var/lib/hardtui/current/save/reserve' : '/etc/systemd/system/hardtui-rollback.service'
      const removing = server.must(`until [ -e ${there} ]; do sleep 0.01; done; rm -rf /var/lib/hardtui`)
      expect(await refusal(operator, plan)).toMatch(/^somebody removed .*current while the timer was being armed/)
      await removing
      await expectUntouched()
    })

    test.each([
      ['a login without sudo', 'guest', undefined, /guest .*sudo|sudo.* guest|not in the sudoers/],
      ['a sudo that asks for a password and gets none', 'pat', answersNothing, /the sudo password was not given/],
    ] as const)('fault 24: with %s', async (_, user, ask, reason) => {
      const root = await logIn(server)
      const plan = await root.plan(keepOut)
      const operator = await logIn(server, user, 300, server.address, ask)
      // Without root there is nothing to stage from; what is sent all the same is refused too.
      await expect(operator.read()).rejects.toThrow('could not be read')
      expect(await refusal(operator, plan)).toMatch(reason)
      await expectUntouched()
    })
  })

  test('fault 27: a native rule on a host without nft, which nothing there can show, outlives a rollback', async () => {
    // Put there from outside, as a program does that brings its own libnftables.
    const nft = (text: string): Promise<string> => must(['nsenter', `--net=${server.netns}`, 'nft', ...text.split(' ')])
    const operator = await logIn(server)
    await server.must('iptables -A INPUT -p tcp -m tcp --dport 82 -j ACCEPT')
    await nft('add set ip filter bad { type ipv4_addr; }')
    await nft('add rule ip filter INPUT ip saddr @bad drop')
    const before = await nft('-s list chain ip filter INPUT')
    try {
      await operator.transactions.apply(await operator.plan(keepOut, { windowSeconds: 60 }))
      await operator.transactions.rollback()
      await untilOver(server)
      expect(await nft('-s list chain ip filter INPUT')).toBe(before)
      expect(await server.canLogin()).toBe(true)
    } finally {
      await nft('flush ruleset')
    }
  })

  test('fault 26: rules that moved since review are named, line by line', async () => {
    const operator = await logIn(server)
    const plan = await operator.plan(keepOut)
    await server.must('iptables -I INPUT -s 203.0.113.77 -j DROP')
    const before = await worldOf(server)
    const reason = await refusal(operator, plan)
    expect(reason).toMatch(/^the v4 rules changed since they were read: /)
    expect(reason).toContain('+ -A INPUT -s 203.0.113.77/32 -j DROP')
    expect(await worldOf(server)).toBe(before)
    await server.must('iptables -F INPUT')
    expect(await tracesOf(server)).toBe('')
  })

  test('fault 26: a file that changed, came or went since review is named', async () => {
    const operator = await logIn(server)
    const at = (path: string) => fileChange(server, path, (now) => `${now}hardtui\n`)
    await server.must('echo one >/etc/moving; rm -f /etc/coming')
    for (const [path, move, words] of [
      ['/etc/moving', 'echo two >>/etc/moving', '/etc/moving changed since it was read'],
      ['/etc/moving', 'rm /etc/moving', '/etc/moving was removed since it was read'],
      ['/etc/coming', 'echo new >/etc/coming', '/etc/coming'],
    ] as const) {
      const plan = await operator.plan(keepOut, { also: [await at(path)] })
      await server.must(move)
      const before = await worldOf(server)
      const reason = await refusal(operator, plan)
      expect(reason).toContain(words)
      expect(reason).toContain('since it was read')
      expect(await worldOf(server)).toBe(before)
      expect(await tracesOf(server)).toBe('')
    }
    await server.must('rm -f /etc/moving /etc/coming')
  })

  test('fault 26: a unit that was stopped or disabled since review is named', async () => {
    const operator = await logIn(server)
    const plan = await operator.plan(keepOut, { also: [await unitChange(server, 'cron.service', 'off')] })
    for (const [move, back, words] of [
      ['systemctl stop cron', 'systemctl start cron', 'cron.service is inactive, and was active when it was read'],
      ['systemctl disable cron', 'systemctl enable cron', 'is disabled at boot, and was enabled when it was read'],
    ] as const) {
      await server.must(move)
      const before = await worldOf(server, ['cron'])
      expect(await refusal(operator, plan)).toContain(words)
      expect(await worldOf(server, ['cron'])).toBe(before)
      expect(await tracesOf(server)).toBe('')
      await server.must(back)
    }
  })
})

const FOREIGN = `
  iptables -N DOCKER; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; iptables -A DOCKER-USER -j RETURN
  iptables -A DOCKER -d 192.0.2.200/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
  iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
  iptables -N f2b-sshd; iptables -A f2b-sshd -s 203.0.113.7/32 -j REJECT; iptables -A f2b-sshd -j RETURN
  iptables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
  ip6tables -A INPUT -s 2001:db8:bad::/48 -j DROP`
/** What a ban and a new container add, at any moment. */
const WINDOW = 'iptables -I f2b-sshd -s 203.0.113.9/32 -j REJECT; iptables -A DOCKER -d 192.0.2.201/32 -j ACCEPT'

describe.skipIf(whyNoLab() !== null)('arming beside other programs', () => {
  let server: Server
  afterEach(async () => {
    closeOperators()
    await server?.down()
  })

  /** Stand-ins that systemd takes for running. */
  const runManagers = async (...names: string[]): Promise<void> => {
    const unit = '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n'
    const write = names.map((name) => `printf '${unit}' >/run/systemd/system/${name}.service`)
    await server.must([...write, 'systemctl daemon-reload', `systemctl start ${names.join(' ')}`].join('; '))
  }

  /** Applies one rule, lets others work meanwhile, rolls back; the whole rule set is theirs and what it was. */
  const changeAmongOthers = async (operator: Operator): Promise<void> => {
    const plan = await operator.plan(keepOut)
    expect(plan.steps).toMatchObject([
      { delta: '*filter\n-I INPUT 1 -p tcp -m tcp --dport 81 -j DROP\nCOMMIT\n', touches: [{ chain: 'INPUT' }] },
    ])
    const before = await rulesOf(server)
    await operator.transactions.apply(plan)
    await phase(operator, 'awaiting-confirm')
    expect((await rulesOf(server)).replace('-A INPUT -p tcp -m tcp --dport 81 -j DROP\n', '')).toBe(before)
    await server.must(WINDOW)
    await operator.transactions.rollback()
    await phase(operator, 'rolled-back')
    expect(
      (await rulesOf(server))
        .replace('-A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable\n', '')
        .replace('-A DOCKER -d 192.0.2.201/32 -j ACCEPT\n', ''),
    ).toBe(before)
  }

  test('fault 28: docker, fail2ban and legacy tables are named, and only what was staged is touched', async () => {
    server = await up()
    await server.must(`${FOREIGN}; iptables-legacy -A INPUT -s 203.0.113.0/24 -j DROP; ip6tables-legacy -L`)
    await runManagers('docker', 'fail2ban')
    const operator = await logIn(server)
    const { firewall } = await operator.read()
    expect(firewall.backend).toBe('nft')
    expect(firewall.managers).toEqual(expect.arrayContaining(['docker', 'fail2ban']))
    expect(besideReasons(firewall)).toEqual(['packets must pass these tables as well: legacy filter'])
    const legacy = withoutCounters(await server.must('iptables-legacy-save'))
    await changeAmongOthers(operator)
    expect(withoutCounters(await server.must('iptables-legacy-save'))).toBe(legacy)
  })

  test('fault 28: native nftables tables are named and left alone', async () => {
    server = await up({ flavour: 'debian13' })
    await server.must(`${FOREIGN}
      nft add table inet mine
      nft add chain inet mine input '{ type filter hook input priority 5; policy accept; }'
      nft add rule inet mine input ip saddr 203.0.113.0/24 drop`)
    await runManagers('fail2ban', 'nftables')
    const operator = await logIn(server)
    const { firewall } = await operator.read()
    expect(firewall.managers).toEqual(expect.arrayContaining(['fail2ban', 'nftables']))
    expect(besideReasons(firewall)).toEqual(['packets must pass these tables as well: nft inet mine'])
    const native = await server.must('nft -s list table inet mine')
    await changeAmongOthers(operator)
    expect(await server.must('nft -s list table inet mine')).toBe(native)
  })
})

describe.skipIf(whyNoLab() !== null)('a checkpoint that would not be true', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour: 'debian13' })
  })
  afterEach(async () => {
    closeOperators()
    await server.must('nft flush ruleset')
  })
  afterAll(() => server?.down())

  const kernel = (): Promise<string> => server.must('nft -s list ruleset')

  test.each([
    [
      'a rule that looks into a native set',
      `iptables -A INPUT -p tcp -m tcp --dport 82 -j ACCEPT; nft add set ip filter bad '{ type ipv4_addr; }'
      nft add rule ip filter INPUT ip saddr @bad drop`,
    ],
    [
      'a chain whose priority iptables does not know and whose policy is drop',
      `nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 10; policy drop; }'`,
    ],
    [
      'a chain whose priority iptables does not know and which is empty',
      `nft add table ip filter; nft add chain ip filter INPUT '{ type filter hook input priority 10; policy accept; }'`,
    ],
  ])('fault 27: %s is refused', async (_, make) => {
    const operator = await logIn(server)
    await server.must(make)
    const before = await kernel()
    const plan = await operator.plan(keepOut)
    expect(plan.blockers.map((one) => one.message).join()).toContain('native nftables rules')
    // The server refuses it as well, whatever the console made of what it read.
    expect(await refusal(operator, { ...plan, blockers: [] })).toMatch(/native nftables rules|incompatible|restored/)
    expect(await kernel()).toBe(before)
    await untilNoTraces(server)
  })

  test('fault 27: an empty rule set is empty again', async () => {
    const operator = await logIn(server)
    expect(await kernel()).toBe('')
    await operator.transactions.apply(await operator.plan(keepOut))
    await phase(operator, 'awaiting-confirm')
    expect(await server.must('iptables-save')).toContain('--dport 81 -j DROP')
    await operator.transactions.rollback()
    await phase(operator, 'rolled-back')
    expect(await kernel()).toBe('')
  })
})

eachFlavour('arming on %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterEach(() => closeOperatorsOf(server))
  afterAll(() => server?.down())

  test('fault 25: a configuration of sshd that is broken already is not touched', async () => {
    const operator = await logIn(server)
    await server.must(`cp -p ${CONFIG} /root/config; echo 'Nonsense yes' >>${CONFIG}`)
    const before = await worldOf(server)
    const extra = await fileChange(server, `${CONFIG}.d/50-hardtui.conf`, () => 'MaxAuthTries 3\n')
    const plan = await operator.plan(keepOut, { also: [extra] })
    expect(await refusal(operator, plan)).toMatch(/^sshd's configuration is broken already: .*(Nonsense|terminating)/)
    expect(await worldOf(server)).toBe(before)
    await untilNoTraces(server)
    await server.must(`mv /root/config ${CONFIG}`)
  })

  test('fault 25: a candidate that sshd does not understand is refused by its rehearsal', async () => {
    const operator = await logIn(server)
    const before = await worldOf(server)
    const broken = await fileChange(server, CONFIG, (now) => `Nonsense yes\n${now}`)
    const plan = await operator.plan(keepOut, { also: [broken] })
    expect(await refusal(operator, plan)).toMatch(/^sshd refuses the change: .*(Nonsense|terminating)/)
    expect(await worldOf(server)).toBe(before)
    await untilNoTraces(server)
    expect(await server.canLogin()).toBe(true)
    // The drill was still under way when both were refused.
    expect(await server.must('ls /var/lib/hardtui')).not.toContain('drill')
  })

  const starter = flavour === 'sysvinit' ? '/usr/bin/setsid' : '/usr/bin/systemd-run'
  const FAILING = {
    fails: ['exit 1', /fire drill failed|does not start a job/],
    'says that it started a job and runs none': ['echo Running as unit; exit 0', /fire drill failed/],
    'runs the drill and no watch': [
      'case "$*" in *" watch "*) exit 0 ;; esac; exec REAL "$@"',
      /the watch (gives no sign of life|does not start)/,
    ],
  } as const
  // Each waits as long as a busy host may take, so not all of them everywhere; setsid's own status nobody sees.
  const CASES = {
    debian12: ['fails', 'says that it started a job and runs none'],
    debian13: ['fails', 'runs the drill and no watch'],
    sysvinit: ['says that it started a job and runs none', 'runs the drill and no watch'],
  } as const
  test.each(CASES[flavour])('fault 29: where what starts jobs %s, nothing is armed', async (failing) => {
    const [script, reason] = FAILING[failing]
    const operator = await logIn(server)
    const plan = await operator.plan(keepOut)
    const before = await worldOf(server)
    await withProgram(server, starter, `#!/bin/sh\n${script}\n`, async () => {
      expect(await refusal(operator, plan)).toMatch(reason)
    })
    expect(await isArmed(server)).toBe(false)
    await untilNoTraces(server)
    expect(await worldOf(server)).toBe(before)
    expect(await endings(server)).toEqual([])
  })

  if (flavour !== 'sysvinit') return

  test('fault 29: without update-rc.d and cron nothing could act at boot', async () => {
    const operator = await logIn(server)
    const plan = await operator.plan(keepOut)
    const before = await rulesOf(server)
    await server.stopTimerDaemon('cron')
    await server.must('mv /usr/sbin/update-rc.d /root/')
    try {
      expect(await refusal(operator, plan)).toMatch(/^no boot guard can be installed/)
      expect(await rulesOf(server)).toBe(before)
      await untilNoTraces(server)
    } finally {
      await server.must('mv /root/update-rc.d /usr/sbin/; service cron start')
    }
  })

  test('fault 29: without atd and cron it is said that there is no second trigger', async () => {
    const operator = await logIn(server)
    await server.stopTimerDaemon('cron')
    await server.stopTimerDaemon('atd')
    await operator.transactions.apply(await operator.plan(keepOut))
    const { stages } = await phase(operator, 'awaiting-confirm')
    expect(stages.find(({ id }) => id === 'armed')?.detail).toMatch(/no second trigger/)
    await operator.transactions.rollback()
    await phase(operator, 'rolled-back')
    await server.must('service cron start; service atd start')
  })
})
