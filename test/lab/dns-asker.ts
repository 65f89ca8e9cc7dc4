// Questions to a server's name server as others on its network ask them.
import { createInterface } from 'node:readline'
import type { DnsTarget } from '../../src/services/host/dns-query.ts'
import type { DnsAnswer, DnsQuestion } from '../../src/services/model/dns.ts'
import { say } from '../../src/services/model/safe.ts'
import type { Client } from './client.ts'
import { ADDRESSES } from './paths.ts'
import { must } from './run.ts'
import type { Server } from './server.ts'

export type Asker = {
  readonly ask: (question: DnsQuestion, way: DnsTarget) => Promise<DnsAnswer>
  readonly end: () => void
}

/** Starts somebody who asks from a client's namespace. */
export function askerIn(client: Client): Asker {
  const child = client.spawn([process.execPath, `${import.meta.dirname}/dns-agent.ts`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = new Map<number, (answer: DnsAnswer) => void>()
  let next = 1
  child.once('exit', () => {
    for (const give of waiting.values()) give({ state: 'unreachable', reason: say`the asker ended` })
  })
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, answer } = JSON.parse(line) as { id: number; answer: DnsAnswer }
      waiting.get(id)?.(answer)
      waiting.delete(id)
    })
  return {
    ask: (question, way) =>
      new Promise((resolve) => {
        const id = next++
        waiting.set(id, resolve)
        child.stdin?.write(`${JSON.stringify({ id, question, way })}\n`)
      }),
    end: () => void child.kill('SIGKILL'),
  }
}

/** Addresses of the client's in networks that the server is not in, with the ways to them. */
export const STRANGER = { v4: '10.9.8.7', v6: 'fd00:9::7' } as const

/** Gives the client the stranger's addresses as well. */
export async function makeStranger(server: Server): Promise<void> {
  const { client } = server
  await must(client.argv(['ip', '-batch', '-']), {
    input: `address add ${STRANGER.v4}/32 dev lo\naddress add ${STRANGER.v6}/128 dev lo nodad\nneighbour replace ${ADDRESSES.server.v6} lladdr ${ADDRESSES.server.mac} dev eth0 nud permanent\n`,
  })
  await server.must(
    `ip route replace ${STRANGER.v4} via ${client.address}; ip -6 route replace ${STRANGER.v6} via ${client.address6}`,
  )
}
