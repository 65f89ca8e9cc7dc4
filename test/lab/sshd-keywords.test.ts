// What the table says of sshd's keywords, held against sshd itself: it reads each line, and prints what it made of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixRow } from '../../src/services/areas/sshd/advice/fix.ts'
import { ROWS } from '../../src/services/areas/sshd/advice/table.ts'
import { judgeRow } from '../../src/services/areas/sshd/judge.ts'
import {
  isKnownTo,
  KEYWORDS,
  type Keyword,
  keywordOf,
  lastCounts,
  standsInMatch,
} from '../../src/services/areas/sshd/keywords/table.ts'
import { parseSettings } from '../../src/services/areas/sshd/parse.ts'
import { safe } from '../../src/services/model/safe.ts'
import type { SshdFacts, SshdView } from '../../src/services/model/sshd.ts'
import { someHost } from '../services/areas/some-host.ts'
import { someSshd } from '../support/make-plan.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import type { Server } from './server.ts'
import { OWN, STRICTER, TRIED, WORST } from './sshd-values.ts'

const someView: Omit<SshdView, 'settings'> = {
  user: safe('ops'),
  address: safe('10.200.0.1'),
  you: true,
  block: null,
  matched: [],
  asked: '',
  sources: [],
}

/** What this system or these builds have not got, or what needs more than one line. */
const LEFT = /^(RDomain|KerberosGetAFSToken)$/

type Case = { readonly keyword: Keyword; readonly value: string; readonly text: string }
type Answer = { readonly taken: boolean; readonly named: boolean; readonly printed: readonly string[] }

const valuesOf = ({ name, kind }: Keyword): readonly string[] => [
  ...new Set([
    ...(OWN[name] ?? []),
    ...kind.choices.map(({ value }) => value),
    ...(OWN[name] && kind.of !== 'choice' ? [] : TRIED[kind.of]),
  ]),
]

for (const flavour of kindsFor('the keywords of sshd on', ['debian12', 'debian13'] as const)) {
  describe.skipIf(whyNoLab() !== null)(`the keywords of sshd on ${flavour}`, () => {
    let server: Server
    let version = ''
    beforeAll(async () => {
      server = await up({ flavour })
      await server.must('mkdir -p /run/sshd')
      version = (await server.must('ssh -V 2>&1')).match(/OpenSSH_\S+/)?.[0] ?? ''
    })
    afterAll(() => server?.down())

    /** What sshd makes of each file, in one go: whether it takes it, and what it prints of the keyword. */
    const asked = async (cases: readonly Case[]): Promise<readonly Answer[]> => {
      // One key is enough, and quicker than to load them all.
      const key = (name: string): string => (name === 'HostKey' ? '' : 'HostKey /etc/ssh/ssh_host_ed25519_key\n')
      const input = cases
        .map(({ keyword, text }) => `${`${key(keyword.name)}${text}`.replaceAll('\n', '\u0001')}\n`)
        .join('')
      const output = await server.must(
        `while IFS= read -r line; do
          printf '%s\\n' "$line" | tr '\\001' '\\n' >/tmp/keyword
          if printed=$(/usr/sbin/sshd -T -f /tmp/keyword 2>/tmp/said); then echo "=taken"; else echo "=not"; fi
          grep -q 'Bad configuration option' /tmp/said && echo =unknown
          printf '%s\\n' "$printed"
        done`,
        { input, timeoutMs: 200_000 },
      )
      const blocks = output.split(/^=(?=taken$|not$)/m).slice(1)
      expect(blocks).toHaveLength(cases.length)
      return blocks.map((block, at) => {
        const lines = block.split('\n')
        const name = (cases[at] as Case).keyword.name.toLowerCase()
        return {
          taken: lines[0] === 'taken',
          named: lines[1] !== '=unknown',
          printed: lines
            .filter((line) => line.toLowerCase().startsWith(`${name} `))
            .map((line) => line.slice(name.length + 1)),
        }
      })
    }
    const there = (): readonly Keyword[] =>
      KEYWORDS.filter((one) => !LEFT.test(one.name) && (one.until !== undefined || isKnownTo(one, version)))
    const wrong: string[] = []
    const held = (what: string, is: unknown, said: unknown): void => {
      if (JSON.stringify(is) !== JSON.stringify(said))
        wrong.push(`${what}: sshd ${JSON.stringify(is)}, table ${JSON.stringify(said)}`)
    }

    it('are those that it prints, and those that it knows', async () => {
      const printed = [
        ...new Set(
          (await server.must('sshd -T'))
            .trim()
            .split('\n')
            .map((line) => line.split(' ')[0] as string),
        ),
      ]
      expect(printed.length).toBeGreaterThan(80)
      expect(printed.filter((name) => keywordOf(name) === null)).toEqual([])
      const cases = KEYWORDS.map((one): Case => ({ keyword: one, value: '', text: `${one.name} nonsense` }))
      const answers = await asked(cases)
      const known = KEYWORDS.filter((_, at) => answers[at]?.named)
      expect(known.map(({ name }) => name)).toEqual(
        KEYWORDS.filter((one) => one.until !== undefined || isKnownTo(one, version)).map(({ name }) => name),
      )
    })

    it('take the values that the table calls good, no others, and are printed as it says', async () => {
      const cases = there().flatMap((one) =>
        valuesOf(one).map((value): Case => ({ keyword: one, value, text: `${one.name} ${value}` })),
      )
      const answers = await asked(cases)
      let compared = 0
      for (const [at, { keyword, value, text }] of cases.entries()) {
        const { taken, printed } = answers[at] as Answer
        const good = keyword.check(value) === null
        if (!good && taken && STRICTER.some(([name, form]) => name.test(keyword.name) && form.test(value))) continue
        held(text, taken, good)
        const said = good && taken ? keyword.printed(value, version) : null
        if (said === null) continue
        held(text, printed, said)
        compared += 1
      }
      expect(wrong.splice(0)).toEqual([])
      expect(compared).toBeGreaterThan(250)
    }, 240_000)

    it('add up, stand in Match blocks and have other names where the table says so', async () => {
      const pairs = there().flatMap((one) => {
        const [first, second] = valuesOf(one).filter((value) => one.check(value) === null)
        return first === undefined || second === undefined ? [] : [{ keyword: one, first, second }]
      })
      const twice = await asked(
        pairs.map(({ keyword, first, second }) => ({
          keyword,
          value: '',
          text: `${keyword.name} ${first}\n${keyword.name} ${second}`,
        })),
      )
      for (const [at, { keyword, first, second }] of pairs.entries()) {
        const [one, two] = [keyword.printed(first, version), keyword.printed(second, version)]
        if (one === null || two === null || one.length === 0 || one.join() === two.join()) continue
        held(
          `${keyword.name} ${first} and ${second}`,
          twice[at]?.printed,
          keyword.several ? [...one, ...two] : lastCounts(keyword, version) ? two : one,
        )
      }
      const matched = await asked(
        pairs.map(({ keyword, first }) => ({
          keyword,
          value: '',
          text: `Match User nobody-at-all\n${keyword.name} ${first}`,
        })),
      )
      for (const [at, { keyword }] of pairs.entries())
        if (keyword.until === undefined)
          held(`${keyword.name} in a block`, matched[at]?.taken, standsInMatch(keyword, version))
      const others = pairs.flatMap(({ keyword, first }) =>
        keyword.also.map((name) => ({ keyword, value: first, text: `${name} ${first}` })),
      )
      const called = await asked(others)
      for (const [at, { keyword, value, text }] of others.entries()) {
        held(text, called[at]?.taken, true)
        held(text, called[at]?.printed, keyword.printed(value, version))
      }
      expect(others.length).toBeGreaterThan(4)
      expect(wrong.splice(0)).toEqual([])
    }, 240_000)

    it('take what is advised, and are well then', async () => {
      const settingsOf = async (text: string): Promise<SshdFacts> => {
        await server.must('cat >/tmp/keyword; sshd -t -f /tmp/keyword', { input: text })
        const settings = parseSettings(await server.must('sshd -T -f /tmp/keyword'))
        const own = { ...someView, settings }
        return { ...someSshd, settings, views: [own], unjudged: [], version: safe(version) }
      }
      const before = await settingsOf(WORST)
      const fixed = ROWS.map((row) => ({ row, edits: fixRow(row, before, someHost()) }))
      expect(fixed.filter(({ edits }) => edits === null).map(({ row }) => row.keyword)).toEqual(
        expect.arrayContaining(['AllowUsers', 'AuthenticationMethods', 'Banner']),
      )
      const edits = fixed.flatMap(({ edits }) => edits ?? [])
      expect(edits.length).toBeGreaterThan(25)
      const left = WORST.split('\n').filter((line) => !edits.some(({ keyword }) => line.startsWith(`${keyword} `)))
      const after = await settingsOf(
        [...edits.map(({ keyword, values }) => `${keyword} ${values?.join(' ')}`), ...left, ''].join('\n'),
      )
      const still = fixed.filter(
        ({ row, edits }) => edits !== null && judgeRow(row, after, someHost()).outcome !== 'pass',
      )
      expect(still.map(({ row }) => row.keyword)).toEqual([])
      expect(ROWS.filter((row) => judgeRow(row, after, someHost()).outcome === 'unknown')).toEqual([])
    })
  })
}
