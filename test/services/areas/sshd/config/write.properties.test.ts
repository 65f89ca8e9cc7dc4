import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf } from '../../../../../src/services/areas/sshd/config/lines.ts'
import { readConfig, sameCriteria } from '../../../../../src/services/areas/sshd/config/read.ts'
import { setKeyword } from '../../../../../src/services/areas/sshd/config/write.ts'
import type { FileBytes } from '../../../../../src/services/model/file-bytes.ts'
import type { KeywordEdit, SshdFiles } from '../../../../../src/services/model/sshd.ts'
import { someCase, someFiles } from './configs.ts'
import { filesOf } from './files.ts'
import { GROUND } from './ground.ts'

const RUNS = { numRuns: 600 }
const HEADER = '# Written by hardtui; read before the other files here.'

/** Every line of every file, but for those of one keyword and for our own header and block. */
function others(files: SshdFiles, { keyword, match }: KeywordEdit): readonly string[] {
  const names = GROUND.namesOf(keyword)
  return [...files.keys()].sort().flatMap((path) =>
    linesOf(files.get(path) as FileBytes)
      .filter(({ raw, kind, keyword: word, args }) => {
        const own = path === GROUND.dropIn && raw === HEADER
        const block = kind === 'match' && match !== null && sameCriteria(args.join(' ')) === sameCriteria(match)
        return !own && !block && kind !== 'blank' && !names.includes(word)
      })
      .map(({ raw }) => `${path} ${raw.replace(/\r$/, '')}`),
  )
}

test('setting a keyword changes no line but its own', () => {
  let made = 0
  fc.assert(
    fc.property(someCase, ([texts, edit]) => {
      const files = filesOf(texts)
      const after = setKeyword(files, edit, GROUND)
      if (!after.ok) return
      made++
      expect(others(after.value, edit)).toEqual(others(files, edit))
      for (const [path, text] of files) if (GROUND.isForeign(path)) expect(after.value.get(path)).toBe(text)
    }),
    RUNS,
  )
  expect(made).toBeGreaterThan(RUNS.numRuns * 0.8)
})

test('setting a keyword again changes nothing', () => {
  fc.assert(
    fc.property(someCase, ([texts, edit]) => {
      const once = setKeyword(filesOf(texts), edit, GROUND)
      if (!once.ok || edit.values === null) return
      const twice = setKeyword(once.value, edit, GROUND)
      expect(twice.ok && [...twice.value]).toEqual([...once.value])
    }),
    RUNS,
  )
})

test('a keyword nobody set, set and taken out again, leaves the files as they were', () => {
  let made = 0
  fc.assert(
    fc.property(someFiles, (texts) => {
      const files = filesOf(texts)
      // A file of ours that says nothing goes, whoever left it.
      fc.pre(files.get(GROUND.dropIn)?.trim() !== '')
      const { blocks } = readConfig(files)
      const existing = blocks.filter(({ path, blocks }) => !GROUND.isForeign(path) && blocks.length === 1)
      for (const match of [null, ...existing.map(({ blocks }) => blocks[0] as string)]) {
        const edit = { kind: 'keyword', keyword: 'PermitTTY', values: ['no'], match } as const
        const put = setKeyword(files, edit, GROUND)
        if (!put.ok) continue
        const back = setKeyword(put.value, { ...edit, values: null }, GROUND)
        // A block of our own making stays in the main file, and one that was empty in ours goes.
        const isOurs = put.value.get(GROUND.dropIn) !== files.get(GROUND.dropIn)
        if (match !== null && (isOurs || readConfig(put.value).blocks.length !== blocks.length)) continue
        expect(back.ok ? [...back.value].sort() : back.error).toEqual([...files].sort())
        made++
      }
    }),
    RUNS,
  )
  expect(made).toBeGreaterThan(RUNS.numRuns)
})

test('no edit makes it throw', () => {
  const word = fc.constantFrom(
    'Match',
    'Include',
    ' ',
    '\n',
    '\r',
    'all',
    '*',
    'Port',
    '"',
    '=',
    '#',
    'User',
    '\0',
    '22',
    '\\',
  )
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''))
  fc.assert(
    fc.property(
      text,
      text,
      fc.constantFrom('Port', 'User', ''),
      text,
      fc.option(text),
      (main, ours, keyword, value, match) => {
        const files = filesOf({ sshd_config: main, 'sshd_config.d/00-hardtui.conf': ours })
        const made = setKeyword(files, { kind: 'keyword', keyword, values: [value], match }, GROUND)
        if (made.ok) expect(readConfig(made.value).refused).toBe(null)
      },
    ),
    { numRuns: 3000 },
  )
})
