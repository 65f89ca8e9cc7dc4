import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SCREENS = join(import.meta.dirname, '../../src/screens')
const files = readdirSync(SCREENS, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))

/** What each file takes from Ink. */
const inkImports = (name: string): readonly string[] =>
  [...readFileSync(join(SCREENS, name), 'utf8').matchAll(/import \{([^}]*)\} from 'ink'/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map((word) => word.trim().replace(/^type /, '')),
  )

/** Ways on to the terminal that know nothing of `Safe`. */
const BARE = ['Text', 'Transform', 'Static', 'Newline', 'useStdout', 'useStderr']

test('text reaches the terminal only through the theme, which takes nothing but safe text', () => {
  expect(files.length).toBeGreaterThan(20)
  for (const name of files)
    if (name !== 'theme.tsx')
      expect(
        inkImports(name).filter((word) => BARE.includes(word)),
        name,
      ).toEqual([])
})

test('no screen asks for a branded text by force', () => {
  for (const name of files)
    if (!name.startsWith('text/'))
      expect(readFileSync(join(SCREENS, name), 'utf8'), name).not.toMatch(/\bas Safe\b|console\.(log|error)/)
})
