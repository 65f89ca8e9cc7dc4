import { firewall as area } from '../services/areas/firewall/area.ts'
import { limitOnLogins } from '../services/areas/firewall/login-limit.ts'
import type { ProbeOutput } from '../services/model/command.ts'
import { ok, type Result } from '../services/model/errors.ts'
import type { FirewallFacts } from '../services/model/firewall.ts'
import type { Host, HostFacts } from '../services/model/host.ts'
import type { Reading } from '../services/model/reading.ts'
import type { Safe } from '../services/model/safe.ts'

export type FirewallRead = { readonly facts: HostFacts; readonly firewall: Reading<FirewallFacts> }

/** Reads the firewall as it is now, and nothing else; `now` is the reading's time in epoch milliseconds. */
export async function readFirewall(host: Pick<Host, 'probe'>, now = Date.now()): Promise<Result<FirewallRead | null>> {
  let facts: HostFacts | null = null
  const outputs = new Map<string, ProbeOutput>()
  const read = await host.probe(area.probes, {
    facts: (seen) => {
      facts = seen
    },
    output: (output) => outputs.set(output.id, output),
  })
  if (!read.ok) return read
  const seen = facts as HostFacts | null
  return ok(seen && { facts: seen, firewall: area.parse((id) => outputs.get(id) ?? null, seen, now) })
}

/** Says which rule limits new logins to a port, by the rules as they are live on the server; null where none is known. */
export const limitReader =
  (host: Pick<Host, 'probe'>) =>
  async (port: number): Promise<Safe | null> => {
    const read = await readFirewall(host)
    if (!read.ok || read.value?.firewall.state !== 'present') return null
    return limitOnLogins(read.value.firewall.facts, read.value.facts, port)
  }
