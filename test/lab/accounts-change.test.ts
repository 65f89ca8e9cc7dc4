// Accounts that a change makes or changes on real servers, by the real useradd(8), usermod(8), chpasswd(8) and visudo(8).
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AccountChange } from '../../src/services/model/account.ts'
import { bytesOf, sumOf } from '../../src/services/model/file-bytes.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import type { FileChange } from '../../src/services/model/step.ts'
import { accountPlan } from '../support/account-bench.ts'
import { textChange } from '../support/plans.ts'
import { refusal, untilNoTraces } from './faults/by-hand.ts'
import { endings, isArmed, lateness, textOf, untilApplied, untilOver, worldOf } from './faults/world.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { closeOperators, logIn, type Operator, phase } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { USERS } from './users.ts'

const PASSWORD = 'correct horse: "battery" $taple'
const KEYS = '/home/guest/.ssh/authorized_keys'
const RIGHTS: FileChange = {
  ...textChange('/etc/sudoers.d/dora', 'dora ALL=(ALL:ALL) NOPASSWD: ALL\n', null),
  mode: 0o440,
}

const KINDS =
  process.env.HARDTUI_FAULTS === 'all'
    ? (['debian12', 'debian13', 'sysvinit'] as const)
    : (['debian12', 'sysvinit'] as const)

describe.skipIf(whyNoLab() !== null).each(kindsFor('accounts on %s', KINDS))('accounts on %s', (flavour) => {
  // What the tools make of it is seen on one of them; that it comes and goes on each.
  const isAll = flavour === 'debian12' || process.env.HARDTUI_FAULTS === 'all'
  let server: Server
  let ours: string
  beforeAll(async () => {
    server = await up({ flavour })
    ours = readFileSync(`${server.key}.pub`, 'utf8').trim()
    // What the first boot wrote and did not flush is none of ours to keep.
    await server.must('sync')
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  const create = (more: Partial<Extract<AccountChange, { verb: 'create' }>> = {}): AccountChange => ({
    verb: 'create',
    name: 'dora',
    groups: ['sudo'],
    shell: '/bin/bash',
    keys: [bytesOf(ours)],
    password: false,
    ...more,
  })
  const keys = async (add: readonly string[], remove: readonly string[]): Promise<AccountChange> => {
    const was = await textOf(server, KEYS)
    const [into, out] = [add, remove].map((lines) => lines.map((line) => bytesOf(line)))
    return {
      verb: 'keys',
      name: 'guest',
      file: KEYS,
      add: into ?? [],
      remove: out ?? [],
      was: was === null ? null : sumOf(bytesOf(was)),
    }
  }
  /** /etc, and guest's keys with what is beside them. */
  const world = async (): Promise<string> =>
    `${await worldOf(server)}\n${await server.must('find /home -printf "%p %y %m %u %g\\n" | grep -v bash_history | sort; cksum /home/*/.ssh/*')}`
  const applied = async (plan: ChangePlan, secrets?: ReadonlyMap<string, string>): Promise<Operator> => {
    const operator = await logIn(server)
    await operator.read()
    await operator.transactions.apply(plan, secrets)
    const now = operator.transactions.state()
    expect(now.phase, JSON.stringify(now)).toBe('awaiting-confirm')
    return operator
  }
  const sudoWorks = async (): Promise<boolean> => {
    const { stdout } = await server.client.ssh('sudo -n id -u', { user: 'dora', timeoutMs: 10_000 })
    return stdout === '0\n'
  }
  /** The record of the change that ended last. */
  const record = (): Promise<string> => server.must('ls -td /var/lib/hardtui/history/* | head -n 1')

  test('one that is made comes in by key and by password and is root by sudo, once it is confirmed', async () => {
    const before = await world()
    const operator = await applied(accountPlan([create({ password: true })], [RIGHTS]), new Map([['dora', PASSWORD]]))
    expect(await sudoWorks()).toBe(true)
    await operator.transactions.confirm()
    await phase(operator, 'confirmed')
    await untilNoTraces(server)
    expect(await sudoWorks()).toBe(true)
    expect(await server.login({ user: 'dora', password: PASSWORD })).toMatchObject({ ok: true })
    expect(
      await server.must('stat -c "%a %U" /etc/sudoers.d/dora /home/dora/.ssh /home/dora/.ssh/authorized_keys'),
    ).toBe('440 root\n700 dora\n600 dora')
    // Neither the password nor its hash is anywhere but in the shadow file.
    const hash = await server.must("sed -n 's/^dora:\\([^:]*\\):.*/\\1/p' /etc/shadow")
    expect(hash).toMatch(/^\$/)
    for (const secret of [PASSWORD, hash])
      expect(
        (await server.sh('grep -rlF -f - /var/lib/hardtui /var/log /run/hardtui', { input: `${secret}\n` })).stdout,
      ).toBe('')
    const past = await operator.transactions.record((await record()).replace(/.*\/([^.]*)\..*/, '$1'))
    expect(past).toMatchObject({ ok: true, value: { accounts: [create({ password: true })] } })
    await server.must(
      'rm /etc/sudoers.d/dora; userdel -r dora 2>/dev/null || userdel -rf dora 2>/dev/null; rm -f /etc/*-',
    )
    expect(before).not.toContain('dora')
  })

  test('fault 83: one that nobody confirms is gone at the deadline with who is in, and its home is in the record', async () => {
    const before = await world()
    const operator = await logIn(server)
    await operator.read()
    const going = operator.transactions.apply(accountPlan([create()], [RIGHTS], 5))
    await untilApplied(server)
    const session = server.client.ssh('echo mine >work; exec sleep 600', { user: 'dora', timeoutMs: 90_000 })
    await until('the login', async () => (await server.sh('test -s /home/dora/work')).status === 0)
    const late = await lateness(server)
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(2)
    expect((await session).status).not.toBe(0)
    await untilNoTraces(server)
    expect(await world()).toBe(before)
    expect(await server.must(`cat ${await record()}/home.dora/work`)).toBe('mine')
    expect((await endings(server))[0]).toBe('rolled-back-timer')
    expect((await server.login({ user: 'dora' })).ok).toBe(false)
    await going
  })

  test('fault 84: a power cut in the window leaves no account, and gives keys, password and shell back', async () => {
    const before = await world()
    const plan = accountPlan(
      [
        create(),
        await keys(['ssh-ed25519 AAAA new'], [ours]),
        { verb: 'lock', name: 'guest', was: 'set' },
        { verb: 'shell', name: 'guest', shell: '/usr/sbin/nologin', was: '/bin/bash' },
      ],
      [RIGHTS],
      120,
    )
    await applied(plan)
    closeOperators()
    expect(await server.canLogin({ user: 'guest' })).toBe(false)
    await server.powerCut()
    await server.waitForLogin()
    await untilOver(server)
    // The boot guard has run, and systemd remembers its unit until it reads them anew.
    if (flavour !== 'sysvinit') await server.must('systemctl daemon-reload; systemctl reset-failed')
    await untilNoTraces(server)
    expect(await world()).toBe(before)
    expect((await endings(server))[0]).toBe('rolled-back-boot')
    expect(await server.login({ user: 'guest' })).toMatchObject({ ok: true })
  })

  test.runIf(isAll)('fault 85: what somebody else does to the accounts meanwhile survives the rollback', async () => {
    const operator = await applied(accountPlan([create(), { verb: 'lock', name: 'pat', was: 'set' }]))
    await server.must('useradd -m -G sudo eve; usermod -s /bin/dash guest')
    await operator.transactions.rollback()
    await untilNoTraces(server)
    expect(await server.must('getent passwd dora || getent group dora || echo gone')).toBe('gone')
    expect(
      await server.must(
        'grep -c dora /etc/passwd /etc/passwd- /etc/shadow /etc/shadow- /etc/group /etc/group- /etc/gshadow /etc/gshadow- /etc/subuid /etc/subgid | cut -d : -f 2 | sort -u || :',
      ),
    ).toBe('0')
    expect(await server.must('id -nG eve; getent passwd guest | cut -d : -f 7')).toBe('eve sudo\n/bin/dash')
    expect(await server.login({ user: 'pat', password: USERS.pat.password ?? '' })).toMatchObject({ ok: true })
    expect((await server.sh('pwck -qr; grpck -qr')).stdout).toBe('')
    await server.must('userdel -r eve 2>/dev/null; usermod -s /bin/bash guest')
  })

  test.runIf(isAll)(
    'keys come and go for sshd at once, and are byte for byte as they were after the rollback',
    async () => {
      await server.must(`printf '# mine\\n%s\\n# no end' '${ours}' >${KEYS}`)
      const before = await server.must(`cksum <${KEYS}; stat -c '%a %U %Y' ${KEYS}`)
      const operator = await applied(accountPlan([await keys(['ssh-ed25519 AAAA new'], [ours])]))
      expect(await server.must(`cat ${KEYS}`)).toBe('# mine\n# no end\nssh-ed25519 AAAA new')
      expect(await server.canLogin({ user: 'guest' })).toBe(false)
      await operator.transactions.rollback()
      expect(await server.must(`cksum <${KEYS}; stat -c '%a %U %Y' ${KEYS}`)).toBe(before)
      expect(await server.login({ user: 'guest' })).toMatchObject({ ok: true })
      await untilNoTraces(server)
    },
  )

  test.runIf(isAll)('root’s own keys are changed as any other’s', async () => {
    const file = '/root/.ssh/authorized_keys'
    const was = await textOf(server, file)
    const change = {
      verb: 'keys',
      name: 'root',
      file,
      add: [bytesOf('ssh-ed25519 AAAA new')],
      remove: [],
      was: sumOf(bytesOf(was ?? '')),
    } as const
    const operator = await applied(accountPlan([change]))
    expect(await textOf(server, file)).toBe(`${was}ssh-ed25519 AAAA new\n`)
    await operator.transactions.rollback()
    await untilNoTraces(server)
    expect(await textOf(server, file)).toBe(was)
  })

  test.runIf(isAll)(
    'a locked password and another shell shut the account out, and are back after the rollback',
    async () => {
      const password = USERS.guest.password ?? ''
      const before = await world()
      const operator = await applied(
        accountPlan([
          { verb: 'lock', name: 'guest', was: 'set' },
          { verb: 'shell', name: 'guest', shell: '/usr/sbin/nologin', was: '/bin/bash' },
        ]),
      )
      expect((await server.login({ user: 'guest', password })).ok).toBe(false)
      expect(await server.must('passwd -S guest | cut -d " " -f 2')).toBe('L')
      await operator.transactions.rollback()
      await untilNoTraces(server)
      expect(await world()).toBe(before)
      expect(await server.login({ user: 'guest', password })).toMatchObject({ ok: true })
    },
  )

  test.runIf(isAll).each([
    ['the file is a link to another one', KEYS],
    ['~/.ssh is a link to another folder', '/home/guest/.ssh'],
  ])('fault 86: nothing is armed where %s, and that is not touched', async (_, path) => {
    const change = await keys(['ssh-ed25519 AAAA new'], [])
    await server.must(`mkdir -p /root/target; cp ${KEYS} /root/target/authorized_keys; mv ${path} ${path}.real
      ln -s /root/target${path === KEYS ? '/authorized_keys' : ''} ${path}; chown -h guest: ${path}`)
    const before = await server.must('cksum /root/target/*')
    const operator = await logIn(server)
    await operator.read()
    expect(await refusal(operator, accountPlan([change]))).toContain('is a symbolic link')
    expect(await server.must('cksum /root/target/*')).toBe(before)
    await server.must(`rm -r /root/target ${path}; mv ${path}.real ${path}`)
    await untilNoTraces(server)
  })

  test.runIf(isAll)('fault 86: a link that he plants after arming leads root nowhere', async () => {
    const before = await server.must('cksum </etc/motd')
    const operator = await logIn(server)
    await operator.read()
    const plan = accountPlan([create(), await keys(['ssh-ed25519 AAAA new'], [])])
    const going = operator.transactions.apply(plan)
    await until('the arming', () => isArmed(server), { everyMs: 5 })
    await server.must(`mv ${KEYS} ${KEYS}.real; ln -s /etc/motd ${KEYS}; chown -h guest: ${KEYS}`)
    await going
    await untilOver(server)
    await server.must(`rm -f ${KEYS}; mv ${KEYS}.real ${KEYS}`)
    // Whoever was quicker: the file that it leads to is as it was.
    expect(await server.must('cksum </etc/motd')).toBe(before)
    await untilNoTraces(server)
    expect(await server.must('getent passwd dora || echo gone')).toBe('gone')
  })

  test.runIf(isAll).each([
    ['', ':'],
    [', the room that was kept for it too', 'rm /var/lib/hardtui/current/save/reserve'],
  ])('fault 87: on a disk that is full%s accounts, keys and password come back all the same', async (_, also) => {
    await server.must(`printf '%s\\n' '${ours}' >${KEYS}`)
    const before = await world()
    const operator = await applied(
      accountPlan([create(), await keys([], [ours]), { verb: 'lock', name: 'guest', was: 'set' }], [], 120),
    )
    await server.must(also)
    await server.fillDisk()
    await operator.transactions.rollback()
    await server.freeDisk()
    await untilOver(server)
    await untilNoTraces(server)
    expect(await world()).toBe(before)
    expect(await server.login({ user: 'guest' })).toMatchObject({ ok: true })
  })

  test.runIf(isAll)(
    'one whose home is on another file system is gone, and its home is copied into the record',
    async () => {
      await server.must('mount -t tmpfs -o mode=755 none /home')
      const operator = await applied(accountPlan([create()]))
      await server.must('echo mine >/home/dora/work')
      await operator.transactions.rollback()
      await untilNoTraces(server)
      expect(await server.must('ls /home; umount /home')).toBe('')
      expect(
        await server.must(`cat ${await record()}/home.dora/work; stat -c %a ${await record()}/home.dora/.ssh`),
      ).toBe('mine\n700')
    },
  )

  test.runIf(isAll)(
    'whoever rolls back as the very account that was made ends his own session, and not the rollback',
    async () => {
      const before = await world()
      await applied(accountPlan([create()], [RIGHTS]))
      await server.client.ssh('sudo sh /var/lib/hardtui/guard.sh rollback', { user: 'dora', timeoutMs: 20_000 })
      await untilOver(server)
      await untilNoTraces(server)
      expect(await world()).toBe(before)
      expect((await endings(server))[0]).toBe('rolled-back-operator')
    },
  )

  test.runIf(isAll)('where setpriv, or runuser too, is missing, what is left writes as the account', async () => {
    const before = await world()
    for (const gone of ['setpriv', 'setpriv runuser']) {
      await server.must(`for one in ${gone}; do mv $(command -v $one) /root/$one; done`)
      const operator = await applied(accountPlan([await keys(['ssh-ed25519 AAAA new'], [])]))
      expect(await server.must(`tail -n 1 ${KEYS}; stat -c %U ${KEYS}`)).toBe('ssh-ed25519 AAAA new\nguest')
      await operator.transactions.rollback()
      await untilNoTraces(server)
      await server.must(
        '[ ! -e /root/setpriv ] || mv /root/setpriv /usr/bin/; [ ! -e /root/runuser ] || mv /root/runuser /usr/sbin/',
      )
    }
    expect(await world()).toBe(before)
  })

  test.runIf(isAll)(
    'fault 88: a file for sudo that visudo refuses, or that sudo would pass over, is not armed',
    async () => {
      const operator = await logIn(server)
      await operator.read()
      const file = (path: string, text: string) => accountPlan([], [{ ...textChange(path, text, null), mode: 0o440 }])
      expect(await refusal(operator, file('/etc/sudoers.d/dora', 'dora ALL=(ALL\n'))).toContain(
        'sudo refuses the change',
      )
      expect(await refusal(operator, file('/etc/sudoers.d/dora.x', 'dora ALL=(ALL) ALL\n'))).toContain(
        'its name has a dot',
      )
      await untilNoTraces(server)
    },
  )

  test.runIf(isAll)('fault 88: a server without useradd is told so before anything is changed', async () => {
    const operator = await logIn(server)
    await operator.read()
    await server.must('mv /usr/sbin/useradd /usr/sbin/useradd.gone')
    expect(await refusal(operator, accountPlan([create()]))).toBe('the server lacks useradd')
    await server.must('mv /usr/sbin/useradd.gone /usr/sbin/useradd')
  })
})
