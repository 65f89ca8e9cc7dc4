import type { Safe } from '../../services/model/safe.ts'
import type { Line } from '../text/line.ts'

/** What a sheet at the foot of the screen says. */
export type Sheet = {
  readonly title: Safe
  /** Cut where there is no room for all of it. */
  readonly lines: readonly Line[]
  /** What is typed, and the keys: always seen. */
  readonly foot?: readonly Line[]
  /** Which of `lines` the cursor is on. */
  readonly selected?: number
}
