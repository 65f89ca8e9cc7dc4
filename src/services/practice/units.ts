import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Kills a process group that a child of ours leads; one that is gone already is no error. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined || !(pid > 1)) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {}
}

/** Ends every transient unit of the practice server: its keeper first, which would start the command again. */
export function endUnits(root: string): void {
  const folder = join(root, 'systemd', 'transient')
  // A unit that was starting when it was looked for is there when it is looked for again.
  for (let round = 0; round < 2; round += 1)
    for (const name of readable(() => readdirSync(folder), [])) {
      try {
        for (const pid of readFileSync(join(folder, name), 'utf8').trim().split(' ')) killGroup(Number(pid))
      } catch {}
    }
}

/**
 * Ends what left its process group on its own (setsid): every process whose environment names this server's folder,
 * which is nobody else's. Where there is no /proc such processes end by themselves, their folder being gone.
 */
export function endStrays(root: string): void {
  const mark = `HARDTUI_ROOT=${root}\0`
  for (const pid of readable(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name))) {
    const environment = readable(() => readFileSync(`/proc/${pid}/environ`, 'latin1'), '')
    if (Number(pid) === process.pid || !`${environment}\0`.includes(mark)) continue
    readable(() => process.kill(Number(pid), 'SIGKILL'), false)
  }
}

function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
