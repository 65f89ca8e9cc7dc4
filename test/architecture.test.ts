import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const FILES = globSync('src/**/*.{ts,tsx}').filter((file) => !file.endsWith('.d.ts'))

const AREAS = globSync('src/services/areas/*/').map((folder) => folder.replace(/\/$/, '').split('/').at(-1) as string)

/** What of the services the state may know. */
const SERVICES = /^src\/services\/(model|areas|steps|planning)\//
/** What of the state any room of it may know: slices, and files that know no room of it. */
const LEAVES = [
  /^src\/state\/slices\//,
  /^src\/state\/(clock|console-state|kit|layout|leaving|strokes|text-field|why-not)\.ts$/,
]
/** The state without actions, bindings and the store. */
const ASKED = /^src\/state\/(?!actions\/|bindings\/|store\.ts)/

/** Which rooms a room may import from, itself included; the first row that fits counts. `*` in a name is its own. */
const RULES: readonly (readonly [room: RegExp, may: readonly RegExp[]])[] = [
  // The one list of areas names what each of them says it knows.
  [/^src\/services\/model\/areas\.ts$/, [/^src\/services\/model\//, /^src\/services\/areas\/[^/]+\/facts\.ts$/]],
  [/^src\/services\/model\//, [/^src\/services\/model\//]],
  [/^src\/services\/areas\/[^/]+\/facts\.ts$/, [/^src\/services\/model\//]],
  [/^src\/services\/areas\/[a-z-]+\.ts$/, [/^src\/services\/model\//, /^src\/services\/areas\/(parts|file-part)\.ts$/]],
  ...AREAS.map(
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
  [/^src\/services\/planning\//, [/^src\/services\/(model|planning)\//]],
  [/^src\/services\/transaction\//, [/^src\/services\/(model|transaction)\//]],
  [/^src\/services\/practice\//, [/^src\/services\//]],
  // What is asked knows what is; what is done may ask. Only the store, and the scope of a key, know what can be done.
  [/^src\/state\/slices\//, [...LEAVES, /^src\/services\/model\//, /^src\/services\/areas\/firewall\/baseline\/item/]],
  [/^src\/state\/(under-cursor|staging|lists)\//, [ASKED, SERVICES]],
  ...AREAS.map(
    (area) =>
      [
        new RegExp(`^src/state/areas/${area}/`),
        [
          SERVICES,
          ...LEAVES,
          /^src\/state\/(lists|under-cursor|staging)\//,
          /^src\/state\/areas\/([^/]+$)/,
          new RegExp(`^src/state/areas/${area}/`),
        ],
      ] as const,
  ),
  [/^src\/state\/areas\//, [ASKED, SERVICES]],
  [/^src\/state\/bindings\/binding/, [/^src\/state\//, SERVICES]],
  [/^src\/state\/bindings\//, [ASKED, /^src\/state\/bindings\//, SERVICES]],
  [/^src\/state\/actions\//, [ASKED, /^src\/state\/actions\//, SERVICES]],
  [/^src\/state\//, [/^src\/state\//, SERVICES]],
  [/^src\/screens\//, [/^src\/screens\//, /^src\/state\/(?!actions\/)/, /^src\/services\/model\//]],
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
      const found = visit(next)
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

test('the areas are known by their folders', () => {
  expect(AREAS).toEqual(expect.arrayContaining(['firewall', 'securelog', 'sshd', 'units']))
})

test('no file is longer than 400 lines', () => {
  const long = globSync('{src,test,scripts}/**/*.{ts,tsx,sh,mjs}').filter(
    (file) => readFileSync(file, 'utf8').split('\n').length > 400,
  )
  expect(long).toEqual([])
})
