import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Binding } from '../../state/bindings/binding.ts'
import { footerBindings } from '../../state/keymap.ts'
import { cells } from '../text/cells.ts'
import { fitLine, type Line, lineCells, span } from '../text/line.ts'
import { T } from '../theme.tsx'
import { useConsole, useLook } from '../use-console.ts'

const hint = (binding: Binding): Line => [
  span(safe(binding.keys[0] ?? ''), 'key'),
  span(say` ${safe(binding.label)}`),
  span(say`   `),
]

/** Help and quit are always there; before them whatever fits. */
export function footerLine(bindings: readonly Binding[], width: number): Line {
  const last = bindings.filter((binding) => (binding.footer ?? 0) >= 90)
  const end = last.flatMap(hint)
  let room = width - lineCells(end) - 1
  const shown: Line[] = []
  for (const binding of bindings) {
    const one = hint(binding)
    if ((binding.footer ?? 0) >= 90 || lineCells(one) > room) continue
    room -= lineCells(one)
    shown.push(one)
  }
  return fitLine([span(say` `), ...shown.flat(), ...end], width)
}

/** The last row: the keys that do something now. */
export function Footer() {
  const console = useConsole()
  const width = useLook((state) => state.view.size.columns)
  useLook((state) => state)
  return <T line={footerLine(footerBindings(console.scope), width)} />
}

/** `j` or `j Down`, as the help screen prints keys. */
export const keyWords = (binding: Pick<Binding, 'keys'>): Safe =>
  binding.keys.length > 4
    ? say`${safe(binding.keys[0] ?? '')}-${safe(binding.keys.at(-1) ?? '')}`
    : binding.keys.reduce<Safe>((sum, key) => (cells(sum) === 0 ? safe(key) : say`${sum} ${safe(key)}`), say``)
