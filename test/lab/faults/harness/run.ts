// npm run faults -- --runs N --seed S [--servers K] [--kind NAME] [--fault NAME]… [--mutate NAME,…|all] [--trail]: random faults in random transactions on lab
// servers, judged from outside. Run I has the seed S + I, which decides about the kind of server too, so
// `--runs 1 --seed THAT` repeats it.
import { parseArgs } from 'node:util'
import { whyNoLab } from '../../lab.ts'
import type { Server } from '../../server.ts'
import { canHave } from './changes.ts'
import { blockOf, KINDS, type Kind, kindOf } from './kinds.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'
import { faultsOn } from './nemesis.ts'
import { type Outcome, oneRun } from './one-run.ts'
import { prepare, reset } from './prepare.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    servers: { type: 'string', default: '2' },
    kind: { type: 'string' },
    fault: { type: 'string', multiple: true },
    mutate: { type: 'string' },
    trail: { type: 'boolean', default: false },
  },
})

const faultsFor = (mutation: Mutation | null): readonly string[] | null => mutation?.faults ?? values.fault ?? null

type Tally = {
  runs: number
  reached: number
  overridden: number
  lockOuts: number
  mixed: number
  readonly endings: Map<string, number>
  readonly failed: number[]
}

/** Works through seeds, each on a server of its kind, until none is left or `enough` says so. */
async function work(
  seeds: number[],
  kinds: readonly Kind[],
  mutation: Mutation | null,
  tally: Tally,
  enough: () => boolean,
): Promise<void> {
  for (let block = nextBlock(seeds); block.length > 0 && !enough(); block = nextBlock(seeds)) {
    const kind = kindOf(block[0] as number, kinds)
    let here: Awaited<ReturnType<typeof prepare>> | null = null
    for (const seed of block) {
      if (enough()) break
      here ??= await prepare(kind)
      const outcome = await oneRun(here.server, kind, seed, mutation, faultsFor(mutation)).catch(
        (error: Error): Outcome => ({
          what: `the harness: ${error.stack}`,
          ended: '?',
          reached: false,
          refused: null,
          overridden: false,
          lockOut: null,
          mixed: ['the run itself failed'],
          trail: [],
        }),
      )
      record(tally, kind, seed, outcome)
      const { server, base } = here
      const bad = outcome.lockOut !== null || outcome.mixed.length > 0
      if ((bad && !mutation) || values.trail) await tellHow(server, outcome)
      const sound = !bad && (await reset(server, kind, base).catch(() => false))
      if (sound) continue
      await server.down()
      here = null
    }
    await here?.server.down()
  }
}

/** Takes the seeds that share a server. */
const nextBlock = (seeds: number[]): readonly number[] =>
  seeds.splice(0, seeds.filter((seed) => blockOf(seed) === blockOf(seeds[0] as number)).length)

function record(tally: Tally, { name }: Kind, seed: number, outcome: Outcome): void {
  const { what, ended, reached, refused, overridden, lockOut, mixed } = outcome
  tally.runs++
  if (reached) tally.reached++
  if (overridden) tally.overridden++
  tally.endings.set(ended, (tally.endings.get(ended) ?? 0) + 1)
  if (lockOut) tally.lockOuts++
  if (mixed.length > 0) tally.mixed++
  const bad = lockOut !== null || mixed.length > 0
  if (bad) tally.failed.push(seed)
  console.log(`${bad ? 'FAILED' : 'ok    '} seed ${seed} ${name}: ${what} -> ${ended}${refused ? ` (${refused})` : ''}`)
  for (const line of [...(lockOut ? [`LOCK-OUT: ${lockOut}`] : []), ...mixed.slice(0, 12)])
    console.log(`         ${line}`)
}

/** What happened when, as the harness saw it and by the server's own log, and what is left there. */
async function tellHow(server: Server, { trail }: Outcome): Promise<void> {
  const { stdout } = await server.sh(`
    grep -h hardtui /var/log/auth.log | tail -n 30
    for one in /var/lib/hardtui /var/lib/hardtui/current /run/hardtui; do ls -lA --time-style=full-iso $one; done 2>&1
    ps -eo pid,ppid,stat,lstart,args | grep -e '[g]uard.sh' -e '[i]p6*tables'; date +%FT%T.%N`)
  for (const line of [...trail, ...stdout.trimEnd().split('\n')]) console.log(`           ${line}`)
}

async function campaign(
  runs: number,
  seed: number,
  mutation: Mutation | null,
  enough: (tally: Tally) => boolean,
): Promise<Tally> {
  const tally: Tally = { runs: 0, reached: 0, overridden: 0, lockOuts: 0, mixed: 0, endings: new Map(), failed: [] }
  const seeds = Array.from({ length: runs }, (_, at) => seed + at)
  const workers = Math.min(Number(values.servers), runs)
  const kinds = KINDS.filter(
    (kind) =>
      (!mutation?.only || mutation.only === kind.flavour) &&
      (!mutation?.about || canHave(kind, mutation.about)) &&
      (!values.kind || kind.name === values.kind) &&
      faultsOn(kind, faultsFor(mutation)).length > 0,
  )
  if (kinds.length === 0)
    throw new Error(`no such fault on such a kind; the kinds are: ${KINDS.map((one) => one.name).join(', ')}`)
  await Promise.all(Array.from({ length: workers }, () => work(seeds, kinds, mutation, tally, () => enough(tally))))
  return tally
}

const reason = whyNoLab()
if (reason) throw new Error(reason)
const [runs, seed] = [Number(values.runs), Number(values.seed)]
const named = values.mutate?.split(',') ?? []
const wanted = MUTATIONS.filter((one) => values.mutate === 'all' || named.includes(one.name))
if (values.mutate && wanted.length === 0)
  throw new Error(`no such mutation; there are: ${MUTATIONS.map((one) => one.name).join(', ')}`)
let missed = 0
for (const mutation of wanted) {
  console.log(`\n== broken on purpose: ${mutation.name}`)
  const tally = await campaign(runs, seed, mutation, ({ failed }) => failed.length > 0)
  if (tally.failed.length === 0) missed++
  console.log(tally.failed.length > 0 ? `caught after ${tally.runs} runs` : `NOT caught in ${tally.runs} runs`)
}
if (wanted.length === 0) {
  const tally = await campaign(runs, seed, null, () => false)
  const endings = [...tally.endings].map(([name, count]) => `${count} ${name}`).join(', ')
  console.log(
    `\n${tally.runs} runs from seed ${seed}: ${tally.lockOuts} lock-outs, ${tally.mixed} mixed states (${endings}; ${tally.overridden} went on over a lock-out)`,
  )
  if (tally.failed.length > 0)
    console.log(`repeat with: ${tally.failed.map((one) => `--runs 1 --seed ${one}`).join('   ')}`)
  process.exitCode = tally.failed.length === 0 ? 0 : 1
} else process.exitCode = missed === 0 ? 0 : 1
