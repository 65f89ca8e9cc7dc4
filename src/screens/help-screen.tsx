import { factsOf } from '../services/model/reading.ts'
import { safe, say } from '../services/model/safe.ts'
import type { Context } from '../state/bindings/binding.ts'
import { CONTEXT_TITLES } from '../state/bindings/table.ts'
import type { ConsoleState } from '../state/console-state.ts'
import { type BindingNow, bindingsNow } from '../state/keymap.ts'
import { FIELD_KEYS } from '../state/text-field.ts'
import { keyWords } from './parts/footer.tsx'
import { TextScreen } from './parts/text-screen.tsx'
import { EMPTY, fitLine, indent, type Line, line, span, wrap } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

const KEYS = 17

function bindingLines({ binding, reason }: BindingNow, width: number): readonly Line[] {
  const help = wrap(safe(binding.help), Math.max(20, width - KEYS), reason ? 'dim' : 'plain')
  const why = reason ? wrap(say`not now: ${reason}`, Math.max(20, width - KEYS), 'warn') : []
  return [...help, ...why].map((row, at) => [
    ...fitLine(at === 0 ? [span(keyWords(binding), reason ? 'dim' : 'key')] : EMPTY, KEYS),
    ...row,
  ])
}

const heading = (text: string): Line => line(safe(text), 'strong')

/** What else the operator should know: warnings of the reading, the banner, what was said before. */
function otherLines(state: ConsoleState, width: number): readonly Line[] {
  const warnings = factsOf(state.readings.byArea.firewall)?.warnings ?? []
  const { banner } = state.connection
  const said = state.messages.all.slice(-12).reverse()
  return [
    ...(warnings.length > 0
      ? [
          heading('Firewall: not everything is shown'),
          ...warnings.flatMap((one) => wrap(say`⚠ ${one}`, width, 'warn')),
          EMPTY,
        ]
      : []),
    ...(said.length > 0
      ? [heading('Said before, newest first'), ...said.flatMap((one) => wrap(say`· ${one.text}`, width)), EMPTY]
      : []),
    ...(banner.length > 0
      ? [heading("The server's banner"), ...banner.flatMap((one) => wrap(one, width, 'dim')), EMPTY]
      : []),
  ]
}

/** Every key that means something where the operator came from, and why some do nothing now. */
export function HelpScreen() {
  const console = useConsole()
  const state = useLook((all) => all)
  const rect = console.lists.layout(state).body
  const width = Math.max(20, rect.width - 8)
  const under = state.view.screens.at(-2)?.kind ?? 'dashboard'
  const inner: readonly Context[] = under === 'dashboard' ? [`pane.${state.view.focused}`, 'dashboard'] : [under]
  const contexts: readonly Context[] = [...inner, 'list', 'everywhere']
  const now = bindingsNow(console.scope, contexts)
  const lines = contexts.flatMap((context): readonly Line[] => {
    const own = now.filter(({ binding }) => binding.context === context)
    if (own.length === 0) return []
    return [heading(CONTEXT_TITLES[context]), ...own.flatMap((one) => bindingLines(one, width)), EMPTY]
  })
  const typing = FIELD_KEYS.map(
    (one): Line => [...fitLine([span(keyWords(one), 'key')], KEYS + 4), span(safe(one.label))],
  )
  return (
    <TextScreen
      rect={rect}
      title={[span(say`Help `, 'strong')]}
      note={[span(say`Esc back · keys with a reason do nothing now`, 'dim')]}
      lines={[
        EMPTY,
        ...indent([...lines, ...otherLines(state, width), heading('Where a line is typed'), ...typing], 2),
      ]}
    />
  )
}
