import type { Escalation, HostFacts, Link } from '../../services/model/host.ts'
import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { timerOf } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { clockWords } from '../presenters/numbers.ts'
import { fitLine, type Line, lineCells, type Role, span } from '../text/line.ts'
import { T } from '../theme.tsx'
import { useLook } from '../use-console.ts'

const PRIVILEGE: Readonly<Record<Escalation, { readonly word: Safe; readonly role: Role }>> = {
  root: { word: say`root`, role: 'good' },
  sudo: { word: say`sudo ✓`, role: 'good' },
  password: { word: say`sudo locked, read only`, role: 'warn' },
  none: { word: say`no root, read only`, role: 'warn' },
}

/** Seconds under which the countdown turns red. */
const LAST_MINUTE = 60

/** `ARMED 2:41`: how long until the server rolls back by itself. */
export function countdown(state: ConsoleState): Line {
  const timer = timerOf(state.transaction)
  if (!timer) return []
  const left = (timer.firesAt - state.now) / 1000
  const words = state.transaction.phase === 'rolling-back' ? say` ROLLING BACK ` : say` ARMED ${clockWords(left)} `
  return [span(words, left <= LAST_MINUTE ? 'alarm' : 'warn')]
}

function linkLine(link: Link, now: number): Line {
  if (link.state === 'up')
    return [span(link.roundTripMs === null ? say`link up` : say`link ${Math.round(link.roundTripMs)} ms`, 'dim')]
  if (link.state === 'connecting') return [span(say`connecting…`, 'warn')]
  if (link.state === 'closed') return [span(say`not connected`, 'bad')]
  const since = clockWords((now - link.since) / 1000)
  return [span(say`LINK LOST ${since}${nextTry(link.nextTryAt, now)}`, 'alarm')]
}

function nextTry(at: number | null, now: number): Safe {
  if (at === null) return say``
  return at <= now ? say`, trying now` : say`, next try in ${Math.ceil((at - now) / 1000)} s`
}

/** `Debian 12` of `Debian GNU/Linux 12 (bookworm)`. */
const shortOs = (os: Safe): Safe => safe(os.replace(/ GNU\/Linux| Linux(?: release)?/g, '').replace(/ \([^)]*\)$/, ''))

/** What the machine runs, most telling first: system, OpenSSH, iptables. */
function machineWords(state: ConsoleState, host: HostFacts): readonly Safe[] {
  const openssh = host.openssh ? safe(host.openssh.replace('_', ' ').replace(/(p\d|,).*$/, '')) : null
  const firewall = factsOf(state.readings.byArea.firewall)
  const version = firewall ? safe(firewall.version.replace(/ \(.*$/, '')) : null
  const backend = firewall && firewall.backend !== 'unknown' ? say` ${safe(firewall.backend)}` : say``
  return [shortOs(host.os), ...(openssh ? [openssh] : []), ...(version ? [say`iptables ${version}${backend}`] : [])]
}

/** So many of the words as are asked for. */
const machineLine = (words: readonly Safe[], count: number): Line =>
  count === 0 || words.length === 0
    ? []
    : [
        span(say`  `),
        span(
          words.slice(0, count).reduce((sum, word) => say`${sum} · ${word}`),
          'dim',
        ),
      ]

/** The parts of the header, the least needed last. */
function headerLine(state: ConsoleState, width: number): Line {
  const { target, host, link } = state.connection
  const port = target.host.includes(':')
    ? say`[${safe(target.host)}]:${target.port}`
    : say`${safe(target.host)}:${target.port}`
  const gap = span(say`  `)
  // A change may have given the operator's place to another account.
  const user = safe(host?.login.user ?? target.user, 32)
  const left: Line = [span(say` hardtui`, 'strong'), gap, span(say`${user}@${port}`, 'strong')]
  const privilege: Line = host
    ? [gap, span(PRIVILEGE[host.login.escalation].word, PRIVILEGE[host.login.escalation].role)]
    : []
  const machine = host ? machineWords(state, host) : []
  const staged = state.staging.changes.length
  const alarms: Line = [
    ...(staged > 0 ? [gap, span(say`${staged} staged`, 'staged')] : []),
    ...(state.readOnly ? [gap, span(say`READ ONLY`, 'warn')] : []),
    ...(timerOf(state.transaction) ? [gap, ...countdown(state)] : []),
  ]
  const right: Line = [
    ...(state.connection.reading ? [span(say`reading…  `, 'dim')] : []),
    ...linkLine(link, state.now),
  ]
  const end = span(say` `)
  const rooms: readonly (readonly [Line, Line])[] = [
    ...[3, 2, 1, 0].map((count): readonly [Line, Line] => [
      [...left, ...privilege, ...machineLine(machine, count)],
      [...right, ...alarms, end],
    ]),
    [left, [...linkLine(link, state.now), ...alarms, end]],
    ...(link.state === 'lost' ? [[left, [span(say`LINK LOST`, 'alarm'), ...alarms, end]] as const] : []),
    [left, [...alarms, end]],
  ]
  const fits = rooms.find(([a, b]) => lineCells(a) + lineCells(b) + 2 <= width) ?? rooms.at(-1)
  const [a, b] = fits ?? [left, alarms]
  return [...fitLine(a, Math.max(0, width - lineCells(b))), ...b]
}

/** The first row: who, where, as whom, on what; the link, what is staged, and how long the timer has left. */
export function Header() {
  const state = useLook((all) => all)
  return <T line={headerLine(state, state.view.size.columns)} />
}
