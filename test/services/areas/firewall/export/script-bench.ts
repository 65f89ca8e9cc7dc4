import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Root, network and mount namespaces, and iptables: what running an exported script on this machine takes. */
export const canRunScript: boolean =
  process.getuid?.() === 0 && spawnSync('unshare', ['-nm', 'iptables-save']).status === 0

/** What runs it: a shell, and the standard tools that go with it. */
export type Tools = { readonly shell: readonly string[]; readonly tools: readonly string[] }
export const TOOLS: Readonly<Record<string, Tools>> = {
  dash: { shell: ['dash'], tools: [] },
  busybox: {
    shell: ['busybox', 'sh'],
    tools: ['awk', 'sed', 'grep', 'head', 'tail', 'setsid', 'nohup', 'mv', 'cp', 'rm'],
  },
}

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Takes comments and counters out of a save that is read on standard input. */
const BARE = `grep -v '^#' | sed 's/^\\(:[^ ]* [^ ]*\\) .*/\\1/'`

/**
 * Runs shell text on a server of its own: a network namespace with real iptables, an empty /run, and in the working
 * directory each of the files. `run FILE ARGUMENTS` runs one of them, `rules WORD` prints what is loaded, for `section`
 * to find by that word, `gone TEXT` waits until that is without a text, `ended` until no timer is
 * at work any more, and `uptime WORD` prints seconds.
 */
export function onServer({ shell, tools }: Tools, files: Readonly<Record<string, string>>, text: string): Promise<Ran> {
  const root = mkdtempSync(join(tmpdir(), 'hardtui-export-'))
  const program = (name: string, argv: readonly string[]): void => {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\nexec ${argv.join(' ')} "$@"\n`)
    chmodSync(join(root, 'bin', name), 0o755)
  }
  mkdirSync(join(root, 'bin'))
  program('sh', shell)
  for (const tool of tools) program(tool, ['busybox', tool])
  for (const [name, content] of Object.entries(files)) {
    // What stands in for the system's programs is found where the script looks first.
    writeFileSync(join(root, name), content.replaceAll('\nPATH=/usr/sbin:', `\nPATH=${root}:${root}/bin:/usr/sbin:`))
    chmodSync(join(root, name), 0o755)
  }
  const script = `
    mount -t tmpfs none /run; cd '${root}'
    run() { "$PWD/bin/sh" "$@"; }
    saved() { { iptables-save; ip6tables-save; } 2>/dev/null | ${BARE}; }
    rules() { printf '@@%s\\n' "$1"; saved; echo @@; }
    gone() { n=0; while saved | grep -qe "$1" && [ $((n += 1)) -lt 600 ]; do sleep 0.1; done; }
    ended() { watch=$(cat /run/set_iptables/watch); while [ -e "/proc/$watch/exe" ]; do sleep 0.1; done; }
    uptime() { read -r up rest </proc/uptime; echo "@@$1"; echo "$up"; echo @@; }
    ${text}`
  const env = { PATH: `${root}:${root}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: 'C' }
  return new Promise((resolve) => {
    const child = execFile(
      'unshare',
      ['-nm', '/bin/dash', '-c', script],
      { env, timeout: 110_000 },
      (_, stdout, stderr) => {
        rmSync(root, { recursive: true, force: true })
        resolve({ status: child.exitCode, stdout, stderr })
      },
    )
  })
}

/** What `rules` or `uptime` printed under a word. */
export function section({ stdout, stderr }: Ran, word: string): string {
  const [, rest] = `\n${stdout}`.split(`\n@@${word}\n`)
  if (rest === undefined) throw new Error(`there is no ${word}: ${stdout}\n${stderr}`)
  return rest.slice(0, rest.indexOf('@@\n'))
}
