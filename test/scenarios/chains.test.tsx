import { describe, expect, test } from 'vitest'
import { type Bench, openConsole } from '../support/console.tsx'

const toChain = (bench: Bench, name: string): void =>
  bench.console.actions.putCursor('firewall', `chain:v4:filter:${name}`)

async function add(bench: Bench, text: string): Promise<void> {
  await bench.press('a')
  await bench.sees('new rule in')
  await bench.type(text)
  await bench.press('Enter')
}

const staged = (bench: Bench): readonly string[] =>
  bench.console.store.getState().staging.changes.map((change) => `${change.target} ${change.summary}`)

describe('a chain of one’s own', () => {
  test('is made, filled and jumped into, all as one staged change set', async () => {
    const bench = await openConsole()
    await bench.press('2')
    await add(bench, '-N web')
    await bench.sees('1 staged', /\+web +staged/)
    await add(bench, '-A web -p tcp --dport 80 -j ACCEPT')
    await bench.sees('2 staged')
    await add(bench, '-A INPUT -j web')
    await bench.sees('3 staged')
    expect(staged(bench)).toEqual([
      'v4 filter web + a new chain',
      'v4 filter web 1 + -p tcp -m tcp --dport 80 -j ACCEPT',
      expect.stringMatching(/^v4 filter INPUT \d+ \+ -j web$/),
    ])
  })

  test('can’t go while a rule jumps into it, and goes with all that was staged in it', async () => {
    const bench = await openConsole()
    await bench.press('2')
    await add(bench, '-N web')
    await bench.sees('1 staged')
    await add(bench, '-A INPUT -j web')
    await bench.sees('2 staged')
    toChain(bench, 'web')
    await bench.press('x')
    await bench.sees("web can't be deleted: INPUT still jumps into it")
    await bench.press('u')
    await bench.sees('1 staged')
    toChain(bench, 'web')
    await bench.press('x')
    await bench.lacks('1 staged')
    expect(staged(bench)).toEqual([])
  })

  test.each([
    ['-N INPUT', 'there is such a chain already'],
    ['-N DROP', "DROP is a target's name already"],
    ['-N a-name-that-is-far-too-long-for-it', 'is no name for a chain'],
    ['-N', 'needs the name of a chain'],
    ['-X INPUT', "a built-in chain can't be deleted"],
    ['-X nowhere', 'its chain is gone'],
  ])('%s is refused with the reason', async (line, reason) => {
    const bench = await openConsole()
    await bench.press('2')
    await add(bench, line)
    await bench.sees(reason)
    expect(staged(bench)).toEqual([])
  })
})
