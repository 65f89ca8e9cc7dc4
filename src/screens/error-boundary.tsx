import { Component, type ReactNode } from 'react'
import { LINE_CAP, type Safe, safe, say } from '../services/model/safe.ts'
import { type Line, line, wrap } from './text/line.ts'
import { Rows } from './theme.tsx'

type Props = { readonly children: ReactNode; readonly width: number }
type State = { readonly error: Safe | null }

/** An error as one drawable sentence: its text may hold what a server sent. */
export const errorWords = (error: unknown): Safe =>
  safe(error instanceof Error ? `${error.name}: ${error.message}` : String(error), LINE_CAP)

/**
 * Draws a fault of this program instead of what failed. Keys go on working (they are read above this), so that a
 * pending change can still be confirmed or rolled back.
 */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null }

  static getDerivedStateFromError(error: unknown): State {
    return { error: errorWords(error) }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    const width = Math.max(20, this.props.width - 2)
    const lines: readonly Line[] = [
      line(say`✗ hardtui has a fault and can't draw this screen.`, 'bad'),
      ...wrap(error, width),
      ...wrap(
        say`Nothing on the server depends on this screen: a running timer goes on. C, X, + and q still work.`,
        width,
      ),
    ]
    return <Rows lines={lines} />
  }
}
