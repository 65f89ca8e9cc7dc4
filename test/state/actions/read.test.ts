import { describe, expect, test } from 'vitest'
import type { Check } from '../../../src/services/model/area.ts'
import { fail, ok } from '../../../src/services/model/errors.ts'
import { say } from '../../../src/services/model/safe.ts'
import { findingOf } from '../../../src/state/lists/finding-of.ts'
import { type Keys, keysOf, settled } from '../../support/headless.ts'
import { somePast, someRecord } from '../../support/past.ts'
import { hostFacts, textChange } from '../../support/plans.ts'
import { someTexts } from '../../support/probe-texts.ts'

const reading = ({ console }: Keys) => console.store.getState().readings.byArea
const CONFIG = '/etc/ssh/sshd_config.d/00-hardtui.conf'

/** A console with the undoing of a change to a file staged, on a server that has this text in it now. */
async function withFile(text: string | null) {
  const bench = await keysOf(text === null ? {} : { files: { [CONFIG]: text } })
  bench.transactions.past = ok([somePast('7f3a')])
  bench.transactions.records = { '7f3a': someRecord('7f3a', { files: [textChange(CONFIG, 'new\n', 'old\n')] }) }
  await bench.press('H', 'U')
  const drift = () => bench.console.lists.plan(bench.console.store.getState())?.blockers.map(({ kind }) => kind)
  return { ...bench, drift }
}

/** Holds the answers of the server back until told. */
function held({ host }: Keys): () => Promise<void> {
  let go = (): void => {}
  host.probing = new Promise<void>((resolve) => {
    go = resolve
  })
  return async () => {
    host.probing = null
    go()
    await settled()
  }
}

describe('a file that a staged change rests on', () => {
  test('is read as soon as the change is staged, and once', async () => {
    const { drift, host, press } = await withFile('new\n')
    expect([drift(), host.probes()]).toEqual([[], 2])
    await press('u', 'Ctrl-r')
    expect([drift(), host.probes()]).toEqual([[], 3])
    await press('2', 'g', 'Space')
    expect(host.probes()).toBe(3)
  })

  test('that is another one refuses the plan, in words, until it is unstaged', async () => {
    const { drift, press, said, shows, transactions } = await withFile('somebody else\n')
    expect(drift()).toEqual(['drift'])
    await press('A')
    expect(said()).toBe(
      `A (arm and apply): ${CONFIG} changed on the server since this was staged. Unstage it and stage it again on the file as it is now.`,
    )
    expect([shows(), transactions.calls.includes('apply')]).toEqual(['staged', false])
    await press('x')
    expect(drift()).toBeUndefined()
    await press('A')
    expect(said()).toBe('A (arm and apply): nothing is staged.')
  })

  test('that moves later is found out with R', async () => {
    const { drift, press, server } = await withFile('new\n')
    server.files = { [CONFIG]: 'moved\n' }
    expect(drift()).toEqual([])
    await press('R')
    expect(drift()).toEqual(['drift'])
    server.files = { [CONFIG]: 'new\n' }
    await press('R')
    expect(drift()).toEqual([])
  })

  test('is looked at anew when it is unstaged and staged again', async () => {
    const { drift, press, server } = await withFile('moved\n')
    expect(drift()).toEqual(['drift'])
    await press('x')
    server.files = { [CONFIG]: 'new\n' }
    await press('H', 'U')
    expect(drift()).toEqual([])
  })

  test('is not forgotten by a reading that was under way when it was staged', async () => {
    const bench = await keysOf({ files: { [CONFIG]: 'moved\n' } })
    bench.transactions.past = ok([somePast('7f3a')])
    bench.transactions.records = { '7f3a': someRecord('7f3a', { files: [textChange(CONFIG, 'new\n', 'old\n')] }) }
    const go = held(bench)
    await bench.press('R')
    bench.host.probing = null
    await bench.press('H', 'U')
    await go()
    const { console } = bench
    expect(console.lists.plan(console.store.getState())?.blockers.map(({ kind }) => kind)).toEqual(['drift'])
  })

  test('stays what it was known to be when a reading fails', async () => {
    const { drift, host, press } = await withFile('moved\n')
    host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
    await press('R')
    expect(drift()).toEqual(['drift'])
  })

  test('that could not be read is left to the server, and asked for with the next reading', async () => {
    const { console, drift, host, press } = await withFile('moved\n')
    await press('x')
    host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
    await press('u')
    expect(drift()).toEqual([])
    expect([...console.store.getState().readings.files]).toEqual([[CONFIG, null]])
    host.setLink({ state: 'up', roundTripMs: 1 })
    await settled()
    expect(drift()).toEqual(['drift'])
  })
})

describe('a reading', () => {
  test('is taken area by area, as it comes, and judged', async () => {
    const bench = await keysOf()
    const { sshd, firewall, units, securelog } = reading(bench)
    for (const { state } of [sshd, firewall, units, securelog]) expect(state).toBe('present')
    const { findings } = bench.console.store.getState().readings
    expect(findings.sshd.find((one) => one.checkId === 'SSH-PermitRootLogin')).toMatchObject({ outcome: 'fail' })
    expect(findings.firewall.length).toBeGreaterThan(0)
  })

  test('judges what rests on who listens again when that is read, whichever came first', async () => {
    const { units, ...others } = someTexts()
    const open = async (texts: ReturnType<typeof someTexts>) => {
      const { console } = await keysOf({ texts })
      return console.store.getState().readings.findings.firewall.find((one) => one.checkId === 'FW-open-by-policy-v4')
    }
    const first = await open({ units, ...others })
    expect(first).toMatchObject({ outcome: 'fail' })
    expect(await open({ ...others, units })).toEqual(first)
  })

  test('takes an area once all of its probes have answered', async () => {
    const { sets, ...others } = someTexts()
    const bench = await keysOf()
    const { probe } = bench.host
    Object.assign(bench.host, {
      probe: (asked: Parameters<typeof probe>[0], on: Parameters<typeof probe>[1]) =>
        probe(
          asked.toSorted((a, b) => Number(a.id === 'sets') - Number(b.id === 'sets')),
          on,
        ),
    })
    const members = { status: '1', headers: 'ipset v7.17: Kernel error received: Operation not permitted' }
    bench.server.texts = { ...others, sets: { ...sets, ...members } }
    await bench.press('R')
    expect(JSON.stringify(reading(bench).firewall)).toContain('Operation not permitted')
  })

  test('of which an area came to nothing says so, and leaves the others', async () => {
    const bench = await keysOf({ texts: { units: undefined as never } })
    expect(reading(bench).units).toEqual({
      state: 'unreadable',
      reason: 'the server sent nothing for it; press R to read again',
    })
    expect(reading(bench).sshd.state).toBe('present')
  })

  test('that failed is said, once for the areas that were never read, and keeps those that were', async () => {
    const bench = await keysOf()
    const facts = reading(bench)
    bench.host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
    await bench.press('R')
    expect(reading(bench)).toEqual(facts)
    const never = await keysOf({
      connect: async (_ask, host) => {
        host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
        return ok(host)
      },
    })
    expect(reading(never).sshd).toEqual({ state: 'unreadable', reason: 'The connection is gone.' })
    expect(never.console.store.getState().connection.reading).toBe(false)
    expect(never.console.store.getState().log.follow).toBe('off')
  })

  test('that breaks off keeps what came before', async () => {
    const bench = await keysOf()
    const { probe } = bench.host
    bench.server.texts = { ...bench.server.texts, sshd: { ...bench.server.texts.sshd, version: 'OpenSSH_9.9' } }
    Object.assign(bench.host, {
      probe: async (asked: Parameters<typeof probe>[0], on: Parameters<typeof probe>[1]) => {
        await probe(
          asked.filter(({ id }) => id === 'sshd' || id === 'accounts'),
          on,
        )
        return fail({ kind: 'timeout', message: say`It took too long.`, next: say`Try again.` })
      },
    })
    const { units } = reading(bench)
    await bench.press('R')
    expect(bench.said()).toBe('Reading the server failed: It took too long. Try again.')
    expect(reading(bench).sshd).toMatchObject({ facts: { version: 'OpenSSH_9.9' } })
    expect(reading(bench).units).toBe(units)
  })
})

test('a check that throws is unknown and says so, with all that is known of it', () => {
  const check: Check<string, never> = {
    id: 'X-broken',
    severity: 'low',
    title: 'broken',
    expected: 'none',
    rationale: 'why',
    references: [],
    judge: (facts) => {
      if (facts === 'bad') throw new Error('no such thing')
      return { outcome: 'pass', observed: say`fine` }
    },
    noFix: 'mend it by hand',
  }
  const found = (facts: string, more: Partial<typeof check> = {}) =>
    findingOf({ ...check, ...more }, 'sshd', facts, hostFacts, { listeners: null })
  expect(found('bad')).toMatchObject({
    checkId: 'X-broken',
    area: 'sshd',
    outcome: 'unknown',
    observed: 'this check failed: Error: no such thing',
    noFix: 'mend it by hand',
  })
  expect(found('good')).toMatchObject({ outcome: 'pass', observed: 'fine' })
  expect('fixable' in found('good')).toBe(false)
  expect(found('good', { fix: () => null })).toMatchObject({ fixable: true })
})
