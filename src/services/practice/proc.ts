import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The number of the listening sshd there (world.ts). */
const SSHD = 640

/**
 * Shows a process of an account in the practice server's /proc, by its real number, as the guard looks for what an account
 * still runs when it is taken back. Gives what takes it out again.
 */
export function showProcess(root: string, pid: number | undefined, uid: number, title: string): () => void {
  if (pid === undefined || pid === SSHD) return () => {}
  const folder = join(root, 'proc', String(pid))
  const ids = `${uid}\t${uid}\t${uid}\t${uid}`
  const hide = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    mkdirSync(join(folder, 'ns'), { recursive: true })
    writeFileSync(join(folder, 'comm'), `${title.slice(0, 15)}\n`)
    symlinkSync(`/proc/${pid}/stat`, join(folder, 'stat'))
    symlinkSync('pid:[1]', join(folder, 'ns', 'pid'))
    writeFileSync(join(folder, 'status'), `Name:\t${title}\nUid:\t${ids}\n`)
  } catch {
    // The server is being cleared away.
    hide()
  }
  return hide
}
