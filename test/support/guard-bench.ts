import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import type { Command } from '../../src/services/model/command.ts'
import { kindsFor } from '../lab/kinds.ts'

const FAKES = fileURLToPath(new URL('./fake-systemd', import.meta.url))

/** Root, network namespaces and iptables: what running the real server-side scripts on this machine takes. */
export const canRunGuard: boolean =
  process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'iptables-save']).status === 0

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/**
 * A bench for the server-side scripts: a network namespace with real iptables, a state directory of its own and a
 * systemd that only starts what it is told to, all below a folder that is / to them. `shell` is what runs them: `dash` or
 * `busybox sh`.
 */
export type Bench = {
  readonly state: string
  readonly etc: string
  /** Runs a command value as the server would, over a login whose `$SSH_CONNECTION` is `connection`. */
  readonly run: (command: Command, connection?: string) => Promise<Ran>
  readonly sh: (script: string) => Promise<Ran>
  readonly close: () => void
}

/** The shells that the guard has to run under, for describe.each. */
export const GUARD_SHELLS = kindsFor('the guard', [
  ['dash', ['dash']],
  ['busybox sh', ['busybox', 'sh']],
] as const)

/** Opens benches for one test file: each is closed after its test. */
export function benchesOfTests(): (shell: readonly string[]) => Bench {
  const benches: Bench[] = []
  afterEach(() => {
    for (const bench of benches.splice(0)) bench.close()
  })
  return (shell) => {
    const bench = openBench(shell)
    benches.push(bench)
    return bench
  }
}

function openBench(shell: readonly string[]): Bench {
  // Not /tmp, which may be in memory: the guard refuses to keep a checkpoint there.
  const root = mkdtempSync('/var/tmp/hardtui-bench-')
  const [state, etc, units, bin] = ['var/lib/hardtui', 'etc', 'units', 'bin'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const dir of [etc, units, bin, join(root, 'var/lib'), join(root, 'run/systemd/system')])
    mkdirSync(dir, { recursive: true })
  symlinkSync('/proc', join(root, 'proc'))
  for (const name of readdirSync(FAKES)) symlinkSync(join(FAKES, name), join(bin, name))
  // `sh` inside the scripts must be the shell under test as well.
  spawnSync('sh', ['-c', `printf '#!/bin/sh\\nexec %s "$@"\\n' '${shell.join(' ')}' > sh && chmod +x sh`], { cwd: bin })
  const namespace = `bench-${basename(root).slice(-6)}`
  spawnSync('ip', ['netns', 'add', namespace])
  const listener = listenIn(namespace)
  const env = (connection: string) => ({
    PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HARDTUI_ROOT: root,
    HARDTUI_CONNECTION: connection,
  })
  const inside = (argv: readonly string[], stdin: string, connection: string): Promise<Ran> =>
    new Promise((resolve) => {
      const args = [`--net=/run/netns/${namespace}`, ...argv]
      const child = execFile('nsenter', args, { env: env(connection) }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode, stdout, stderr }),
      )
      child.stdin?.on('error', () => {})
      child.stdin?.end(stdin)
    })
  return {
    state,
    etc,
    run: (command, connection = '198.51.100.20 2 192.0.2.10 22') =>
      inside(command.argv, command.stdin ?? '', connection),
    sh: (script) => inside([...shell, '-c', script], '', ''),
    close: () => {
      if (existsSync(units))
        for (const unit of readdirSync(units)) {
          const pid = Number(readFileSync(join(units, unit), 'utf8'))
          if (pid > 1) spawnSync('kill', ['-9', '--', `-${pid}`])
        }
      spawnSync('kill', [listener])
      // Whoever stands by is no unit: he is known by the guard that he runs.
      spawnSync('pkill', ['-9', '-f', root])
      spawnSync('ip', ['netns', 'del', namespace])
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Stands in for sshd: somebody has to listen where a login came in. Gives the process's number. */
function listenIn(namespace: string): string {
  const script = `"$1" -e 'require("net").createServer().listen(22)' >/dev/null 2>&1 & echo $!
    until grep -qs ":0016 .* 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.02; done`
  const argv = [`--net=/run/netns/${namespace}`, 'sh', '-c', script, 'sh', process.execPath]
  return spawnSync('nsenter', argv).stdout.toString().trim()
}

/** Waits until `check` gives something, for at most `seconds`. */
export async function until<T>(check: () => Promise<T | null | false>, seconds: number, what: string): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const found = await check()
    if (found !== null && found !== false) return found
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
