// npm run faults -- --runs N --seed S [--servers K] [--mutate NAME,…|all]: random faults in random transactions on lab
// servers, judged from outside. Run I has the seed S + I, so `--runs 1 --seed THAT` repeats it.
import { parseArgs } from 'node:util'
import { type Server, up, whyNoLab } from '../../lab.ts'
import { FILES, UNITS, unitName } from './changes.ts'
import { FOREIGN, FOREIGN_CHAIN, readWorld, unlikeBefore, type World } from './judge.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'
import { type Outcome, oneRun } from './one-run.ts'

const FLAVOURS = ['debian12', 'debian13', 'sysvinit'] as const
type Flavour = (typeof FLAVOURS)[number]

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    servers: { type: 'string', default: '2' },
    flavour: { type: 'string' },
    mutate: { type: 'string' },
  },
})

const BASE = `
  iptables-restore <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p udp -m udp --dport 5353 -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p icmp -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 203.0.113.0/24 -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
R
  ip6tables-restore <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
COMMIT
R
  iptables-save > /etc/iptables/rules.v4; ip6tables-save > /etc/iptables/rules.v6`

/** A server with rules that are loaded at boot, and a copy of all files that may be changed. */
async function prepare(flavour: Flavour): Promise<{ server: Server; base: World }> {
  const server = await up({ flavour, variant: 'persistent' })
  await server.must(
    `${BASE}; chmod 640 /etc/motd; mkdir /root/base; cp -a --parents ${FILES.join(' ')} /root/base 2>/dev/null; sync`,
  )
  return { server, base: await readWorld(server) }
}

/** What no rollback takes along: records, crash points, backups; fails where something else has to be mended. */
const TIDY = `
  rm -rf /run/hardtui-crash* /etc/iptables/*.before-hardtui /var/lib/hardtui/history
  pgrep -x rsyslogd >/dev/null && ! { iptables-save; ip6tables-save; } | grep -q -e ${FOREIGN} -e ${FOREIGN_CHAIN}`

/** As it was prepared, or taken away where that can't be had; gives whether it is. */
async function reset(server: Server, base: World): Promise<boolean> {
  // Most runs end as they began; making it all anew is what takes longest.
  if ((await server.sh(TIDY)).status === 0 && unlikeBefore(base, await readWorld(server)).length === 0) return true
  const units = UNITS.map((unit) => unitName(server, unit))
  const enable =
    server.flavour === 'sysvinit'
      ? 'update-rc.d cron defaults; update-rc.d cron enable; service cron start; service rsyslog start'
      : `systemctl enable -q --now ${units.join(' ')} rsyslog`
  await server.sh(
    `iptables -F; iptables -X f2b-x; ${BASE}
     rm -rf ${FILES.filter((file) => file.includes('hardtui'))
       .map((file) => file.replace(/(hardtui-faults).*/, '$1'))
       .join(' ')}
     cp -a /root/base/. /; service ssh reload || service ssh restart; ${enable}; sync`,
    { timeoutMs: 30_000 },
  )
  return unlikeBefore(base, await readWorld(server)).length === 0
}

type Tally = {
  runs: number
  reached: number
  lockOuts: number
  mixed: number
  readonly endings: Map<string, number>
  readonly failed: number[]
}

/** Works through seeds on one server after another of a flavour until none is left or `enough` says so. */
async function work(
  flavour: Flavour,
  seeds: number[],
  mutation: Mutation | null,
  tally: Tally,
  enough: () => boolean,
): Promise<void> {
  let here: Awaited<ReturnType<typeof prepare>> | null = null
  for (let seed = seeds.shift(); seed !== undefined && !enough(); seed = seeds.shift()) {
    here ??= await prepare(flavour)
    const outcome = await oneRun(here.server, seed, mutation).catch(
      (error: Error): Outcome => ({
        what: `the harness: ${error.stack}`,
        ended: '?',
        reached: false,
        lockOut: null,
        mixed: ['the run itself failed'],
      }),
    )
    record(tally, flavour, seed, outcome)
    const sound =
      outcome.lockOut === null && outcome.mixed.length === 0 && (await reset(here.server, here.base).catch(() => false))
    if (sound) continue
    await here.server.down()
    here = null
  }
  await here?.server.down()
}

function record(tally: Tally, flavour: Flavour, seed: number, { what, ended, reached, lockOut, mixed }: Outcome): void {
  tally.runs++
  if (reached) tally.reached++
  tally.endings.set(ended, (tally.endings.get(ended) ?? 0) + 1)
  if (lockOut) tally.lockOuts++
  if (mixed.length > 0) tally.mixed++
  const bad = lockOut !== null || mixed.length > 0
  if (bad) tally.failed.push(seed)
  console.log(`${bad ? 'FAILED' : 'ok    '} seed ${seed} ${flavour}: ${what} -> ${ended}`)
  for (const line of [...(lockOut ? [`LOCK-OUT: ${lockOut}`] : []), ...mixed.slice(0, 12)])
    console.log(`         ${line}`)
}

async function campaign(
  runs: number,
  seed: number,
  mutation: Mutation | null,
  enough: (tally: Tally) => boolean,
): Promise<Tally> {
  const tally: Tally = { runs: 0, reached: 0, lockOuts: 0, mixed: 0, endings: new Map(), failed: [] }
  const seeds = Array.from({ length: runs }, (_, at) => seed + at)
  const workers = Math.min(Number(values.servers), runs)
  const only = mutation?.only ?? values.flavour
  const flavours = only ? [only as Flavour] : FLAVOURS
  await Promise.all(
    Array.from({ length: workers }, (_, at) => {
      const flavour = flavours[(seed + at) % flavours.length] as Flavour
      return work(flavour, seeds, mutation, tally, () => enough(tally))
    }),
  )
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
    `\n${tally.runs} runs from seed ${seed}: ${tally.lockOuts} lock-outs, ${tally.mixed} mixed states (${endings})`,
  )
  if (tally.failed.length > 0)
    console.log(`repeat with: ${tally.failed.map((one) => `--runs 1 --seed ${one}`).join('   ')}`)
  process.exitCode = tally.failed.length === 0 ? 0 : 1
} else process.exitCode = missed === 0 ? 0 : 1
