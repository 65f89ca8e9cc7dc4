import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/services/model/errors.ts'
import { say } from '../../../src/services/model/safe.ts'
import { createTrialActions } from '../../../src/state/actions/trials.ts'
import type { Kit } from '../../../src/state/kit.ts'
import { MAIN } from '../../support/fake-sshd.ts'
import { type Keys, keysOf, settled } from '../../support/headless.ts'
import { CONFIG, onKeyword, sshdServer } from '../../support/sshd-bench.ts'

const trials = ({ console }: Keys) => console.store.getState().readings.trials
const asks = ({ host }: Keys): number => host.asked.filter((id) => id === 'sshd-trial').length
const inTheWay = ({ console }: Keys) => console.lists.plan(console.store.getState())?.blockers.map(({ kind }) => kind)

/** A console with the fix of MaxAuthTries staged. */
async function withFix(options = sshdServer()): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('1')
  onKeyword(bench, 'MaxAuthTries')
  await bench.press('Space')
  return bench
}

/** The same where the server gives no answer to its trial. */
async function unanswered(): Promise<Keys> {
  const bench = await keysOf(sshdServer())
  bench.server.trial = () => null
  await bench.press('1')
  onKeyword(bench, 'MaxAuthTries')
  await bench.press('Space')
  return bench
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

describe('the server’s sshd', () => {
  test('is asked what it makes of what is staged, and the plan has its answer', async () => {
    const bench = await withFix()
    expect([asks(bench), trials(bench).size, inTheWay(bench)]).toEqual([1, 1, []])
    const plan = bench.console.lists.plan(bench.console.store.getState())
    expect(plan?.sshdAnswers.map(({ asked }) => asked.split(',')[0])).toEqual([
      'user=ops',
      'user=anybody',
      'user=root',
      'user=bob',
    ])
  })

  test('is asked nothing where nothing is staged, and nothing where only rules are', async () => {
    const bench = await keysOf(sshdServer())
    await bench.press('R', '2', 'g', 'Space')
    expect([bench.staged().length > 0, asks(bench), trials(bench).size]).toEqual([true, 0, 0])
  })

  test('is asked anew when staging changes, and of the old question nothing is kept', async () => {
    const bench = await withFix()
    const [first] = trials(bench).keys()
    onKeyword(bench, 'X11Forwarding')
    await bench.press('Space')
    expect([asks(bench), trials(bench).size, trials(bench).has(first ?? '')]).toEqual([2, 1, false])
  })

  test('is asked one question at a time, and of all that was staged meanwhile only the last', async () => {
    const bench = await keysOf(sshdServer())
    const go = held(bench)
    await bench.press('1')
    for (const keyword of ['MaxAuthTries', 'X11Forwarding', 'LoginGraceTime']) {
      onKeyword(bench, keyword)
      await bench.press('Space')
    }
    expect([asks(bench), inTheWay(bench)]).toEqual([1, ['untried']])
    await go()
    expect([asks(bench), trials(bench).size, inTheWay(bench)]).toEqual([2, 1, []])
  })

  test('is asked again for what was unstaged, forgotten, and staged again', async () => {
    const bench = await withFix()
    await bench.press('Space')
    expect([asks(bench), trials(bench).size]).toEqual([1, 0])
    await bench.press('u')
    expect([asks(bench), trials(bench).size, inTheWay(bench)]).toEqual([2, 1, []])
  })

  test('whose answer comes after all was unstaged leaves nothing behind', async () => {
    const bench = await keysOf(sshdServer())
    const go = held(bench)
    await bench.press('1')
    onKeyword(bench, 'MaxAuthTries')
    await bench.press('Space', 'Space')
    await go()
    expect([asks(bench), trials(bench).size]).toEqual([1, 0])
  })

  test('is not asked again with R where it has answered, but where its files are other ones', async () => {
    const bench = await withFix()
    await bench.press('R')
    expect(asks(bench)).toBe(1)
    bench.server.files = { [MAIN]: `${CONFIG}# one line more\n` }
    await bench.press('R')
    expect([asks(bench), trials(bench).size, inTheWay(bench)]).toEqual([2, 1, []])
  })
})

describe('a question without an answer', () => {
  test('keeps the plan from being armed, and is asked once more with each R', async () => {
    const bench = await unanswered()
    expect([asks(bench), [...trials(bench).values()], inTheWay(bench)]).toEqual([1, [null], ['untried']])
    await bench.press('R')
    expect([asks(bench), inTheWay(bench)]).toEqual([2, ['untried']])
    const { trial: _, ...answering } = bench.server
    Object.assign(bench.server, { ...answering, trial: undefined })
    await bench.press('R')
    expect([asks(bench), inTheWay(bench)]).toEqual([3, []])
  })

  test('is not asked again for every line of the log', async () => {
    const bench = await unanswered()
    bench.host.log('2026-11-23T09:15:00.100000+00:00 web1 sshd[805]: Invalid user x from 203.0.113.7 port 40024')
    await settled()
    expect(asks(bench)).toBe(1)
  })

  test('is none that was cut off', async () => {
    const bench = await keysOf(sshdServer())
    const { probe } = bench.host
    let cut: string | null = 'answers'
    Object.assign(bench.host, {
      probe: (asked: Parameters<typeof probe>[0], on: Parameters<typeof probe>[1]) =>
        probe(asked, { ...on, output: (one) => on.output(one.id === 'sshd-trial' ? { ...one, cut } : one) }),
    })
    await bench.press('1')
    onKeyword(bench, 'MaxAuthTries')
    await bench.press('Space')
    expect([...trials(bench).values()]).toEqual([null])
    cut = null
    await bench.press('R')
    expect(inTheWay(bench)).toEqual([])
  })

  test('is left as it is by a link that fails, and asked again when that is back', async () => {
    const bench = await keysOf(sshdServer())
    await bench.press('1')
    onKeyword(bench, 'MaxAuthTries')
    bench.host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
    await bench.press('Space')
    expect([[...trials(bench).values()], inTheWay(bench)]).toEqual([[null], ['untried']])
    await bench.press('u', 'Ctrl-r')
    bench.host.setLink({ state: 'up', roundTripMs: 1 })
    await settled()
    expect(inTheWay(bench)).toEqual([])
  })

  test('that came with a link that failed meanwhile is unknown', async () => {
    const bench = await keysOf(sshdServer())
    const go = held(bench)
    await bench.press('1')
    onKeyword(bench, 'MaxAuthTries')
    await bench.press('Space')
    bench.host.setLink({ state: 'lost', since: 0, reason: say`It is gone.`, nextTryAt: 5 })
    await go()
    expect([...trials(bench).values()]).toEqual([null])
  })
})

describe('questions of several areas', () => {
  /** What tries what is staged, on a console whose rules are tried as well; without a server where told. */
  async function withTwo(more: Partial<Kit> = {}) {
    const bench = await withFix()
    await bench.press('2', 'g', 'Space')
    return { ...bench, ...trying(bench, more) }
  }

  function trying(bench: Keys, more: Partial<Kit> = {}) {
    const { kit } = bench.console.scope
    const { editing, ...firewall } = kit.areas.firewall
    if (!editing) throw new Error('the firewall can be changed')
    const trial = () => ({ id: 'rules-trial', script: 'iptables-restore --test', timeoutSeconds: 5 })
    const areas = { ...kit.areas, firewall: { ...firewall, editing: { ...editing, trial } } }
    return createTrialActions({ ...kit, areas, ...more })
  }

  test('are asked of those alone in which something is staged', async () => {
    const bench = await withFix()
    await trying(bench).tryStaged()
    expect(bench.host.asked.filter((id) => id.endsWith('-trial'))).toEqual(['sshd-trial'])
  })

  test('are asked one after the other, each once, and kept beside each other', async () => {
    const bench = await withTwo()
    bench.server.texts = { ...bench.server.texts, 'rules-trial': { status: '0' } } as typeof bench.server.texts
    await bench.tryStaged()
    await bench.tryStaged()
    expect(bench.host.asked.filter((id) => id.endsWith('-trial'))).toEqual(['sshd-trial', 'rules-trial'])
    expect([...trials(bench)].map(([script, answer]) => [script.slice(0, 16), answer?.id])).toEqual([
      [expect.stringContaining('# over'), 'sshd-trial'],
      ['iptables-restore', 'rules-trial'],
    ])
  })

  test('are unknown where there is no server to ask, or it says nothing', async () => {
    const bench = await withTwo({ server: () => null })
    await bench.tryStaged()
    expect(trials(bench).get('iptables-restore --test')).toBeNull()
    const silent = await withTwo()
    Object.assign(silent.host, { probe: async () => ok(undefined) })
    await silent.tryStaged()
    expect(trials(silent).get('iptables-restore --test')).toBeNull()
  })
})
