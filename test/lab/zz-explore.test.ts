import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { AREAS } from '../../src/services/areas/registry.ts'
import { createConnect } from '../../src/services/host/host.ts'
import { up } from './lab.ts'

for (const [flavour, variant] of [
  ['debian12', 'plain'],
  ['debian13', 'socket'],
  ['sysvinit', 'plain'],
  ['sysvinit', 'rhel-layout'],
  ['debian13', 'plain'],
  ['debian12', 'persistent'],
] as const)
  test(`${flavour} ${variant}`, async () => {
    await using server = await up({ flavour, variant })
    let text = ''
    for (const user of ['root', 'ops', 'guest'] as const) {
      const connect = createConnect({ dial: ({ port }) => server.client.connect({ port }) })
      const c = await connect(
        {
          name: user,
          host: server.address,
          port: 22,
          user,
          identityFiles: [server.key],
          agent: null,
          knownHostsFiles: [server.knownHosts],
          hostKeyAlias: server.address,
        } as never,
        async () => null,
      )
      if (!c.ok) throw new Error(c.error.message)
      await server.client.ssh('true', { user: 'nobody-here' })
      const outputs = new Map()
      let facts: any = null
      const r = await c.value.probe(
        Object.values(AREAS).flatMap((a) => a.probes),
        {
          facts: (f) => {
            facts = f
          },
          output: (o) => outputs.set(o.id, o),
        },
      )
      text += `##### ${user} ${JSON.stringify(r)}\n${JSON.stringify(facts)}\n`
      for (const area of Object.values(AREAS)) {
        const reading = area.parse((id) => outputs.get(id) ?? null, facts, 1)
        text += `=== ${area.id} ${JSON.stringify(reading, null, 1).slice(0, area.id === 'units' ? 30000 : 4000)}\n`
        if (reading.state === 'present')
          for (const ch of area.checks) {
            const v = (ch as any).judge(reading.facts, facts)
            text += `  ${ch.id} ${v.outcome} ${v.observed}\n`
          }
      }
      c.value.close()
    }
    writeFileSync(`/tmp/lab-${flavour}-${variant}.txt`, text)
  }, 240000)
