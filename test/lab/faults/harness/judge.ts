// The judge: looks at a server from outside the transaction and says whether it is as before or as planned.
import { parseRuleSet } from '../../../../src/services/areas/firewall/parse.ts'
import { sumOf } from '../../../../src/services/model/file-bytes.ts'
import type { ChangePlan } from '../../../../src/services/model/plan.ts'
import type { Step } from '../../../../src/services/model/step.ts'
import type { Server } from '../../server.ts'
import { FILES, UNITS, unitName } from './changes.ts'
import { readAreas, settingsOf } from './judge-areas.ts'
import { LIST_FILES, listens, plannedOfAccount, readLogins } from './judge-logins.ts'
import { SETTINGS_FILE } from './parts-of-areas.ts'

/**
 * Everything a transaction may touch, by name: `v4 filter INPUT`, `/etc/motd`, `cron`, `link /etc/…`, `passwd:dora`,
 * `keys:/root/.ssh/authorized_keys`, `home:/home/dora`, `listens`, `sysctl:net/ipv4/tcp_syncookies`, `named:stranger`.
 */
export type World = ReadonlyMap<string, string>

/** Rules that a fault put there as somebody else; they are nobody's business here. */
export const FOREIGN = 'somebody-else'

export const FOREIGN_CHAIN = 'f2b-x'

const SECTION = '-----8<-----'

export async function readWorld(server: Server): Promise<World> {
  const unit = (name: string): string =>
    server.flavour === 'sysvinit'
      ? `service ${name} status >/dev/null 2>&1 && echo ${name} active || echo ${name} inactive`
      : `echo ${name} $(systemctl is-active ${name})`
  const text = await server.must(
    [
      // Whatever a fault has made of the plain names: the backend of the transaction, and what the other one has.
      'iptables-nft-save',
      'ip6tables-nft-save',
      'iptables-legacy-save; ip6tables-legacy-save',
      `printf '%s\\n' ${FILES.join(' ')} | ${LIST_FILES}`,
      UNITS.map((name) => unit(unitName(server, name))).join('; '),
      `find /etc/systemd /etc/rc?.d -type l -name '*cron*' 2>/dev/null | while read one; do echo "$one $(readlink $one)"; done`,
      `find /etc -name '*hardtui-rollback*' -o -name '*.hardtui-new' -o -path '/etc/cron.d/hardtui*' -o -path '*/hardtui-faults' -empty -o -path '*/ssh.socket.d' -empty -o -name '*.hardtui-lock' -o -path '/etc/*.lock' ! -name .pwd.lock`,
    ].join(`; echo '${SECTION}'; `),
    { timeoutMs: 30_000 },
  )
  const [rules4 = '', rules6 = '', legacy = '', files = '', units = '', links = '', litter = ''] = text.split(
    `${SECTION}`,
  )
  return new Map([
    ...chainsOf('v4', rules4),
    ...chainsOf('v6', rules6),
    ...chainsOf('v4', legacy).map(([name, value]): [string, string] => [`legacy ${name}`, value]),
    ...named(files),
    ...named(units),
    ...named(await readLogins(server)),
    ...named(await readAreas(server)),
    // insertion numbers are insserv's business
    ...named(links).map(([name, value]): [string, string] => [`link ${name.replace(/(\/[SK])\d\d/, '$1')}`, value]),
    ...litter
      .trim()
      .split('\n')
      .flatMap((line): [string, string][] => (line ? [[`litter ${line}`, 'left over']] : [])),
  ])
}

function chainsOf(family: 'v4' | 'v6', save: string): [string, string][] {
  return parseRuleSet(family, save).tables.flatMap((table) =>
    table.chains.flatMap((chain): [string, string][] => {
      const rules = chain.rules.map((rule) => rule.text).filter((text) => !text.includes(FOREIGN))
      const nothing = (chain.policy === 'ACCEPT' || chain.name === FOREIGN_CHAIN) && rules.length === 0
      return nothing ? [] : [[`${family} ${table.name} ${chain.name}`, [chain.policy ?? '-', ...rules].join('\n')]]
    }),
  )
}

const named = (text: string): [string, string][] =>
  text
    .trim()
    .split('\n')
    .flatMap((line): [string, string][] => {
      const at = line.indexOf(' ')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
    })

/** What has to hold of every name that a plan touches once it is in force. */
function planned(plan: ChangePlan, before: World): ReadonlyMap<string, (value: string | undefined) => boolean> {
  return new Map(plan.steps.flatMap((step) => plannedOf(step, before)))
}

type Planned = readonly (readonly [name: string, test: (value: string | undefined) => boolean])[]

function plannedOf(step: Step, before: World): Planned {
  if (step.kind === 'file') {
    if (step.text === null) return [[step.path, (value) => value === undefined]]
    // A new one is root's; another keeps owner and mode.
    const owner = /^\d+ \d+ \d+ /.exec(before.get(step.path) ?? '')?.[0] ?? `${(step.mode ?? 0o644).toString(8)} 0 0 `
    const sum = sumOf(step.text)
    return [
      [step.path, (value) => (value?.startsWith(owner) && value.endsWith(` ${sum}`)) ?? false],
      ...(step.path === SETTINGS_FILE ? settingsOf(step.text, before) : []),
    ]
  }
  if (step.kind === 'unit') return [[step.unit, (value) => value === (step.run === 'stop' ? 'inactive' : 'active')]]
  if (step.kind === 'account') return plannedOfAccount(step.change, before)
  // `*filter INPUT DROP`, then `-A INPUT …` lines
  const chains = step.planned.split(/^\*/m).filter((text) => text !== '')
  return chains.map((text) => {
    const [head = '', ...lines] = text.trimEnd().split('\n')
    const [table = '', chain = '', policy = ''] = head.split(' ')
    const wanted = [policy, ...lines.map((line) => line.replace(/^-A \S+ /, ''))].join('\n')
    return [`${step.family} ${table} ${chain}`, (value) => (value ?? 'ACCEPT') === wanted]
  })
}

/** Differences from the world before; nothing is a perfect rollback. */
export const unlikeBefore = (before: World, now: World): readonly string[] =>
  [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `${name}: was ${JSON.stringify(before.get(name))}, is ${JSON.stringify(now.get(name))}`)

/** What of the world no step of a plan says: where sshd listens by it, and what else is so. */
export type Beside = { readonly ports: readonly number[]; readonly world: Readonly<Record<string, string>> }

/** Differences from what a confirmed plan should have made of the world. */
export function unlikePlan(before: World, now: World, plan: ChangePlan, { ports, world }: Beside): readonly string[] {
  const wanted = new Map([
    ...planned(plan, before),
    ['listens', (value: string | undefined) => value?.trim() === listens(ports)] as const,
    ...Object.entries(world).map(([name, wanted]) => [name, (value: string | undefined) => value === wanted] as const),
  ])
  const unitsChange = plan.steps.some((step) => step.kind === 'unit')
  return [...new Set([...before.keys(), ...now.keys(), ...wanted.keys()])].flatMap((name) => {
    const test = wanted.get(name)
    if (test) return test(now.get(name)) ? [] : [`${name} is not as planned: ${JSON.stringify(now.get(name))}`]
    if (before.get(name) === now.get(name) || (unitsChange && name.startsWith('link '))) return []
    return [`${name} changed though nobody planned it: ${JSON.stringify(now.get(name))}`]
  })
}
