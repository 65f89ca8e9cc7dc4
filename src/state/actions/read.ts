import { stagedFilesOf, stagedFilesProbe } from '../../services/areas/staged-files.ts'
import type { AreaId, FactsByArea } from '../../services/model/areas.ts'
import type { ProbeOutput } from '../../services/model/command.ts'
import type { HostFacts } from '../../services/model/host.ts'
import type { Reading } from '../../services/model/reading.ts'
import { safe, say } from '../../services/model/safe.ts'
import { AREA_IDS, VIEWS } from '../areas/table.ts'
import type { Kit } from '../kit.ts'
import { judged } from '../lists/finding-of.ts'
import { type ReadingsSlice, withAnswers, withReading } from '../slices/readings.ts'
import { filesOf } from '../slices/staging.ts'

export type ReadActions = {
  /** Reads every area again in one batch; panes fill as frames arrive. Resolves when the batch has ended: true when it was read to its end. */
  readonly refresh: () => Promise<boolean>
  /** Reads what a change has moved: now or, where a reading runs that may have come too early, after that one. */
  readonly readAgain: () => void
  /** Reads the files that staged changes rest on, as far as that was not done yet. */
  readonly readStagedFiles: () => Promise<void>
}

const FILES = stagedFilesProbe([]).id

/** Reading the host. `onLog` is told when the secure log was read. */
export function createReadActions(kit: Kit, onLog: () => void): ReadActions {
  const { deps, areas } = kit

  function take<Id extends AreaId>(id: Id, outputs: ReadonlyMap<string, ProbeOutput>): boolean {
    const { host } = kit.get().connection
    if (!host) return false
    const reading = parseSafely(id, outputs, host)
    if (reading.state === 'unread') return false
    put(id, reading, host)
    if (id === 'securelog') onLog()
    for (const other of AREA_IDS)
      if (looksAt(other, id) || (id === 'sshd' && other === 'firewall')) judgeAgain(other, host)
    return true
  }

  /** Whether a check of one area looks at another, so that it is judged whichever was read first. */
  const looksAt = (area: AreaId, other: AreaId): boolean =>
    areas[area].checks.some((check) => check.needs?.includes(other))

  function judgeAgain<Id extends AreaId>(id: Id, host: HostFacts): void {
    const reading = kit.get().readings.byArea[id]
    if (reading.state === 'present') put(id, reading, host)
  }

  function put<Id extends AreaId>(id: Id, reading: Reading<FactsByArea[Id]>, host: HostFacts): void {
    const findings = reading.state === 'present' ? judged(kit, id, reading.facts, host) : []
    kit.set(({ readings }) => ({ readings: withReading(readings, id, reading, findings) }))
  }

  function parseSafely<Id extends AreaId>(
    id: Id,
    outputs: ReadonlyMap<string, ProbeOutput>,
    host: HostFacts,
  ): Reading<FactsByArea[Id]> {
    try {
      return areas[id].parse((probe) => outputs.get(probe) ?? null, host, deps.clock.now())
    } catch (error) {
      return { state: 'unreadable', reason: say`hardtui can't make sense of it: ${safe(String(error), 80)}` }
    }
  }

  const takeFiles = (files: ReadingsSlice['files']): void =>
    kit.set(({ readings }) => ({ readings: { ...readings, files } }))

  async function readStagedFiles(): Promise<void> {
    const server = kit.server()
    const { files } = kit.get().readings
    const wanted = filesOf(kit.get().staging.changes)
    const known = [...files].filter(([path]) => wanted.includes(path))
    const paths = wanted.filter((path) => !files.has(path))
    if (!server || (paths.length === 0 && known.length === files.size)) return
    // What is no longer staged is read anew when it is staged again. The others are known to be unknown, so that the next
    // change does not ask again.
    takeFiles(new Map([...known, ...paths.map((path) => [path, null] as const)]))
    if (paths.length === 0) return
    let output: ProbeOutput | null = null
    const result = await server.host.probe([stagedFilesProbe(paths)], {
      facts: () => {},
      output: (one) => {
        output = one
      },
    })
    if (result.ok) takeFiles(new Map([...kit.get().readings.files, ...stagedFilesOf(output, paths)]))
  }

  let isDue = false
  function readAgain(): void {
    if (kit.get().connection.reading) isDue = true
    else void refresh()
  }

  async function refresh(): Promise<boolean> {
    const server = kit.server()
    if (!server || kit.get().connection.reading) return false
    const outputs = new Map<string, ProbeOutput>()
    const open = new Set<AreaId>(AREA_IDS)
    const complete = (id: AreaId): boolean => areas[id].probes.every((probe) => outputs.has(probe.id))
    const takeComplete = (): void => {
      for (const id of open) if (complete(id) && take(id, outputs)) open.delete(id)
    }
    kit.set(({ connection, readings }) => ({
      connection: { ...connection, reading: true },
      readings: withAnswers(readings),
    }))
    const files = filesOf(kit.get().staging.changes)
    const result = await server.host.probe(
      [...AREA_IDS.flatMap((id) => areas[id].probes), ...(files.length > 0 ? [stagedFilesProbe(files)] : [])],
      {
        facts: (host) => {
          kit.set(({ connection }) => ({ connection: { ...connection, host } }))
          takeComplete()
        },
        output: (output) => {
          outputs.set(output.id, output)
          takeComplete()
        },
      },
    )
    kit.set(({ connection }) => ({ connection: { ...connection, reading: false } }))
    // Meanwhile others may have been staged, and read.
    if (result.ok)
      takeFiles(new Map([...kit.get().readings.files, ...stagedFilesOf(outputs.get(FILES) ?? null, files)]))
    const reason = result.ok ? say`the server sent nothing for it; press R to read again` : result.error.message
    for (const id of open)
      if (kit.get().readings.byArea[id].state === 'unread' && !take(id, outputs))
        kit.set(({ readings }) => ({ readings: withReading(readings, id, { state: 'unreadable', reason }, []) }))
    if (!result.ok) kit.tell('bad', say`Reading the server failed: ${result.error.message} ${result.error.next}`)
    if (result.ok) for (const id of AREA_IDS) VIEWS[id].afterReading?.(kit)
    if (isDue) {
      isDue = false
      void refresh()
    }
    return result.ok
  }
  return { refresh, readAgain, readStagedFiles }
}
