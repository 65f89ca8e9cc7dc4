import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import merger from '../../../src/services/transaction/server/merge.sh'

const dir = mkdtempSync(join(tmpdir(), 'hardtui-merge-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const AWKS = [['mawk'], ['gawk'], ['busybox', 'awk'], ['original-awk']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, 'BEGIN { exit 0 }']).status === 0,
)
const HEAD = '*filter INPUT ACCEPT'
const chain = (lines: readonly string[]): string => `${[HEAD, ...lines].join('\n')}\n`
const rule = (port: number, target = 'ACCEPT'): string => `-A INPUT -p tcp -m tcp --dport ${port} -j ${target}`

/** What the rollback makes of one chain: as it was, as the change left it, as it is found. */
function merge(
  awk: readonly string[],
  before: readonly string[],
  after: readonly string[],
  found: readonly string[],
  applied: 'yes' | 'no' | 'unsure' = 'unsure',
  limits = ':',
) {
  for (const [name, lines] of Object.entries({ before, after, found })) writeFileSync(join(dir, name), chain(lines))
  const script = `${merger}\n${limits}\nexec ${awk.join(' ')} "$MERGE" after found before`
  const { status, stdout, stderr } = spawnSync('dash', ['-c', script], {
    cwd: dir,
    env: { ...process.env, from: '192.0.2.2', ports: '22 10022', applied },
  })
  expect(status, stderr.toString()).toBe(0)
  const [head, ...lines] = stdout.toString().trimEnd().split('\n')
  expect(head).toBe(HEAD)
  return { lines, notes: stderr.toString() }
}

describe.each(AWKS)('what a rollback makes of a chain that others changed too, by %s', (...awk) => {
  const program = awk.filter((word) => typeof word === 'string')

  test('is the chain as it was, where nobody else did anything', () => {
    const before = [rule(22), rule(80)]
    expect(merge(program, before, [rule(81), rule(22)], [rule(81), rule(22)]).lines).toEqual(before)
    expect(merge(program, before, [rule(81), rule(22)], before).lines).toEqual(before)
  })

  test('is what is found, where the change was never applied and others did something', () => {
    const before = [rule(22), rule(80)]
    const ban = '-A INPUT -s 203.0.113.9/32 -j DROP'
    expect(merge(program, before, [], [ban, ...before]).lines).toEqual([ban, ...before])
    expect(merge(program, before, [rule(81), ...before], [...before, ban]).lines).toEqual([...before, ban])
  })

  test('leaves out what could shut the operator out, and says so', () => {
    const before = [rule(22)]
    const theirs = [
      '-A INPUT -j DROP',
      '-A INPUT -s 192.0.2.2/32 -j DROP',
      '-A INPUT -s 192.0.2.0/24 -j REJECT',
      '-A INPUT ! -s 10.0.0.1/32 -j DROP',
    ]
    const { lines, notes } = merge(program, before, [rule(81), ...before], [...theirs, rule(81), ...before])
    expect(lines).toEqual(before)
    expect(notes.match(/^heed taken out, because it could shut you out: /gm)).toHaveLength(theirs.length)
  })

  test('keeps what others drop of other traffic than logins', () => {
    const before = [rule(22)]
    const theirs = [rule(3306, 'DROP'), '-A INPUT -p udp -m udp --dport 53 -j DROP']
    expect(merge(program, before, [rule(81), ...before], [rule(81), ...before, ...theirs]).lines).toEqual([
      ...before,
      ...theirs,
    ])
    const login = rule(10022, 'REJECT')
    expect(merge(program, before, [rule(81), ...before], [login, rule(81), ...before]).lines).toEqual(before)
  })

  test('keeps bans of others and jumps into their chains, wherever they stand', () => {
    const [jump, ban] = ['-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd', '-A INPUT -s 203.0.113.9/32 -j DROP']
    const { lines } = merge(program, [rule(22), rule(80)], [rule(81), rule(22)], [jump, rule(81), rule(22), ban])
    expect(lines).toEqual([jump, rule(22), rule(80), ban])
  })

  test('puts back what somebody only moved, once each, whatever it does', () => {
    const before = [rule(22), rule(80), '-A INPUT -s 192.0.2.0/24 -j DROP', rule(443), '-A INPUT -j DROP']
    // The catch-all moved to the top would shut everybody out; taken away altogether it would let everybody in.
    const found = ['-A INPUT -j DROP', rule(443), rule(81), rule(80), rule(22), '-A INPUT -s 192.0.2.0/24 -j DROP']
    const { lines, notes } = merge(program, before, [rule(81), ...before], found, 'yes')
    expect(lines).toEqual(before)
    expect(notes).toMatch(/^plain \d rules that somebody had moved meanwhile are back in their places$/m)
    expect(notes).not.toContain('taken out')
  })

  test('takes a rule of the change back also where somebody has moved it', () => {
    const before = [rule(22), rule(80)]
    expect(merge(program, before, [rule(81, 'DROP'), ...before], [...before, rule(81, 'DROP')], 'yes').lines).toEqual(
      before,
    )
  })

  test('tells of the first twenty rules that others added, and of how many more', () => {
    const theirs = Array.from({ length: 30 }, (_, at) => rule(5000 + at))
    const { lines, notes } = merge(program, [rule(22)], [rule(81), rule(22)], [...theirs, rule(81), rule(22)], 'yes')
    expect(lines).toEqual([...theirs, rule(22)])
    expect(notes.match(/^heed kept, /gm)).toHaveLength(20)
    expect(notes).toContain('heed and 10 more such rules')
  })

  test('takes little time and memory for two thousand rules of which half moved', () => {
    const before = Array.from({ length: 2000 }, (_, at) => rule(1000 + at))
    const found = before.map((text, at) => (at % 2 === 0 ? (before[1998 - at] as string) : text))
    // The square of two thousand took 32 s and 303 MB: more than it may have here.
    const { lines } = merge(
      program,
      before,
      [rule(81), ...before],
      [rule(81), ...found],
      'yes',
      'ulimit -v 40960; ulimit -t 5',
    )
    expect(lines).toEqual(before)
  })

  test('holds every rule of before that others left alone, in order, and every harmless one of theirs', () => {
    const ports = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 12 })
    fc.assert(
      fc.property(ports, fc.infiniteStream(fc.integer({ min: 0, max: 99 })), (base, dice) => {
        const next = (): number => dice.next().value as number
        const before = base.map((port) => rule(port))
        const edit = (
          lines: readonly string[],
          fresh: number,
        ): { lines: string[]; added: string[]; removed: string[] } => {
          const added: string[] = []
          const removed: string[] = []
          const out = lines.flatMap((line, at) => {
            const die = next()
            if (die < 20) {
              removed.push(line)
              return []
            }
            if (die > 80) {
              const one = rule(fresh + at)
              added.push(one)
              return [one, line]
            }
            return [line]
          })
          return { lines: out, added, removed }
        }
        const ours = edit(before, 1000)
        const applied = next() < 70
        const theirs = edit(applied ? ours.lines : before, 2000)
        const { lines } = merge(program, before, ours.lines, theirs.lines, applied ? 'yes' : 'no')
        // What they took away of the rules that were there before goes back only because it accepts.
        const old = lines.filter((line) => before.includes(line))
        expect(old).toEqual(before)
        for (const line of theirs.added) expect(lines).toContain(line)
        for (const line of ours.added) expect(lines).not.toContain(line)
      }),
      { numRuns: 60 },
    )
  })
})
