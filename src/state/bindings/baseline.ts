import { type Safe, say } from '../../services/model/safe.ts'
import { baselineItem, stageBaseline, toggleBaselineItem, widenBaseline } from '../areas/firewall/baseline.ts'
import { switchFamily } from '../areas/firewall/rules.ts'
import { whyNotStageRule } from '../areas/firewall/why-not.ts'
import { always, type Binding, type Scope, unless } from './binding.ts'

const whyNotToggle = ({ get, lists }: Scope): Safe | null => {
  const item = baselineItem({ lists }, get())
  if (!item) return say`there is nothing under the cursor`
  return item.always && say`this is always on: ${item.always}`
}

const whyNotStageAll = ({ get }: Scope): Safe | null => {
  const { view, readings } = get()
  // In the first second after the login: what listens is part of it, unless nobody can say.
  const isReading = readings.byArea.units.state === 'unread'
  return (
    whyNotStageRule(get()) ??
    (isReading ? say`the services are still being read: what listens belongs to it` : null) ??
    (view.baseline.checking ? say`the server's iptables is looking at it` : null)
  )
}

/** The keys of the screen that B opens. */
export const BASELINE: readonly Binding[] = [
  {
    id: 'baseline.toggle',
    keys: ['Space'],
    context: 'baseline',
    label: 'on / off',
    help: 'Switch the part of the baseline under the cursor on or off. Nothing is staged before S.',
    footer: 5,
    what: unless(whyNotToggle, ({ kit }) => toggleBaselineItem(kit)),
  },
  {
    id: 'baseline.stage',
    keys: ['S'],
    context: 'baseline',
    label: 'stage all',
    help: "Let the server's iptables try the baseline as shown, and stage it as one step, which u takes back.",
    footer: 6,
    what: unless(whyNotStageAll, ({ kit }) => stageBaseline(kit)),
  },
  {
    id: 'baseline.wide',
    keys: ['Enter'],
    context: 'baseline',
    label: 'read it all',
    help: 'Give the part under the cursor the whole screen, with all its rules, and back.',
    footer: 7,
    what: always(({ kit }) => widenBaseline(kit)),
  },
  {
    id: 'baseline.family',
    keys: ['v'],
    context: 'baseline',
    label: 'v4 / v6',
    help: 'Show the rules for IPv4 or IPv6. Both are staged.',
    footer: 8,
    what: always(({ kit }) => switchFamily(kit)),
  },
]
