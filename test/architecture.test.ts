import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const FILES = globSync('src/**/*.{ts,tsx}').filter((file) => !file.endsWith('.d.ts'))

/** Which rooms a room may import from, itself included; the first row that fits counts. `*` in a name is its own. */
const RULES: readonly (readonly [room: RegExp, may: readonly RegExp[]])[] = [
  [/^src\/services\/model\//, [/^src\/services\/model\//]],
  [/^src\/services\/areas\/registry/, [/^src\/services\/(model|areas)\//]],
  [/^src\/services\/areas\/parts/, [/^src\/services\/model\//]],
  ...['sshd', 'firewall', 'units', 'securelog'].map(
    (area) =>
      [
        new RegExp(`^src/services/areas/${area}/`),
        [/^src\/services\/(model|steps)\//, /^src\/services\/areas\/parts/, new RegExp(`^src/services/areas/${area}/`)],
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

/** The files that each file imports, types alone too. */
const ARROWS: ReadonlyMap<string, readonly string[]> = new Map(
  FILES.map((file) => [
    file,
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative('.', join(dirname(file), specifier.replace(/\?.*/, '')))),
  ]),
)

/** Arrows that still close a circle; each goes as its circle is untied, and then the list does. */
const UNTIED_SOON: readonly string[] = [
  'src/services/model/plan.ts -> src/services/model/area.ts',
  'src/services/planning/undo-unit.ts -> src/services/planning/undo.ts',
  'src/state/actions/describe.ts -> src/state/lists/selectors.ts',
  'src/state/lists/rule-about.ts -> src/state/lists/firewall-list.ts',
  'src/state/slices/baseline.ts -> src/state/slices/view.ts',
]

/** The first circle that is met, file by file back to where it began; null where there is none. */
function circle(arrows: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>()
  const way: string[] = []
  const visit = (file: string): readonly string[] | null => {
    const at = way.indexOf(file)
    if (at >= 0) return [...way.slice(at), file]
    if (done.has(file)) return null
    way.push(file)
    for (const next of arrows.get(file) ?? []) {
      const found = UNTIED_SOON.includes(`${file} -> ${next}`) ? null : visit(next)
      if (found) return found
    }
    way.pop()
    done.add(file)
    return null
  }
  for (const file of arrows.keys()) {
    const found = visit(file)
    if (found) return found
  }
  return null
}

test('no files import each other in a circle, not even types alone', () => {
  expect(circle(ARROWS)).toBe(null)
  const tied = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  expect(circle(tied)).toEqual(['b', 'c', 'b'])
})

test('no file is longer than 400 lines', () => {
  const long = globSync('{src,test,scripts}/**/*.{ts,tsx,sh,mjs}').filter(
    (file) => readFileSync(file, 'utf8').split('\n').length > 400,
  )
  expect(long).toEqual([])
})
