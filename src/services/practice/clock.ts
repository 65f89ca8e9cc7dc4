import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'

/**
 * Gives the practice server the parts of /proc that its scripts read (proc(5)): this machine's own where there are
 * any, else files that are kept up to date. Its processes are left out on purpose: the scripts look among them for
 * the sshd of a login, and would find that of whoever runs this program. Gives what stops it.
 */
export function startClock(root: string, realProc: boolean): () => void {
  const file = join(root, 'proc', 'uptime')
  if (realProc) {
    symlinkSync('/proc/uptime', file)
    // Which boot this is, and nothing that can be set: a link to all of /proc/sys would set this machine's own kernel.
    mkdirSync(join(root, 'proc/sys/kernel'), { recursive: true })
    symlinkSync('/proc/sys/kernel/random', join(root, 'proc/sys/kernel/random'))
    return () => {}
  }
  const write = (): void => {
    const seconds = uptime().toFixed(2)
    writeFileSync(`${file}.new`, `${seconds} ${seconds}\n`)
    renameSync(`${file}.new`, file)
  }
  write()
  const timer = setInterval(write, 50)
  timer.unref()
  return () => clearInterval(timer)
}
