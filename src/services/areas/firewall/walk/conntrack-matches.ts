import { contains } from './addresses.ts'
import { type Answer, agreed, anyOf, both, fixed, invert } from './answer.ts'
import type { State } from './packet.ts'
import { protocolNumber, WITH_PORTS } from './protocols.ts'
import { portIn } from './transport-matches.ts'
import type { Ends, View } from './view.ts'

/** One option of a conntrack or state match. */
export type Condition = { readonly option: string; readonly value: string; readonly negated: boolean }

/** What an option asks of the entry in conntrack's table. `maybe` where that can't be known from the packet. */
const ASKS: Readonly<Record<string, (value: string, view: View, state: State) => Answer>> = {
  '--ctproto': (value, view, state) => {
    const number = protocolNumber(value)
    // A related packet may be an error, whose entry is that of the connection which caused it.
    return number === null || view.protocol === null || state === 'RELATED' ? 'maybe' : fixed(number === view.protocol)
  },
  '--ctorigsrc': (value, view) => contains(value, view.opened.source),
  '--ctorigdst': (value, view) => contains(value, view.opened.destination),
  '--ctorigsrcport': (value, view) => openedPort(value, view, 'sourcePort'),
  '--ctorigdstport': (value, view) => openedPort(value, view, 'destinationPort'),
  '--ctdir': (value, view) =>
    view.reply === null || !/^(ORIGINAL|REPLY)$/.test(value) ? 'maybe' : fixed((value === 'REPLY') === view.reply),
  '--ctreplsrc': () => 'maybe',
  '--ctrepldst': () => 'maybe',
  '--ctreplsrcport': () => 'maybe',
  '--ctrepldstport': () => 'maybe',
  '--ctstatus': () => 'maybe',
  '--ctexpire': () => 'maybe',
}

function openedPort(value: string, view: View, side: keyof Ends & `${string}Port`): Answer {
  // Where there are no ports the kernel compares what the entry has in their place.
  return view.protocol !== null && WITH_PORTS.has(view.protocol) ? portIn(value, view.opened[side]) : 'maybe'
}

const ASKS_STATE = new Set(['--ctstate', '--state'])

/** All options of one `-m conntrack` or `-m state` together, in every state that the packet may be in. */
export const ofConnection = (conditions: readonly Condition[], view: View): Answer =>
  agreed(view.states.map((state) => inState(conditions, view, state)))

function inState(conditions: readonly Condition[], view: View, state: State): Answer {
  const answers = conditions.map(({ option, value, negated }): Answer => {
    const answer = ASKS_STATE.has(option)
      ? stateIn(value, state, view)
      : (ASKS[option]?.(value, view, state) ?? 'maybe')
    return negated ? invert(answer) : answer
  })
  if (state !== 'INVALID' && state !== 'UNTRACKED') return answers.reduce(both, 'yes')
  // Without an entry the state is all that counts, and without a question about it nothing matches (xt_conntrack.c).
  const asked = answers.filter((_, i) => ASKS_STATE.has(conditions[i]?.option ?? ''))
  return asked.length === 0 ? 'no' : asked.reduce(both, 'yes')
}

function stateIn(value: string, state: State, view: View): Answer {
  const states = value.split(',')
  if (states.includes(state)) return 'yes'
  if (state === 'INVALID' || state === 'UNTRACKED') return 'no'
  const source = states.includes('SNAT') ? 'maybe' : 'no'
  const destination = !states.includes('DNAT') ? 'no' : state === 'NEW' ? view.translated : 'maybe'
  return anyOf([source, destination])
}
