// The packet walk against the kernel: random packets through random rule sets, on both backends and in both families.
// HARDTUI_PAIRS says how many, HARDTUI_SEED which.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoLab } from '../lab.ts'
import { compare, newTally, type Tally } from './compare.ts'
import { type Backend, hasBackend, installWorld, makeWorld, type World } from './world.ts'

const reason = whyNoLab()
const PAIRS = Number(process.env.HARDTUI_PAIRS ?? 1500)
const SEED = Number(process.env.HARDTUI_SEED ?? 1)

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

function report(tally: Tally, backends: readonly Backend[], seconds: number): string {
  const causes = [...tally.causes].sort((a, b) => b[1] - a[1]).map(([cause, times]) => `${cause} ${times}`)
  return (
    `walk against kernel (${backends.join(', ')}; seed ${SEED}): ${tally.pairs} pairs in ${seconds.toFixed(0)} s, ` +
    `yes ${tally.yes}, no ${tally.no}, wrong definite answers ${tally.wrong.length}, ` +
    `depends ${share(tally.unsure, tally.pairs)} (${causes.join(', ')}), not as asked ${tally.misjudged.length}`
  )
}

describe.skipIf(reason !== null)(`the walk and the kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let world: World | null = null
  beforeAll(installWorld, 10 * 60_000)
  afterAll(() => world?.stop())

  it('agree wherever the walk is sure', { timeout: 120_000 + 100 * PAIRS }, async () => {
    const started = performance.now()
    const backends: Backend[] = ['nft']
    if (await hasBackend('legacy')) backends.push('legacy')
    const tally = newTally()
    for (const [i, backend] of backends.entries()) {
      // A new one for each, for conntrack remembers who has talked to whom.
      world = await makeWorld()
      await compare(world, backend, SEED * 10 + i, PAIRS / backends.length, tally)
      world.stop()
    }
    process.stdout.write(`${report(tally, backends, (performance.now() - started) / 1000)}\n`)
    expect(tally.wrong.slice(0, 3).join('\n')).toBe('')
    expect(tally.misjudged.length, tally.misjudged.slice(0, 3).join('\n')).toBeLessThan(tally.pairs * 0.02)
    // Otherwise there would be nothing in it.
    expect(Math.min(tally.yes, tally.no)).toBeGreaterThan(tally.pairs * 0.2)
    expect(tally.unsure).toBeLessThan(tally.pairs * 0.15)
  })

  it('agree wherever the walk is sure, with a table of nft beside', { timeout: 120_000 + 100 * PAIRS }, async () => {
    const started = performance.now()
    const tally = newTally()
    world = await makeWorld()
    await compare(world, 'nft', SEED * 10 + 5, PAIRS, tally, { native: true })
    process.stdout.write(`${report(tally, ['nft'], (performance.now() - started) / 1000)}\n`)
    expect(tally.wrong.slice(0, 3).join('\n')).toBe('')
    expect(tally.misjudged.length, tally.misjudged.slice(0, 3).join('\n')).toBeLessThan(tally.pairs * 0.02)
    expect(Math.min(tally.yes, tally.no)).toBeGreaterThan(tally.pairs * 0.2)
    expect(tally.unsure).toBeLessThan(tally.pairs * 0.35)
  })
})
