import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const FILES = globSync('src/**/*.{ts,tsx}').filter((file) => !file.endsWith('.d.ts'))

/** Which rooms a room may import from, itself included; the first row that fits counts. `*` in a name is its own. */
const RULES: readonly (readonly [room: RegExp, may: readonly RegExp[]])[] = [
  [/^src\/services\/model\//, [/^src\/services\/model\//]],
  [/^src\/services\/areas\/registry/, [/^src\/services\/(model|areas)\//]],
  [/^src\/services\/areas\/[a-z-]+\.ts$/, [/^src\/services\/model\//, /^src\/services\/areas\/(parts|file-part)\.ts$/]],
  ...['sshd', 'firewall', 'units', 'securelog'].map(
    (area) =>
      [
        new RegExp(`^src/services/areas/${area}/`),
        [
          /^src\/services\/(model|steps)\//,
          /^src\/services\/areas\/(parts|file-part)\.ts$/,
          new RegExp(`^src/services/areas/${area}/`),
        ],
      ] as const,
  ),
  [/^src\/services\/host\//, [/^src\/services\/(model|host)\//]],
  [/^src\/services\/steps\//, [/^src\/services\/(model|steps)\//]],
  [/^src\/services\/planning\//, [/^src\/services\/(model|areas|steps|planning)\//]],
  [/^src\/services\/transaction\//, [/^src\/services\/(model|transaction)\//]],
  [/^src\/services\/practice\//, [/^src\/services\//]],
  [/^src\/state\//, [/^src\/state\//, /^src\/services\/(model|areas|steps|planning)\//]],
  [/^src\/screens\//, [/^src\/screens\//, /^src\/state\//, /^src\/services\/model\//]],
  [/^src\/command-line\//, [/^src\//]],
  [/^src\/main\.tsx$/, [/^src\/command-line\//]],
]

/** Packages and node modules that only some rooms may know. */
const WIRE = /^(ssh2|node:(net|fs|fs\/promises|child_process|dgram|http|https|tls|worker_threads))$/
const FACE = /^(ink|react)(\/|$)/

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string)

test.each(FILES)('%s imports only what its room may know', (file) => {
  const rule = RULES.find(([room]) => room.test(file))
  expect(rule, `${file} stands in no room`).toBeDefined()
  for (const specifier of importsOf(file)) {
    if (specifier.startsWith('.')) {
      const target = relative('.', join(dirname(file), specifier))
      expect(
        rule?.[1].some((may) => may.test(target)),
        `${file} must not import ${target}`,
      ).toBe(true)
    } else if (WIRE.test(specifier))
      expect(file, `${specifier} belongs to the host room`).toMatch(/^src\/(services\/(host|practice)|command-line)\//)
    else if (FACE.test(specifier))
      expect(file, `${specifier} belongs to the screens`).toMatch(/^src\/(screens|command-line)\//)
  }
})

test('no file is longer than 400 lines', () => {
  const long = globSync('{src,test,scripts}/**/*.{ts,tsx,sh,mjs}').filter(
    (file) => readFileSync(file, 'utf8').split('\n').length > 400,
  )
  expect(long).toEqual([])
})
