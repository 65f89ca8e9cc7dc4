// The practice server and the benches stand below a folder that is / to the server-side scripts: nothing outside is touched.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Command } from '../../../src/services/model/command.ts'
import type { ChangePlan } from '../../../src/services/model/plan.ts'
import { applyCommand, armCommand, confirmCommand, rollbackCommand } from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import {
  firewallFacts,
  hostFacts,
  insertFirst,
  staged,
  stagedFile,
  stagedUnit,
  textChange,
} from '../../support/plans.ts'

/** A path from / that begins a word, and is not handed to `path_of`. */
const BARE =
  /(?<=(?:^|[\s=:<>(|;&!])["']?)(?<!path_of )\/(?:etc|var|usr|run|proc|sys|s?bin|root|home|lib|tmp|boot|opt|srv)\b[^\s"';)]*/g
/** What is no file of the server's that is read or written, by the part that it stands in. */
const MEANT: Readonly<Record<string, readonly RegExp[]>> = {
  // Where the scripts find out which folder is / to them, and where programs are.
  'lib.sh': [/^\/var\/run\/hardtui\/guard\.sh\) ROOT=/, /^PATH=/],
  // Sentences.
  'sysctl.sh': [/can't be set on this server: \/proc\/sys is read-only here"$/],
  'persist.sh': [/^\s*echo "nftables\.service clears .* in \/etc\/nftables\.conf\)"$/],
}

const bareIn = (name: string, text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    if (/^\s*#/.test(line) || MEANT[name]?.some((one) => one.test(line))) return []
    return [...line.matchAll(BARE)].map(([path]) => path).filter((path) => path !== '/bin/sh')
  })

describe('a path of the server', () => {
  test.each(globSync('src/services/transaction/server/*.sh'))('is below the root in %s', (file) => {
    expect(bareIn(basename(file), readFileSync(file, 'utf8'))).toEqual([])
  })

  test.each([
    'cat /etc/motd',
    'echo 0 >/proc/self/oom_score_adj',
    'find "/var/lib/hardtui"',
    "for one in /run/a '/usr/sbin/b'; do",
    'dir=/sys/fs',
    'x=$(cat /etc/passwd)',
    '[ ! -e /etc/x ] && ! /usr/sbin/sshd -t',
  ])('is found where it is not: %s', (line) => {
    expect(bareIn('lib.sh', line)).not.toEqual([])
  })

  test.each([
    'cat "$ETC/motd" "$ROOT/etc/motd" "$ETC"/etc/x',
    '  # /etc/motd',
    'exec /bin/sh "$x"',
    'path_of /etc/motd',
  ])('is not taken for one outside: %s', (line) => {
    expect(bareIn('lib.sh', line)).toEqual([])
  })
})

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()

/** Folders of this machine that take what is written into them aside, for a bench alone. */
const WATCHED = [
  'etc',
  'run',
  'usr',
  'var/lib',
  'var/log',
  'var/spool',
  'var/cache',
  'var/run',
  'root',
  'home',
  'tmp',
  'opt',
]

/** A mount namespace for a bench, in which whatever is written to this machine can be listed, and reaches nothing. */
async function sealed(bench: Bench) {
  const aside = join(bench.etc, '../aside')
  mkdirSync(aside)
  const script = `mount -t tmpfs aside "$1" && for dir in ${WATCHED.join(' ')}; do
      [ -d "/$dir" ] && [ ! -L "/$dir" ] || continue
      mkdir -p "$1/upper/$dir" "$1/behind/$dir" &&
        mount -t overlay aside -o "lowerdir=/$dir,upperdir=$1/upper/$dir,workdir=$1/behind/$dir" "/$dir" || exit 1
    done
    echo ready; exec cat`
  const keeper = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', aside])
  onTestFinished(() => void keeper.kill('SIGKILL'))
  const [said] = await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'exit')])
  expect(String(said)).toBe('ready\n')
  const inside = ['nsenter', `--mount=/proc/${keeper.pid}/ns/mnt`]
  const run = (command: Command, connection?: string) =>
    bench.run({ ...command, argv: [...inside, ...command.argv] }, connection)
  const sh = async (text: string) =>
    (await run({ argv: ['sh', '-c', text], privilege: 'root', effect: 'read', timeoutMs: 1 })).stdout
  return { run, sh, written: () => sh(`find ${aside}/upper -mindepth 1 ! -type d`) }
}

describe.runIf(canRunGuard).each(GUARD_SHELLS)('a change below a root under %s', (_, shell) => {
  test('of rules, files and a unit writes nothing outside, rolled back or confirmed', async () => {
    const bench = openBench(shell)
    const units = join(bench.etc, '../units')
    const link = join(bench.etc, 'systemd/system/multi-user.target.wants/demo.service')
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync('/usr/lib/systemd/system/demo.service', link)
    const demo = spawn('sleep', ['1000'], { detached: true })
    writeFileSync(join(units, 'demo.service'), `${demo.pid}\n`)
    writeFileSync(join(bench.etc, 'motd'), 'old\n')
    const { run, sh, written } = await sealed(bench)
    const begin = async (id: string): Promise<void> => {
      const facts = firewallFacts(await sh('iptables-save -c'), await sh('ip6tables-save -c'))
      const plan: ChangePlan = planFrom({
        host: hostFacts,
        firewall: facts,
        windowSeconds: 30,
        persistence: 'loader',
        changes: [
          staged(insertFirst(facts, '-p tcp -m tcp --dport 8443 -j DROP')),
          stagedFile(textChange('/etc/motd', 'new\n', 'old\n')),
          stagedFile(textChange('/etc/hardtui-test/deep/new', 'new', null)),
          stagedUnit({
            unit: 'demo.service',
            run: 'restart',
            boot: 'disable',
            was: { run: 'active', boot: 'enabled' },
          }),
        ],
      })
      expect((await run(armCommand(id, plan, owner), owner.connection)).stdout).toMatch(
        new RegExp(`^@armed ${id} `, 'm'),
      )
      expect((await run(applyCommand(id))).stdout).toContain('demo.service')
      expect(readFileSync(join(bench.etc, 'hardtui-test/deep/new'), 'utf8')).toBe('new')
      // The stand-in for systemctl disables nothing.
      rmSync(link)
    }
    await begin('tx1')
    expect((await run(rollbackCommand('tx1'))).stdout).toContain('@rolled-back tx1')
    expect(readFileSync(join(bench.etc, 'motd'), 'utf8')).toBe('old\n')
    expect(readlinkSync(link)).toBe('/usr/lib/systemd/system/demo.service')
    await begin('tx2')
    expect((await run(confirmCommand('tx2', 'proven', 'h1'))).stdout).toContain('@confirmed tx2')
    expect(readFileSync(join(bench.etc, 'hardtui/rules.v4'), 'utf8')).toContain('--dport 8443 -j DROP')
    expect(readFileSync(join(bench.etc, 'motd'), 'utf8')).toBe('new\n')
    expect(await written()).toBe('')
    // It would have been seen.
    await sh('echo >/etc/hardtui-canary; mkdir -p /var/lib/hardtui/x; echo >/var/lib/hardtui/x/y')
    expect((await written()).match(/canary|\/x\/y/g)).toHaveLength(2)
  })
})
