// What is known about a server that is up, in a file beside its disk: written by its keeper, read by everybody.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { SERVERS_DIR, serverPath } from './paths.ts'
import type { Flavour, Variant } from './recipe.ts'
import { LabError } from './run.ts'

/** A process that can't be mistaken for a later one with the same number. */
export type ProcessId = { readonly pid: number; readonly startTime: string }

export type ServerState = {
  readonly name: string
  readonly flavour: Flavour
  readonly variant: Variant
  readonly lower: readonly string[]
  /** Who asked for it; null: nobody in particular, it stays until it is taken down. */
  readonly owner: ProcessId | null
  readonly keeper: ProcessId | null
  /** The loop device that is its disk. */
  readonly loop: string | null
  readonly boots: number
  /** The host's pid of the server's init; null while it is off. */
  readonly leader: number | null
  /** The whole round trip added to the client's link, in ms. */
  readonly delayMs: number
}

/** The process with this pid now, or null if there is none; start time as proc(5) has it in /proc/pid/stat. */
export function processId(pid: number): ProcessId | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The command's name is in parentheses and may hold anything; the fields are counted after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : { pid, startTime: fields[19] ?? '' }
  } catch {
    return null
  }
}

export const isAlive = (process: ProcessId | null): boolean =>
  process !== null && processId(process.pid)?.startTime === process.startTime

/** A server's state, or null where there is no such server. */
export function readState(name: string): ServerState | null {
  try {
    return JSON.parse(readFileSync(serverPath(name, 'state.json'), 'utf8')) as ServerState
  } catch {
    return null
  }
}

/** A server's state; throws a LabError where there is no such server. */
export function needState(name: string): ServerState {
  const state = readState(name)
  if (state) return state
  throw new LabError(`no server named ${name} is up: see "npm run lab -- list"`)
}

/** Writes the state so that a reader sees the old one or the new one. */
export function writeState(state: ServerState): void {
  const path = serverPath(state.name, 'state.json')
  writeFileSync(`${path}.new`, JSON.stringify(state, null, 1))
  renameSync(`${path}.new`, path)
}

/** Names of all servers that left a folder, whether they run or not. */
export async function serverNames(): Promise<string[]> {
  const names = await readdir(SERVERS_DIR).catch(() => [])
  return names.filter((name) => !name.startsWith('.')).sort()
}
