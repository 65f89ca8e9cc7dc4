import { useApp, useInput, usePaste, useWindowSize } from 'ink'
import { type ReactNode, useEffect, useLayoutEffect } from 'react'
import { say } from '../services/model/safe.ts'
import { topScreen } from '../state/slices/view.ts'
import type { Console } from '../state/store.ts'
import { strokesOf } from '../state/strokes.ts'
import { BaselineScreen } from './baseline-screen.tsx'
import { ConnectingScreen } from './connecting-screen.tsx'
import { Dashboard } from './dashboard.tsx'
import { DetailScreen } from './detail-screen.tsx'
import { SheetView } from './dialogs/sheet-view.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { HelpScreen } from './help-screen.tsx'
import { HistoryScreen } from './history-screen.tsx'
import { Footer } from './parts/footer.tsx'
import { Header } from './parts/header.tsx'
import { StatusLine } from './parts/status-line.tsx'
import { PastScreen } from './past-screen.tsx'
import { StagedScreen } from './staged-screen.tsx'
import { line } from './text/line.ts'
import { Colours, Column, Rows } from './theme.tsx'
import { TransactionScreen } from './transaction-screen.tsx'
import { ConsoleContext, useConsole, useLook } from './use-console.ts'

type Props = {
  readonly console: Console
  readonly colours: boolean
  /** Handed over once, so that a signal can hand the terminal to the shell and take it back. */
  readonly onSuspender?: (suspend: ReturnType<typeof useApp>['suspendTerminal']) => void
}

const SCREENS: Readonly<Record<ReturnType<typeof topScreen>['kind'], () => ReactNode>> = {
  dashboard: Dashboard,
  staged: StagedScreen,
  transaction: TransactionScreen,
  detail: DetailScreen,
  history: HistoryScreen,
  past: PastScreen,
  baseline: BaselineScreen,
  help: HelpScreen,
}

/** The whole console: one place for keys, one for what is drawn. */
export function App({ console, colours, onSuspender }: Props) {
  const { columns, rows } = useWindowSize()
  const { suspendTerminal } = useApp()
  useInput((input, key) => console.press(strokesOf(input, key)))
  usePaste((text) => console.paste(text))
  useEffect(() => console.actions.resize(columns, rows), [console, columns, rows])
  // With the first frame, not after it: a signal may come as soon as there is something to give back.
  useLayoutEffect(() => onSuspender?.(suspendTerminal), [onSuspender, suspendTerminal])
  return (
    <Colours value={colours}>
      <ConsoleContext value={console}>
        <Column width={columns} height={rows}>
          <ErrorBoundary width={columns}>
            <Body />
          </ErrorBoundary>
        </Column>
      </ConsoleContext>
    </Colours>
  )
}

function Body() {
  const { lists } = useConsole()
  const kind = useLook((state) => topScreen(state.view).kind)
  const open = useLook((state) => state.connection.attempt === 'open')
  const mode = useLook((state) => lists.layout(state).mode)
  const height = useLook((state) => lists.layout(state).body.height)
  const Screen = open || kind !== 'dashboard' ? SCREENS[kind] : ConnectingScreen
  return (
    <>
      <Header />
      <Column height={height}>{mode === 'too-small' ? <Rows lines={TOO_SMALL} /> : <Screen />}</Column>
      <SheetView />
      <StatusLine />
      <Footer />
    </>
  )
}

const TOO_SMALL = [line(say`The terminal is too small: 60 columns and 15 rows are needed.`, 'warn')]
