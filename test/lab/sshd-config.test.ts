// What is read from sshd's files, and what is written into them, held against sshd itself: `sshd -T -C` says what is in
// force for somebody, and with -ddd which line it takes that from. HARDTUI_CONFIGS says how many sets of files, HARDTUI_SEED
// which.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lastWins, mayBeMatched } from '../../src/services/areas/sshd/config/keywords.ts'
import { splitArgs } from '../../src/services/areas/sshd/config/lines.ts'
import {
  decidingOf,
  readConfig,
  type Statement,
  sameCriteria,
  scopeOf,
} from '../../src/services/areas/sshd/config/read.ts'
import { setKeyword } from '../../src/services/areas/sshd/config/write.ts'
import { toBytes } from '../../src/services/model/file-bytes.ts'
import type { KeywordEdit, SshdFiles } from '../../src/services/model/sshd.ts'
import { holdsFor, PEOPLE, type Person, someCase } from '../services/areas/sshd/config/configs.ts'
import { filesOf } from '../services/areas/sshd/config/files.ts'
import { GROUND } from '../services/areas/sshd/config/ground.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import type { Server } from './server.ts'

const CONFIGS = Number(process.env.HARDTUI_CONFIGS ?? 300)
const SEED = Number(process.env.HARDTUI_SEED ?? 1)

/** sshd's word for one person: the lines it set in both its passes, and what came of it. */
type Word = {
  readonly refused: boolean
  readonly everybody: readonly string[]
  readonly matched: readonly string[]
  readonly settings: ReadonlyMap<string, readonly string[]>
}

/** Asks for each set of files and each person in a mount namespace, where /etc/ssh is another one: the server's own stays. */
const ASK = `
mkdir -p /run/sshd /root/configs && cd /root/configs && base64 -d | tar xz
cp -a /etc/ssh/ssh_host_ed25519_key /root/host-key
for set in *; do
  mount --bind "/root/configs/$set" /etc/ssh
  cp -a /root/host-key /etc/ssh/ssh_host_ed25519_key
${PEOPLE.map(({ user, address }, at) => {
  const who = `user=${user},host=h.example,addr=${address},laddr=192.0.2.1,lport=22`
  return `  echo "@@ $set ${at}"; sshd -ddd -T -C ${who} 2>&1 || echo '@@ refused'`
}).join('\n')}
  umount /etc/ssh
done | grep -av -e '^debug[12]: [^p]' -e '^debug3: checking'
`

async function wordsFor(server: Server, sets: readonly SshdFiles[]): Promise<readonly (readonly Word[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-config-'))
  try {
    for (const [at, files] of sets.entries())
      for (const [path, text] of files) {
        const place = join(folder, String(at), path.replace('/etc/ssh/', ''))
        mkdirSync(dirname(place), { recursive: true })
        writeFileSync(place, toBytes(text))
      }
    const input = execFileSync('tar', ['cz', '-C', folder, '.'], { maxBuffer: 2 ** 28 }).toString('base64')
    const said = await server.must(`rm -rf /root/configs; unshare -m sh -c '${ASK.replaceAll("'", `'\\''`)}'`, {
      input,
      timeoutMs: 200_000,
    })
    const words: Word[][] = sets.map(() => [])
    for (const part of said.split(/^@@ (?=\d)/m).slice(1)) {
      const [head = '', ...lines] = part.split('\n')
      words[Number(head.split(' ')[0])]?.push(wordOf(lines))
    }
    return words
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function wordOf(lines: readonly string[]): Word {
  const second = lines.findIndex((line) => line.includes('config reprocess config len'))
  const settings = new Map<string, string[]>()
  for (const line of lines) {
    const [, keyword = '', value = ''] = /^([a-z0-9]+) ?(.*)$/.exec(line) ?? []
    if (keyword !== '') settings.set(keyword, [...(settings.get(keyword) ?? []), value])
  }
  const set = (some: readonly string[]) =>
    some.flatMap((line) => {
      const [, path = '', number, keyword = '', rest = ''] =
        /^debug3: (.*?):(\d+) setting (\S+) (.*?)\r?$/.exec(line) ?? []
      if (!number) return []
      const args = /^(forcecommand|versionaddendum)$/i.test(keyword) ? [rest] : splitArgs(rest).args
      return [lineText(path === 'reprocess config' ? GROUND.main : path, Number(number), keyword, args)]
    })
  return {
    refused: second < 0 || lines.includes('@@ refused'),
    everybody: set(lines.slice(0, second)),
    matched: set(lines.slice(second)),
    settings,
  }
}

const lineText = (path: string, number: number, keyword: string, args: readonly string[]): string =>
  `${path}:${number} ${keyword.toLowerCase()} ${JSON.stringify(args)}`

const textOf = ({ path, line }: Statement): string => lineText(path, line.number, line.keyword, line.args)

/** The lines that are read for one person because of a Match. */
const matchedFor = (statements: readonly Statement[], person: Person): readonly Statement[] =>
  statements.filter(({ blocks }) => blocks.length > 0 && blocks.every((criteria) => holdsFor(criteria, person)))

/** What is in force for one person, in the words of sshd -T; null where no line says so. */
function inForce(files: SshdFiles, keyword: string, person: Person): readonly string[] | null {
  const { statements } = readConfig(files)
  const names = GROUND.namesOf(keyword)
  const several = GROUND.isSeveral(keyword)
  const matched = matchedFor(statements, person).filter(({ line }) => names.includes(line.keyword))
  const first = lastWins(keyword) ? matched.slice(-1) : several ? matched : matched.slice(0, 1)
  const decide =
    mayBeMatched(keyword) && first.length > 0
      ? first
      : decidingOf(
          statements.filter(({ blocks }) => scopeOf(blocks).length === 0),
          names,
          several,
          null,
        ).deciding
  return decide.length === 0
    ? null
    : printed(
        keyword,
        decide.map(({ line }) => line.args),
      )
}

/** As sshd -T prints it: one line an argument, where the lines add up. */
const printed = (keyword: string, all: readonly (readonly string[])[]): readonly string[] =>
  GROUND.isSeveral(keyword) ? all.flat() : all.map((args) => args.join(' '))

const NAMES: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  keepalive: 'tcpkeepalive',
}
const shownAs = (keyword: string): string => NAMES[keyword.toLowerCase()] ?? keyword.toLowerCase()

/** What sshd says in all other keywords; a port is in the addresses as well. */
const others = ({ settings }: Word, keyword: string): readonly unknown[] =>
  [...settings].filter(([name]) => name !== shownAs(keyword) && !(keyword === 'Port' && name === 'listenaddress'))

describe.skipIf(whyNoLab() !== null)(
  `sshd takes ${CONFIGS} sets of files as they are read, and as they are written`,
  () => {
    test.concurrent.each(kindsFor('on %s', ['debian12', 'debian13'] as const))('on %s', async (flavour) => {
      await using server = await up({ flavour })
      const cases = fc.sample(someCase, { numRuns: CONFIGS, seed: SEED }).map(([texts, edit]) => {
        const files = filesOf(texts)
        return { files, edit, made: setKeyword(files, edit, GROUND) }
      })
      // In one round trip; what is not another one afterwards is not asked for twice.
      const isNew = cases.map(({ files, made }) => made.ok && [...made.value].join('\0') !== [...files].join('\0'))
      const sets = cases.map(({ files }) => files)
      const words = await wordsFor(server, [
        ...sets,
        ...cases.flatMap(({ made }, at) => (made.ok && isNew[at] ? [made.value] : [])),
      ])
      const before = words.slice(0, sets.length)
      const later = words.slice(sets.length)
      const after = before.map((same, at) => (isNew[at] ? later.shift() : same))
      const count = { valid: 0, written: 0, took: 0 }
      for (const [at, { files, edit, made }] of cases.entries()) {
        const was = before[at] ?? []
        if (was.length === 0 || was.some(({ refused }) => refused)) continue
        count.valid++
        const what = `seed ${SEED}, set ${at}: ${JSON.stringify([...files])}`
        for (const [who, person] of PEOPLE.entries()) sameAsRead(was[who] as Word, files, person, what)
        if (!made.ok) continue
        count.written++
        const did = `${what} ${JSON.stringify(edit)} ${JSON.stringify([...made.value])}`
        for (const [who, person] of PEOPLE.entries()) {
          const [first, is] = [was[who] as Word, after[at]?.[who] as Word]
          expect(is.refused, did).toBe(false)
          sameAsRead(is, made.value, person, did)
          expect(others(is, edit.keyword), did).toEqual(others(first, edit.keyword))
          if (didWhatIsMeant({ files, edit, made: made.value, was: first, is, person, did })) count.took++
        }
      }
      expect(count.valid, 'valid').toBeGreaterThan(CONFIGS * 0.83)
      expect(count.written, 'written').toBeGreaterThan(count.valid * 0.8)
      expect(count.took, 'in force afterwards').toBeGreaterThan(count.written)
    })
  },
)

function sameAsRead(word: Word, files: SshdFiles, person: Person, what: string): void {
  const { statements, refused } = readConfig(files)
  expect(refused, what).toBe(null)
  expect(word.everybody, what).toEqual(statements.filter(({ blocks }) => scopeOf(blocks).length === 0).map(textOf))
  expect(word.matched, `${person.user} ${what}`).toEqual(matchedFor(statements, person).map(textOf))
  for (const keyword of new Set(statements.map(({ line }) => line.keyword))) {
    const wanted = inForce(files, keyword, person)
    const shown = word.settings.get(shownAs(keyword))
    if (wanted)
      expect([...new Set(shown)].sort(), `${keyword} of ${person.user} ${what}`).toEqual([...new Set(wanted)].sort())
  }
}

type Done = {
  readonly files: SshdFiles
  readonly edit: KeywordEdit
  readonly made: SshdFiles
  readonly was: Word
  readonly is: Word
  readonly person: Person
  readonly did: string
}

/** Holds what an edit did for one person against what it says; whether it was about them, and set something. */
function didWhatIsMeant({ files, edit, made, was, is, person, did }: Done): boolean {
  const shown = (word: Word) => word.settings.get(shownAs(edit.keyword))
  const names = GROUND.namesOf(edit.keyword)
  const wanted = edit.match === null ? null : sameCriteria(edit.match)
  const matched = (of: SshdFiles) =>
    matchedFor(readConfig(of).statements, person).filter(({ line }) => names.includes(line.keyword))
  // Blocks that say something else for them stand before it, or for all of them.
  const byOthers = (one: Statement) => JSON.stringify(scopeOf(one.blocks)) !== JSON.stringify(wanted ? [wanted] : [])
  const isMeant = wanted === null || holdsFor(edit.match as string, person)
  // What is taken out may leave it to others.
  const now = mayBeMatched(edit.keyword) ? matched(edit.values ? made : files) : []
  const overruled =
    lastWins(edit.keyword) || GROUND.isSeveral(edit.keyword) ? now.some(byOthers) : now[0] && byOthers(now[0])
  if (!isMeant || (overruled && !GROUND.isSeveral(edit.keyword))) {
    // A block of its own is read first, unless it was there.
    const there = readConfig(files).blocks.some(({ blocks }) => !byOthers({ blocks } as Statement))
    if (isMeant && wanted !== null && edit.values) expect(there, did).toBe(true)
    expect(shown(is), `${person.user} ${did}`).toEqual(shown(was))
    return false
  }
  if (!edit.values || overruled) return false
  const lines = edit.values.map((value) => (/^ForceC|^Version/.test(edit.keyword) ? [value] : splitArgs(value).args))
  expect([...new Set(shown(is))].sort(), `${person.user} ${did}`).toEqual(
    [...new Set(printed(edit.keyword, lines))].sort(),
  )
  return true
}
