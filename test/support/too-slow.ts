/** What is repeated: what expressions may try again and again, and what makes many lines. */
const RUNS: readonly string[] = [
  ...' 0a"\'[]({\\@:,.-/=\t\n|*!%#;',
  ...['a ', 'a\n', '":', '",', '\\"', ':1', ' :', ' from ', ' port 1', '=a ', '::1,', '\u0301', '),(', '("', '0 '],
]

const filled = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)

/** One long line of a beginning, the beginning over and over, and lines of it; each ends with what nothing expects. */
function* shapes(beginnings: readonly string[], size: number): Generator<readonly [name: string, text: string]> {
  for (const run of RUNS)
    for (const beginning of ['', ...beginnings])
      yield [
        `${JSON.stringify(beginning)} and ${JSON.stringify(run)} over and over`,
        `${beginning}${filled(run, size)}\u0001`,
      ]
  for (const beginning of beginnings) {
    yield [`${JSON.stringify(beginning)} over and over`, filled(beginning, size)]
    yield [`lines of ${JSON.stringify(beginning)}`, filled(`${beginning}\n`, size)]
  }
}

/** Milliseconds that this process has worked, which a busy machine does not make more. */
function costOf(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** In steps, for what is quadratic takes seconds for a sixteenth of the megabyte, and for all of it minutes. */
const STEPS = [1_024, 8_192, 65_536, 262_144]
const ALL = 1_048_576
const LIMIT_MS = 1_000
/** Whether what took so long for so much takes less than the limit for all of it, even were it quadratic. */
const isSure = (costMs: number, size: number): boolean => costMs * (ALL / size) ** 2 < LIMIT_MS

/** The first shape of a megabyte that a parser takes more than a second for, with the time; null where there is none. */
export function tooSlow(parse: (text: string) => unknown, beginnings: readonly string[]): string | null {
  const sure = new Set<string>()
  for (const size of [...STEPS, ALL])
    for (const [name, text] of shapes(beginnings, size)) {
      if (sure.has(name)) continue
      let cost = costOf(() => parse(text))
      // Once more, where that is bearable: the first run of code takes longer.
      if (cost > LIMIT_MS && cost < 5 * LIMIT_MS) cost = costOf(() => parse(text))
      if (cost > LIMIT_MS) return `${size} bytes of ${name} take ${Math.round(cost)} ms`
      if (isSure(cost, size)) sure.add(name)
    }
  return null
}
