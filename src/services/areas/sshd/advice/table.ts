import { ALGORITHM_ROWS } from './algorithms.ts'
import { FORWARDING_ROWS } from './forwarding.ts'
import { LIMIT_ROWS } from './limits.ts'
import { LOGIN_ROWS } from './login.ts'
import type { Row } from './row.ts'

/** The one source of what is advised for sshd: a row for each keyword, with its fix or the reason that there is none. */
export const ROWS: readonly Row[] = [...LOGIN_ROWS, ...LIMIT_ROWS, ...FORWARDING_ROWS, ...ALGORITHM_ROWS]
