import { expect, test } from 'vitest'
import { ok, type Result } from '../../src/services/model/errors.ts'
import { openConsole } from '../support/console.tsx'

test('an end that comes while the server is read is followed by another reading', async () => {
  const holds: (() => void)[] = []
  const bench = await openConsole({
    connect: async (_ask, host) => {
      const held: typeof host.probe = async (probes, on): Promise<Result<void>> => {
        await new Promise<void>((resolve) => holds.push(resolve))
        return host.probe(probes, on)
      }
      return ok({ ...host, probe: held })
    },
  })
  const begun = async (count: number): Promise<void> => {
    while (holds.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  await begun(1)
  // While the first reading runs a change ends: what was read may be from before.
  bench.transactions.set({ phase: 'confirmed', id: 'x', notes: [], lasts: true })
  bench.transactions.set({ phase: 'idle' })
  expect(holds).toHaveLength(1)
  holds[0]?.()
  await begun(2)
  holds[1]?.()
  await bench.sees('PermitRootLogin')
  expect(holds).toHaveLength(2)
})
