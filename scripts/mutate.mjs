// Breaks the sources of a room, one place at a time, and tells which breakage no test notices: `npm run mutate --
// --room walk`. Never part of the tests.
//
//   --room planning|transaction|actions|walk    which room; several may be given, all when none is
//   --only FILE     one source of the room (the end of its path is enough)
//   --sample N --seed S     N mutants of each room; the same seed chooses the same ones
//   --far           asks of what survives all unit tests that can reach it, not only those of the room
//   --list          the mutants, without running anything
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openBench } from './mutate/bench.mjs'
import { mutantsOf, stretchOf } from './mutate/mutants.mjs'
import { ROOMS, testsOf } from './mutate/rooms.mjs'

process.chdir(resolve(import.meta.dirname, '..'))
const { values: options } = parseArgs({
  options: {
    room: { type: 'string', multiple: true, default: Object.keys(ROOMS) },
    only: { type: 'string', default: '' },
    sample: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    far: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const print = (line) => process.stdout.write(`${line}\n`)

/** Numbers from a seed, the same on every machine (mulberry32). */
function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Some of them, in their order. */
function sampleOf(mutants, count, seed) {
  if (count === 0 || count >= mutants.length) return mutants
  const random = randomOf(seed)
  const drawn = mutants.map((mutant, at) => ({ at, mutant, lot: random() })).toSorted((a, b) => a.lot - b.lot)
  return drawn
    .slice(0, count)
    .toSorted((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant)
}

/** The tests that run what a mutant breaks, by file: its mirror first, then the quickest. */
function wantedFor(mutant, tests, all) {
  const files = new Map()
  for (const test of tests)
    if (mutant.stretch < 0 || test.ran.has(`${resolve(mutant.file)}#${mutant.stretch}`))
      files.set(test.file, [...(files.get(test.file) ?? []), test])
  const mirror = mutant.file.replace(/^src\//, 'test/').replace(/\.tsx?$/, '.test.')
  const ms = (file) => (file.startsWith(mirror) ? -1 : files.get(file).reduce((sum, test) => sum + test.ms, 0))
  return [...files.keys()]
    .toSorted((a, b) => ms(a) - ms(b))
    .map((file) => {
      const names = files.get(file).map(({ name }) => name)
      return names.length === all.get(file) ? { file } : { file, names }
    })
}

const wordsOf = ({ file, line, column, kind, was, is }) =>
  `${file}:${line}:${column} (${kind})\n    - ${was}\n    + ${is}`

async function tryRoom(name) {
  const { sources, near } = ROOMS[name]
  const files = globSync(sources).toSorted()
  const chosen = files.filter((file) => file.endsWith(options.only))
  const mutants = chosen.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const stretch = stretchOf(text)
    return mutantsOf(file, text).map((one) => ({ ...one, stretch: stretch(one) }))
  })
  const tried = sampleOf(mutants, Number(options.sample), Number(options.seed))
  print(`${name}: ${tried.length} of ${mutants.length} mutants in ${chosen.length} files, seed ${options.seed}`)
  if (options.list) return print(tried.map(wordsOf).join('\n'))
  if (tried.length === 0) return

  const survivors = await judgeAll(tried, chosen, testsOf(chosen, near))
  const left =
    options.far && survivors.length > 0 ? await judgeAll(survivors, chosen, testsOf(chosen, null)) : survivors
  const killed = tried.length - left.length
  const score = ((100 * killed) / tried.length).toFixed(1)
  const late = left.timeouts + (left === survivors ? 0 : survivors.timeouts)
  print(`${name}: ${killed} noticed (${late} of them by never ending), ${left.length} survived, score ${score} %`)
}

async function judgeAll(tried, sources, testFiles) {
  const bench = await openBench(sources)
  const survivors = Object.assign([], { timeouts: 0 })
  try {
    const began = Date.now()
    const { tests, failed } = await bench.trace(testFiles)
    for (const one of failed) print(`not counted, as it fails by itself: ${one}`)
    print(`${tests.length} tests in ${testFiles.length} files, ${Math.round((Date.now() - began) / 1000)} s`)
    const all = Map.groupBy(tests, ({ file }) => file)
    const counts = new Map([...all].map(([file, list]) => [file, failed.length > 0 ? -1 : list.length]))
    // With nothing broken nothing may fail, first and last, or every mutant would seem to be noticed.
    const whole = { file: sources[0], start: 0, end: 0, by: '' }
    const sound = async () => {
      const outcome = await bench.judge(whole, wantedFor({ ...whole, stretch: -1 }, tests, counts))
      if (outcome !== 'survived') throw new Error('tests fail although nothing is broken')
    }
    await sound()
    for (const [at, mutant] of tried.entries()) {
      const wanted = wantedFor(mutant, tests, counts)
      const outcome = wanted.length === 0 ? 'never run' : await bench.judge(mutant, wanted)
      if (outcome === 'timeout') survivors.timeouts++
      if (outcome === 'killed' || outcome === 'timeout') continue
      survivors.push(mutant)
      print(`${at + 1}/${tried.length} ${outcome}: ${wordsOf(mutant)}`)
    }
    await sound()
    print(`${Math.round((Date.now() - began) / 1000)} s`)
  } finally {
    await bench.close()
  }
  return survivors
}

for (const room of [options.room].flat()) {
  if (!(room in ROOMS)) throw new Error(`no room "${room}": ${Object.keys(ROOMS).join(', ')}`)
  await tryRoom(room)
}
