import { expect, test } from 'vitest'
import { ok } from '../../../../src/services/model/errors.ts'
import { keysOf } from '../../../support/headless.ts'

test('the baseline is not staged while the services, whose ports belong to it, are still being read', async () => {
  const { press, staged, said } = await keysOf({
    connect: async (_ask, host) =>
      ok({
        ...host,
        probe: (probes, on) => {
          void host.probe(
            probes.filter(({ id }) => id !== 'units'),
            on,
          )
          return new Promise(() => {})
        },
      }),
  })
  await press('2', 'B', 'S')
  expect([staged(), said()]).toEqual([[], expect.stringContaining('the services are still being read')])
})
