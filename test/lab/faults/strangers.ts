// Programs on the network that are no SSH server: on the bystander's machine, each on a port of its own.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Server } from '../server.ts'

/** What each port does: `endless` greets without end, `half` sends a version and nothing more. */
export const STRANGERS = { silent: 7001, http: 7002, endless: 7003, half: 7004, hostile: 7005 } as const

/** Starts them; they end with the process that is given back. */
export async function startStrangers(server: Server): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'strangers.mjs')
  const child = server.bystander.spawn([process.execPath, script, server.bystander.address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout) await once(child.stdout, 'data')
  return child
}
