// Rule sets of thousands: what comes back at the deadline must not take longer the more rules there are.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { up } from '../lab.ts'
import { closeOperatorsOf, logIn } from '../operator.ts'
import { PATIENCE } from '../run.ts'
import type { Server } from '../server.ts'
import { lockOut, untilNoTraces } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { deadlineOf, endings, rulesOf, untilApplied, untilOver } from './world.ts'

const COUNT = 2000
const rule = (at: number): string =>
  `-A INPUT -s 10.${at >> 8}.${at & 255}.7/32 -p tcp -m tcp --dport ${1024 + at} -j ACCEPT`
const save = (rules: readonly string[]): string => `*filter\n:INPUT ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`
const ALL = Array.from({ length: COUNT }, (_, at) => rule(at))
/** Every other rule in the place of the one that mirrors it. */
const MOVED = ALL.map((text, at) => (at % 2 === 0 ? (ALL[(COUNT - 2 - at + COUNT) % COUNT] as string) : text))

eachFlavour('long chains on %s', (flavour) => {
  let server: Server
  let before: string
  beforeAll(async () => {
    server = await up({ flavour })
  })
  beforeEach(async () => {
    await server.must('rm -rf /var/lib/hardtui/history; iptables-restore', { input: save(ALL) })
    before = await rulesOf(server)
  })
  afterEach(() => closeOperatorsOf(server))
  afterAll(() => server?.down())

  test.each([
    ['nobody did anything', null],
    ['somebody added one at the end', [...ALL, '-A INPUT -p tcp -m tcp --dport 9 -j ACCEPT']],
    ['half of them moved', MOVED],
  ])('fault 70: 2,000 rules in a touched chain, %s: they are back as soon as a few would be', async (_, found) => {
    const operator = await logIn(server, 'root', 0)
    void operator.transactions.apply(await operator.plan(lockOut, { windowSeconds: 12 }))
    await untilApplied(server)
    if (found) {
      const [ours] = (await server.must('iptables-save')).split('\n').filter((line) => / --dport 22 -j DROP/.test(line))
      await server.must('iptables-restore', { input: save([ours as string, ...found]) })
    }
    const deadline = await deadlineOf(server)
    await untilOver(server)
    const ended = Number(await server.must('cat /var/lib/hardtui/history/*/meta/ended.uptime')) / 100
    console.log(`${flavour}: over ${(ended - deadline).toFixed(2)} s after the deadline`)
    // A few rules take a tenth of it; the square of two thousand took half a minute, and longer where the bound is longer.
    expect(ended - deadline).toBeLessThan(4 * PATIENCE)
    expect(await server.login()).toMatchObject({ ok: true })
    await untilNoTraces(server)
    expect(await endings(server)).toEqual(['rolled-back-timer'])
    const extra = found === null || found === MOVED ? [] : [found.at(-1) as string]
    const now = await rulesOf(server)
    expect(
      now
        .split('\n')
        .filter((line) => !extra.includes(line))
        .join('\n'),
    ).toBe(before)
    for (const line of extra) expect(now).toContain(line)
  })
})
