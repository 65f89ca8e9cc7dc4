import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { styledCharsFromTokens, tokenize } from '@alcalzone/ansi-tokenize'
import { build } from 'esbuild'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinedRows, once, rowWidth, singleWidth } from '../scripts/ink-rows.mjs'
import { PATCHES, patched } from '../scripts/patches.mjs'

type Write = { readonly x: number; readonly y: number; readonly text: string; readonly bold?: true }
type Clip = { readonly x1: number; readonly x2: number }
type Output = {
  readonly write: (x: number, y: number, text: string, options: { transformers: readonly unknown[] }) => void
  readonly clip: (clip: Clip) => void
  readonly unclip: () => void
  readonly get: () => { readonly output: string; readonly height: number }
}
type Made = { readonly Output: new (size: { width: number; height: number }) => Output }

const folder = mkdtempSync(join(tmpdir(), 'hardtui-rows-'))
afterAll(() => rmSync(folder, { recursive: true }))
let [theirs, ours] = [null, null] as unknown as [Made, Made]

/** Ink's module that puts a frame together, as it is and as the bundle has it. */
async function outputModule(name: string, patches: typeof PATCHES): Promise<Made> {
  const entry = join(folder, `${name}.js`)
  writeFileSync(
    entry,
    `export { default as Output } from ${JSON.stringify(resolve('node_modules/ink/build/output.js'))}`,
  )
  const outfile = join(folder, `${name}.mjs`)
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' },
    plugins: [patched(patches, [])],
  })
  return import(pathToFileURL(outfile).href)
}
beforeAll(async () => {
  const own = PATCHES.filter(({ file }) => file.test('ink/build/output.js') || file.test('string-width/index.js'))
  ;[theirs, ours] = await Promise.all([outputModule('theirs', []), outputModule('ours', own)])
})

const [WIDTH, HEIGHT] = [24, 4]
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`
function drawn({ Output }: Made, writes: readonly Write[], clip: Clip | null): string {
  const output = new Output({ width: WIDTH, height: HEIGHT })
  if (clip) output.clip(clip)
  for (const { x, y, text, bold: isBold } of writes) output.write(x, y, text, { transformers: isBold ? [bold] : [] })
  if (clip) output.unclip()
  const { output: made, height } = output.get()
  expect(height).toBe(HEIGHT)
  return made
}

/** Each cell of a row with its look, which may be written in more ways than one; blanks at its end are nothing. */
function cells(row: string): readonly string[] {
  const all = styledCharsFromTokens(tokenize(row)).map(
    ({ value, styles }) => `${value} ${styles.map(({ code }) => code).join(' ')}`,
  )
  return all.slice(0, all.findLastIndex((cell) => cell !== '  ') + 1)
}
const rowsOf = (frame: string): readonly (readonly string[])[] => frame.split('\n').map(cells)

const looked = fc
  .tuple(fc.constantFrom('1', '2;36', '7'), fc.stringMatching(/^[a-z ✗…─→]{1,6}$/))
  .map(([code, text]) => `\u001b[${code}m${text}\u001b[0m`)
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[ -~│✓…]{1,8}$/) },
  { weight: 4, arbitrary: looked },
  fc.constantFrom('漢字', 'e\u0301', 'a\nb', '\u001b[1mopen', '\u001b[1mopen\u001b[22m', '👍', '\u200b', 'ｱﾞ'),
)
const writes = fc.array(
  fc.record({ x: fc.integer({ min: 0, max: 26 }), y: fc.integer({ min: 0, max: HEIGHT }), text: piece }),
  { maxLength: 8 },
)
const clips = fc.option(fc.record({ x1: fc.integer({ min: 0, max: 8 }), x2: fc.integer({ min: 8, max: 24 }) }), {
  freq: 6,
})

describe('a frame of the bundle', () => {
  test('is what Ink makes of it, cell by cell, whatever is written where', () => {
    fc.assert(
      fc.property(writes, clips, (all, clip) => {
        expect(rowsOf(drawn(ours, all, clip))).toEqual(rowsOf(drawn(theirs, all, clip)))
      }),
      { numRuns: 3_000 },
    )
  })

  test('has the looks that its boxes give', () => {
    const all: readonly Write[] = [
      { x: 1, y: 0, text: 'up', bold: true },
      { x: 3, y: 0, text: '─' },
    ]
    expect(rowsOf(drawn(ours, all, null))).toEqual(rowsOf(drawn(theirs, all, null)))
  })

  test('is put together from whole rows where they are plain, and only there', () => {
    const write = (x: number, y: number, text: string) => ({ type: 'write', x, y, text, transformers: [] })
    const plain = [write(0, 0, '│a │'), write(4, 0, '\u001b[1mb\u001b[0m'), write(2, 1, 'c  ')]
    const odd = [write(0, 2, '漢'), write(0, 3, 'ab'), write(1, 3, 'c')]
    const { rows, rest } = joinedRows([...plain, ...odd], 6, 4)
    expect(rows).toEqual(['│a │\u001b[1mb\u001b[0m', '  c', undefined, undefined])
    expect(rest).toEqual(odd)
  })
})

describe('the width of a text', () => {
  test('is what string-width says of every character that is only counted, and of any two', () => {
    const all = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).filter(
      (char) => singleWidth(char) !== -1,
    )
    expect(all.length).toBeGreaterThan(400)
    for (const char of all) expect([char, stringWidth(char)]).toEqual([char, 1])
    const two = fc.tuple(fc.constantFrom(...all), fc.constantFrom(...all)).map((pair) => pair.join(''))
    fc.assert(
      fc.property(two, (text) => stringWidth(text) === 2),
      { numRuns: 20_000 },
    )
  })

  test('is unknown where a look stays switched on or more than counting is needed', () => {
    expect(['\u001b[1ma', '\u001b[1ma\u001b[22m', 'a\nb', '\u001b]8;;x\u0007', '漢', 'a\u0301'].map(rowWidth)).toEqual(
      Array(6).fill(-1),
    )
    expect(rowWidth('\u001b[1;36mab\u001b[0m c')).toBe(4)
  })

  test('is asked once, and no more is remembered than there is room for', () => {
    const asked: string[] = []
    const length = once((text: string) => asked.push(text))
    for (const text of ['a', 'a', ...Array.from({ length: 4_000 }, (_, nth) => `${nth}`), 'a']) length(text)
    expect(asked.filter((text) => text === 'a')).toHaveLength(2)
  })
})
