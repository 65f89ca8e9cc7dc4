// Taking a server away by force, whatever state it is in: the way down, and what finds leftovers of killed runs.
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { removeWire } from './network.ts'
import { serverPath } from './paths.ts'
import { must, run, until } from './run.ts'
import { isAlive, readState, serverNames } from './state.ts'

/**
 * The cgroups of a server: in the v2 hierarchy and, where the machine has it, systemd's of v1. The machine itself is in
 * a group below, beside what only serves it.
 */
export function cgroups(name: string, part: '' | 'machine' = ''): string[] {
  const top = '/sys/fs/cgroup'
  const unified = existsSync(`${top}/unified/cgroup.procs`) ? `${top}/unified` : top
  const tops = existsSync(`${top}/systemd/cgroup.procs`) ? [unified, `${top}/systemd`] : [unified]
  return tops.map((hierarchy) => join(hierarchy, `hardtui-${name}`, part))
}

async function pidsBelow(group: string): Promise<number[]> {
  const own = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')
  const entries = await readdir(group, { withFileTypes: true }).catch(() => [])
  const below = await Promise.all(entries.filter((e) => e.isDirectory()).map((e) => pidsBelow(join(group, e.name))))
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()]
}

/** Removes a cgroup with those below it; none of them may hold a process any more. */
export async function removeGroup(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(group, entry.name))
  await rmdir(group).catch(() => {})
}

/**
 * Kills every process in a server's cgroups, waits until they are gone, and removes the cgroups: the next boot makes new
 * ones, as a machine does. Not by cgroup.kill, which leaves a mark on the group: on some kernels everything that a later
 * systemd starts in a group of that name (clone3(2), CLONE_INTO_CGROUP) is killed at birth.
 */
export async function killAll(name: string, part: '' | 'machine' = ''): Promise<void> {
  const groups = cgroups(name, part)
  await until(`the processes of ${name} to end`, async () => {
    const pids = (await Promise.all(groups.map(pidsBelow))).flat()
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // gone meanwhile
      }
    }
    return pids.length === 0
  })
  await until(`the cgroups of ${name} to go`, async () => {
    for (const group of groups) await removeGroup(group)
    return !groups.some(existsSync)
  })
}

/** Detaches the loop devices of a server's disk, once the last mount of it is gone. */
async function detachDisk(name: string): Promise<void> {
  const image = serverPath(name, 'disk.img')
  if (!existsSync(image)) return
  const loops = (await must(['losetup', '--associated', image, '--noheadings', '--output', 'NAME'])).trim()
  for (const loop of loops.split('\n').filter(Boolean)) {
    await until(`${loop} to be unmounted`, () => !existsSync(`/sys/fs/ext4/${loop.slice('/dev/'.length)}`))
    await run(['losetup', '--detach', loop])
  }
}

/** Removes all that a server is: processes, namespaces, cgroups, disk, folder. Safe to repeat, and at any point. */
export async function demolish(name: string): Promise<void> {
  await killAll(name)
  await removeWire(name)
  await detachDisk(name)
  // systemd-nspawn(1) leaves these when it is killed.
  await rm(`/run/systemd/nspawn/propagate/hardtui-${name}`, { recursive: true, force: true })
  await rm(`/run/systemd/nspawn/unix-export/hardtui-${name}`, { recursive: true, force: true })
  await rm(serverPath(name), { recursive: true, force: true })
}

/** Whether a server's folder is so new that its state may not be written yet. */
async function isYoung(name: string): Promise<boolean> {
  const { mtimeMs } = await stat(serverPath(name)).catch(() => ({ mtimeMs: 0 }))
  return Date.now() - mtimeMs < 5000
}

/** Removes servers whose keeper is dead and whose maker is too: leftovers of runs that were killed. Gives their names. */
export async function reap(): Promise<string[]> {
  const reaped: string[] = []
  for (const name of await serverNames()) {
    const state = readState(name)
    if (state ? isAlive(state.keeper ?? state.owner) : await isYoung(name)) continue
    await demolish(name)
    reaped.push(name)
  }
  return reaped
}
