import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, describe, expect, test } from 'vitest'
import { licencesOf, packagesOf } from '../scripts/licences.mjs'
import { ABSENT, PATCHES, patched } from '../scripts/patches.mjs'

const folder = mkdtempSync(join(tmpdir(), 'hardtui-build-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Bundles one text with patches, and gives what it comes to. */
const bundle = async (text: string, ...which: Parameters<typeof patched>): Promise<string> => {
  const entry = join(folder, 'entry.js')
  writeFileSync(entry, text)
  const made = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
    plugins: [patched(...which)],
  })
  return made.outputFiles[0]?.text ?? ''
}
const one = { file: /entry\.js$/, patch: (source: string) => (source.includes('old') ? 'console.log("new")' : null) }

describe('a patch of a bundled package', () => {
  test('takes the place of what it knows', async () => {
    expect(await bundle('console.log("old")', [one], [])).toContain('"new"')
  })

  test('ends the build where its file has changed', async () => {
    await expect(bundle('console.log("other")', [one], [])).rejects.toThrow('has changed: look at it')
  })

  test('ends the build where its file, or the module that it leaves out, is met nowhere', async () => {
    const elsewhere = { ...one, file: /output\.js$/ }
    await expect(bundle('console.log("old")', [elsewhere], [])).rejects.toThrow('output\\.js$/ any more')
    const left = [{ module: /^left-out$/, instead: '' }]
    await expect(bundle('console.log(1)', [], left)).rejects.toThrow('left-out$/ any more')
    expect(await bundle('import "left-out"', [], left)).not.toContain('import')
  })

  test('is each made for the file that is installed, and for no other', () => {
    const files = [
      'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
      ...['output.js', 'render-node-to-output.js', 'squash-text-nodes.js'].map((name) => `ink/build/${name}`),
      'string-width/index.js',
    ]
    expect(PATCHES.map(({ file }) => files.findIndex((name) => file.test(`node_modules/${name}`)))).toEqual([
      0, 1, 2, 3, 4,
    ])
    const known = ['fetch', 'OutputCaches', 'widestLine from', 'sanitizeAnsi(', 'let width = 0']
    for (const [at, { patch }] of PATCHES.entries()) {
      const source = readFileSync(`node_modules/${files[at]}`, 'utf8')
      expect(patch(source)).toContain(source.slice(-200).trimEnd())
      expect(patch(source.replaceAll(known[at] as string, 'other'))).toBeNull()
      if (at > 0) expect(patch(`${source}${source}`)).toBeNull()
    }
    expect(ABSENT).toHaveLength(3)
  })
})

describe('the licences of what is bundled', () => {
  test('are asked of every package a file is of, by its own folder', () => {
    const files = [
      'src/main.tsx',
      'node_modules/a/x.js',
      'node_modules/a/y.js',
      'node_modules/@b/c/node_modules/d/z.js',
    ]
    expect(packagesOf(files)).toEqual(['node_modules/@b/c/node_modules/d', 'node_modules/a'])
  })

  test('are whole, with the name and version of the package', () => {
    const text = licencesOf(['node_modules/react', 'node_modules/yoga-layout', 'node_modules/ssh2'])
    expect(text).toMatch(/^react 19\.\S+ \(MIT\)$/m)
    expect(text).toMatch(/^ssh2 1\.\S+ \(MIT\)$/m)
    expect(text).toContain(readFileSync('node_modules/react/LICENSE', 'utf8').trim())
    expect(text).toContain('Meta Platforms, Inc. and affiliates')
  })

  test('end the build where one has no text', () => {
    writeFileSync(join(folder, 'package.json'), '{"name":"bare","version":"1.0.0","license":"MIT"}')
    expect(() => licencesOf([folder])).toThrow('bare 1.0.0 comes without the text of its licence (MIT)')
  })
})
