// What the console would say of one area of a real server: its own probe, parser and checks.

import type { Area, Around, Verdict } from '../../src/services/model/area.ts'
import type { AreaId, FactsByArea } from '../../src/services/model/areas.ts'
import type { ProbeOutput } from '../../src/services/model/command.ts'
import type { Host, HostFacts } from '../../src/services/model/host.ts'
import type { Reading } from '../../src/services/model/reading.ts'
import { AREAS } from '../../src/state/areas/table.ts'

export type Audit<Id extends AreaId> = {
  readonly host: HostFacts
  readonly reading: Reading<FactsByArea[Id]>
  /** A check's word on it: `fail yes`. */
  readonly verdict: (id: string) => string
  readonly details: (id: string) => readonly string[]
}

/** Reads one area by its own probe over the operator's connection; `around` is what its checks know of other areas. */
export async function audit<Id extends AreaId>(
  host: Host,
  id: Id,
  around: Around = { listeners: null },
): Promise<Audit<Id>> {
  const area: Area<Id> = AREAS[id]
  const outputs = new Map<string, ProbeOutput>()
  let facts: HostFacts | null = null
  const done = await host.probe(area.probes, {
    facts: (seen) => {
      facts = seen
    },
    output: (output) => outputs.set(output.id, output),
  })
  if (!done.ok || !facts) throw new Error(done.ok ? 'no facts came' : done.error.message)
  const seen: HostFacts = facts
  const reading = area.parse((probe) => outputs.get(probe) ?? null, seen, Date.now())
  const judged = (check: string): Verdict => {
    const found = area.checks.find((one) => one.id === check)
    if (!found || reading.state !== 'present') throw new Error(`${check}: ${JSON.stringify(reading)}`)
    return found.judge(reading.facts, seen, around)
  }
  return {
    host: seen,
    reading,
    verdict: (check) => `${judged(check).outcome} ${judged(check).observed}`,
    details: (check) => judged(check).details ?? [],
  }
}
