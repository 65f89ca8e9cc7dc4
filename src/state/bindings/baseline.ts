import { type Safe, say } from '../../services/model/safe.ts'
import { baselineItem } from '../actions/baseline.ts'
import { whyNotStageRule } from '../why-not.ts'
import type { Binding, Scope } from './binding.ts'

const whyNotToggle = ({ get, lists }: Scope): Safe | null => {
  const item = baselineItem({ lists }, get())
  if (!item) return say`there is nothing under the cursor`
  return item.always && say`this is always on: ${item.always}`
}

const whyNotStageAll = ({ get }: Scope): Safe | null =>
  whyNotStageRule(get()) ?? (get().view.baseline.checking === null ? null : say`the server's iptables is looking at it`)

/** B in the firewall pane, and the keys of the screen that it opens. */
export const BASELINE: readonly Binding[] = [
  {
    id: 'firewall.baseline',
    keys: ['B'],
    context: 'pane.firewall',
    label: 'baseline',
    help: 'Show the baseline rule set adapted to this host, switch its parts on and off, and stage it with S.',
    footer: 13,
    disabled: ({ get }) => whyNotStageRule(get()),
    run: ({ actions }) => actions.openBaseline(),
  },
  {
    id: 'baseline.toggle',
    keys: ['Space'],
    context: 'baseline',
    label: 'on / off',
    help: 'Switch the part of the baseline under the cursor on or off. Nothing is staged before S.',
    footer: 5,
    disabled: whyNotToggle,
    run: ({ actions }) => actions.toggleBaselineItem(),
  },
  {
    id: 'baseline.stage',
    keys: ['S'],
    context: 'baseline',
    label: 'stage all',
    help: "Let the server's iptables try the baseline as shown, and stage it as one step, which u takes back.",
    footer: 6,
    disabled: whyNotStageAll,
    run: ({ actions }) => void actions.stageBaseline(),
  },
  {
    id: 'baseline.wide',
    keys: ['Enter'],
    context: 'baseline',
    label: 'read it all',
    help: 'Give the part under the cursor the whole screen, with all its rules, and back.',
    footer: 7,
    run: ({ actions }) => actions.widenBaseline(),
  },
  {
    id: 'baseline.family',
    keys: ['v'],
    context: 'baseline',
    label: 'v4 / v6',
    help: 'Show the rules for IPv4 or IPv6. Both are staged.',
    footer: 8,
    run: ({ actions }) => actions.switchFamily(),
  },
]
