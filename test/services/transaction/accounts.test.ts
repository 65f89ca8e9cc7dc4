import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AccountChange } from '../../../src/services/model/account.ts'
import { bytesOf } from '../../../src/services/model/file-bytes.ts'
import { recordOf } from '../../../src/services/transaction/history.ts'
import { readMessages } from '../../../src/services/transaction/protocol.ts'
import {
  applyCommand,
  confirmCommand,
  historyCommand,
  recordCommand,
} from '../../../src/services/transaction/scripts.ts'
import {
  accountPlan,
  accountWorld,
  changer,
  furnish,
  GUEST,
  guestFile,
  inRoot,
  KEYS,
  OTHER_UID,
} from '../../support/account-bench.ts'
import { benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { textChange } from '../../support/plans.ts'

const openBench = benchesOfTests()
const key = (name: string) => bytesOf(`ssh-ed25519 AAAA${name} ${name}@example`)
const PASSWORD = 'pass: "word" $1 ünd\\n more'

const create = (more: Partial<Extract<AccountChange, { verb: 'create' }>> = {}): AccountChange => ({
  verb: 'create',
  name: 'dora',
  groups: ['sudo', 'wheel'],
  shell: '/bin/bash',
  keys: [key('dora')],
  password: false,
  ...more,
})

/** Under the others the same scripts are killed at each step (accounts-crash). */
const SHELLS = process.env.HARDTUI_FAULTS === 'all' ? GUARD_SHELLS : GUARD_SHELLS.slice(0, 1)

describe.runIf(canRunGuard).each(SHELLS)('accounts under %s', (_, shell) => {
  const open = () => {
    const bench = openBench(shell)
    furnish(bench)
    return { bench, to: changer(bench) }
  }

  test('one that is made has its home, groups, shell and keys, and no password', async () => {
    const { bench, to } = open()
    expect(await to.make(accountPlan([create()]))).toContain('dora (create)')
    expect(to.field('passwd', 'dora', 7)).toBe('/bin/bash')
    expect(to.field('shadow', 'dora', 2)).toMatch(/^!/)
    expect(to.field('group', 'sudo', 4)).toBe('guest,dora')
    expect(to.field('group', 'wheel', 4)).toBe('dora')
    const keys = inRoot(bench, 'home/dora/.ssh/authorized_keys')
    expect(readFileSync(keys, 'latin1')).toBe(`${key('dora')}\n`)
    const uid = Number(to.field('passwd', 'dora', 3))
    expect(uid).toBeGreaterThan(GUEST.uid)
    for (const [path, mode] of [
      [keys, 0o600],
      [join(keys, '..'), 0o700],
    ] as const)
      expect(statSync(path)).toMatchObject({
        uid,
        gid: uid,
        mode: expect.toSatisfy((m: number) => (m & 0o777) === mode),
      })
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'))).stdout).toContain('@confirmed tx1')
    expect(to.field('passwd', 'dora', 3)).toBe(String(uid))
  })

  test('one that is rolled back is gone without a trace but its home, which the record keeps', async () => {
    const { bench, to } = open()
    const before = accountWorld(bench)
    await to.make(accountPlan([create({ password: true })]), new Map([['dora', PASSWORD]]))
    writeFileSync(inRoot(bench, 'home/dora/work'), 'hours of it\n')
    const said = await to.back()
    expect(said).toContain('@note plain the account dora is gone again: its home is in the record as home.dora')
    expect(accountWorld(bench)).toEqual(before)
    expect(existsSync(inRoot(bench, 'home/dora'))).toBe(false)
    const record = join(bench.state, 'history/tx1.rolled-back-operator')
    expect(readFileSync(join(record, 'home.dora/work'), 'utf8')).toBe('hours of it\n')
    expect(existsSync(inRoot(bench, KEYS))).toBe(false)
    // What a crash would make of it: again, when everything is as it was.
    expect(readFileSync(join(bench.etc, 'shadow-'), 'latin1')).not.toContain('dora')
  })

  test('what others did to accounts meanwhile survives the rollback', async () => {
    const { bench, to } = open()
    await to.make(accountPlan([create()]))
    await bench.sh(`cd ${bench.etc} && echo 'eve:x:60000:60000::/home/eve:/bin/sh' >>passwd && echo 'eve:!:1::::::' >>shadow &&
      sed -i 's/^sudo:.*/&,eve/' group && sed -i '/^other:/s,/bin/sh,/bin/dash,' passwd`)
    expect(await to.back()).toContain('@note plain the account dora is gone again')
    expect(to.field('passwd', 'eve', 3)).toBe('60000')
    expect(to.field('passwd', 'other', 7)).toBe('/bin/dash')
    expect(to.field('group', 'sudo', 4)).toBe('guest,eve')
    for (const name of ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'])
      for (const file of [name, `${name}-`])
        expect(existsSync(join(bench.etc, file)) ? readFileSync(join(bench.etc, file), 'latin1') : '').not.toContain(
          'dora',
        )
  })

  test('another account of that name, made meanwhile, is left alone', async () => {
    const { bench, to } = open()
    await to.make(accountPlan([create()]))
    await bench.sh(`sed -i 's/^dora:x:[0-9]*:/dora:x:60001:/' ${bench.etc}/passwd`)
    expect(await to.back()).toContain('@note heed the account dora that is there now was made by somebody else')
    expect(to.field('passwd', 'dora', 3)).toBe('60001')
    expect(existsSync(inRoot(bench, 'home/dora'))).toBe(true)
  })

  test('whoever is logged in as it is told to go, and nobody else', async () => {
    const { bench, to } = open()
    await to.make(accountPlan([create()]))
    const uid = Number(to.field('passwd', 'dora', 3))
    const { stdout } = await bench.sh(`
      for one in ${uid} ${OTHER_UID}; do setsid /usr/bin/setpriv --reuid=$one --regid=$one --clear-groups /bin/sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null 2>&1 & echo $!; done`)
    const [his, others] = stdout.trim().split('\n')
    await bench.sh(
      `until grep -qs "^Uid:.${uid}" /proc/${his}/status && grep -qs "^Uid:.${OTHER_UID}" /proc/${others}/status; do sleep 0.05; done`,
    )
    await to.back()
    expect(
      (
        await bench.sh(
          `grep -qs "^State:.[^Z]" /proc/${his}/status || echo gone; kill -0 ${others} && echo there; pkill -9 -U ${OTHER_UID}`,
        )
      ).stdout,
    ).toBe('gone\nthere\n')
  })

  test('a password is nowhere but in the shadow file, and its hash in no record', async () => {
    const { bench, to } = open()
    await to.make(accountPlan([create({ password: true })]), new Map([['dora', PASSWORD]]))
    expect(to.field('shadow', 'dora', 2)).toMatch(/^\$6\$/)
    expect(readFileSync(inRoot(bench, 'seen'), 'latin1')).toBe('')
    expect((await bench.sh(`grep -rlF 'pass: ' "$HARDTUI_ROOT/var" "$HARDTUI_ROOT/run"`)).stdout).toBe('')
    await bench.run(confirmCommand('tx1', 'proven', 'h1'))
    expect((await bench.sh(`grep -rlF '$6$' ${bench.state}`)).stdout).toBe('')
  })

  test('one that was to have a password for which none came is not made', async () => {
    const { bench, to } = open()
    const before = accountWorld(bench)
    expect((await to.arm(accountPlan([create({ password: true })]))).stdout).toContain('@armed')
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@failed no password came for dora')
    await to.over()
    expect(accountWorld(bench)).toEqual(before)
  })

  test.each([
    ['one of that name', create({ name: 'guest' }), 'drift there is an account or a group guest'],
    ['a group of that name', create({ name: 'wheel' }), 'drift there is an account or a group wheel'],
    ['no such group', create({ groups: ['admins'] }), 'drift there is no group admins'],
    ['no such shell', create({ shell: '/bin/fish' }), 'drift there is no shell /bin/fish'],
    ['a home already', create({ name: 'felix' }), '/home/felix is there already'],
    ['no such account', { verb: 'lock', name: 'nobody', was: 'set' }, 'drift this server has no account nobody'],
    [
      'another password',
      { verb: 'lock', name: 'guest', was: 'empty' },
      'drift the password of guest is set, and was not asked for',
    ],
    [
      'another shell',
      { verb: 'shell', name: 'guest', shell: '/bin/dash', was: '/bin/sh' },
      'drift the shell of guest is /bin/bash, and was /bin/sh',
    ],
  ] as const)('nothing is armed where there is %s', async (_, change, words) => {
    const { bench, to } = open()
    mkdirSync(inRoot(bench, 'home/felix'))
    expect(await to.refused(change)).toContain(words)
  })

  test.each([
    ['the account', create(), 'useradd -m dora', 'the account dora, or its home, came into being after arming'],
    [
      'the shell',
      { verb: 'shell', name: 'guest', shell: '/bin/sh', was: '/bin/bash' },
      'usermod -s /bin/sh guest',
      'the shell of guest changed after arming',
    ],
    [
      'the lock',
      { verb: 'lock', name: 'guest', was: 'set' },
      'usermod -L guest',
      'the password of guest changed after arming',
    ],
  ] as const)('%s that somebody else made after arming is his, and stays', async (_, change, by, words) => {
    const { bench, to } = open()
    expect((await to.arm(accountPlan([change]))).stdout).toContain('@armed')
    await bench.sh(`"$HARDTUI_ROOT"/bin/${by}`)
    const before = accountWorld(bench)
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain(`@failed ${words}`)
    await to.over()
    expect(accountWorld(bench)).toEqual(before)
    expect(existsSync(inRoot(bench, 'home/dora'))).toBe(change.verb === 'create')
  })

  test('whoever writes the files just then is waited for, and a lock that an earlier run left is not', async () => {
    const { bench, to } = open()
    await to.make(accountPlan([create()]))
    // One that lives, and lets go when it sees that it is waited for; and what a run left whose number is somebody's now.
    await bench.sh(`cd ${bench.etc}; echo $$ >group.lock; echo $$ >shadow.lock; echo $$ >shadow.hardtui-lock
      { until [ -s group.hardtui-lock ]; do :; done; grep -c ^dora: group >${bench.etc}/../waited; rm -f group.lock; } >/dev/null 2>&1 &
      echo $! >group.lock`)
    await to.back()
    expect(readFileSync(inRoot(bench, 'waited'), 'utf8')).toBe('1\n')
    expect(readFileSync(join(bench.etc, 'group'), 'utf8')).not.toContain('dora')
    expect((await bench.sh(`ls ${bench.etc}/*lock* 2>/dev/null`)).stdout).toBe('')
  })

  test('a lock and a shell come back byte for byte, and no hash is said', async () => {
    const { bench, to } = open()
    const before = accountWorld(bench)
    const plan = accountPlan([
      { verb: 'lock', name: 'guest', was: 'set' },
      { verb: 'shell', name: 'guest', shell: '/bin/sh', was: '/bin/bash' },
    ])
    let said = await to.make(plan)
    expect(to.field('shadow', 'guest', 2)).toMatch(/^!\$6/)
    expect(to.field('passwd', 'guest', 7)).toBe('/bin/sh')
    said += await to.back()
    expect(said).toContain('@note plain the password of guest is as it was')
    expect(said).not.toContain('hashOfGuest')
    expect(accountWorld(bench)).toEqual(before)
  })

  test('the time of a copy that a tool left comes back, also where it leaves the very text anew', async () => {
    const { bench, to } = open()
    // The next but one change leaves what the first makes of the file.
    const copy = join(bench.etc, 'shadow-')
    writeFileSync(copy, readFileSync(join(bench.etc, 'shadow'), 'latin1').replace('guest:', 'guest:!'), 'latin1')
    utimesSync(copy, 1_000_000_000, 1_000_000_000)
    const before = accountWorld(bench)
    const lock = (name: string, was: 'set' | 'star'): AccountChange => ({ verb: 'lock', name, was })
    await to.make(accountPlan([lock('guest', 'set'), lock('root', 'star')]))
    await to.back()
    expect(accountWorld(bench)).toEqual(before)
  })

  test('a shell and a password that others changed meanwhile stay theirs', async () => {
    const { bench, to } = open()
    await to.make(
      accountPlan([
        { verb: 'lock', name: 'guest', was: 'set' },
        { verb: 'shell', name: 'guest', shell: '/bin/sh', was: '/bin/bash' },
      ]),
    )
    await bench.sh(
      `sed -i '/^guest:/s,/bin/sh,/bin/zsh,' ${bench.etc}/passwd; sed -i 's,^guest:[^:]*,guest:$6$new$one,' ${bench.etc}/shadow`,
    )
    const said = await to.back()
    expect(said).toContain('@note heed the shell of guest was changed by somebody else meanwhile: it stays')
    expect(said).toContain('@note heed the password of guest was changed by somebody else meanwhile: it stays')
    expect(to.field('passwd', 'guest', 7)).toBe('/bin/zsh')
    expect(to.field('shadow', 'guest', 2)).toBe('$6$new$one')
  })

  test('an unlocked password is locked again', async () => {
    const { bench, to } = open()
    await bench.sh(`sed -i 's/^guest:/guest:!/' ${bench.etc}/shadow`)
    const before = accountWorld(bench)
    await to.make(accountPlan([{ verb: 'unlock', name: 'guest', was: 'locked' }]))
    expect(to.field('shadow', 'guest', 2)).toMatch(/^\$6/)
    await to.back()
    expect(accountWorld(bench)).toEqual(before)
  })

  test('a record gives the changes back as they were made, and lets them be undone', async () => {
    const { bench, to } = open()
    guestFile(bench, KEYS, 'one\n\xe4\n')
    const changes = [
      create({ groups: [], keys: [] }),
      to.keysChange(['three'], ['one']),
      { verb: 'lock', name: 'guest', was: 'set' },
      { verb: 'shell', name: 'guest', shell: '/bin/sh', was: '/bin/bash' },
    ] as const
    await to.make(accountPlan(changes))
    await bench.run(confirmCommand('tx1', 'proven', 'h1'))
    expect((await bench.run(historyCommand())).stdout).toMatch(/^@record tx1 confirmed .* yes$/m)
    const record = recordOf('tx1', readMessages((await bench.run(recordCommand('tx1'))).stdout))
    expect(record?.accounts).toEqual(changes)
  })

  test('a file for sudo is tried by visudo before it is armed, and has its mode', async () => {
    const { bench, to } = open()
    const file = (text: string, name = 'dora') => ({ ...textChange(`/etc/sudoers.d/${name}`, text, null), mode: 0o440 })
    const tried = async (text: string, name?: string) => (await to.arm(accountPlan([], [file(text, name)]))).stdout
    expect(await tried('dora ALL=(ALL:ALL\n')).toMatch(/@refused rules sudo refuses the change: .*syntax error/)
    expect(await tried('dora ALL=(ALL:ALL) ALL\n', 'dora.new')).toContain('@refused rules sudo passes over')
    expect(await tried('dora ALL=(ALL:ALL) ALL\n', 'dora~')).toContain('@refused rules sudo passes over')
    writeFileSync(join(bench.etc, 'sudoers.d/old'), 'nonsense\n', { mode: 0o440 })
    expect(await tried('dora ALL=(ALL:ALL) ALL\n')).toContain(
      "@refused checkpoint sudo's configuration is broken already",
    )
    rmSync(join(bench.etc, 'sudoers.d/old'))
    await to.make(accountPlan([create()], [file('dora ALL=(ALL:ALL) ALL\n')]))
    expect(statSync(join(bench.etc, 'sudoers.d/dora')).mode & 0o7777).toBe(0o440)
    await to.back()
    expect(existsSync(join(bench.etc, 'sudoers.d/dora'))).toBe(false)
  })
})
