import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Binding, Scope } from '../../state/bindings/binding.ts'
import { does, footerCandidates } from '../../state/keymap.ts'
import { cells } from '../text/cells.ts'
import { fitLine, type Line, lineCells, span } from '../text/line.ts'
import { T } from '../theme.tsx'
import { useConsole, useLook } from '../use-console.ts'

const hint = (binding: Binding): Line => [
  span(safe(binding.keys[0] ?? ''), 'key'),
  span(say` ${safe(binding.label)}`),
  span(say`   `),
]

/** From this place on a key is always shown: help and quit. */
const LAST = 90

/** The keys that do something now: help and quit at the end, before them whatever fits. */
export function footerLine(scope: Scope, width: number): Line {
  const all = footerCandidates(scope)
  const isLast = ({ footer = 0 }: Binding): boolean => footer >= LAST
  const end = all.filter((binding) => isLast(binding) && does(scope, binding)).flatMap(hint)
  let room = width - lineCells(end) - 1
  const shown: Line[] = []
  for (const binding of all) {
    const one = hint(binding)
    if (isLast(binding) || lineCells(one) > room || !does(scope, binding)) continue
    room -= lineCells(one)
    shown.push(one)
  }
  return fitLine([span(say` `), ...shown.flat(), ...end], width)
}

/** The last row: the keys that do something now. */
export function Footer() {
  const console = useConsole()
  const width = useLook((state) => state.view.size.columns)
  // Whatever a reason may rest on; not the log, whose lines change nothing about keys.
  useLook((state) => state.view)
  useLook((state) => state.readings)
  useLook((state) => state.staging)
  useLook((state) => state.connection)
  useLook((state) => state.transaction)
  useLook((state) => state.questions)
  useLook((state) => state.history)
  return <T line={footerLine(console.scope, width)} />
}

/** `j` or `j Down`, as the help screen prints keys. */
export const keyWords = (binding: Pick<Binding, 'keys'>): Safe =>
  binding.keys.length > 4
    ? say`${safe(binding.keys[0] ?? '')}-${safe(binding.keys.at(-1) ?? '')}`
    : binding.keys.reduce<Safe>((sum, key) => (cells(sum) === 0 ? safe(key) : say`${sum} ${safe(key)}`), say``)
