// What an operator does with what is staged, key by key, on the console's screen.
import { until } from './run.ts'
import type { Server } from './server.ts'
import { KEYS, openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'

/** root's console with the whole screen for one pane, once all was read and that pane shows a sign of it. */
export async function openPane(
  server: Server,
  pane: string,
  sign: string | RegExp,
  options: TerminalOptions = {},
): Promise<Terminal> {
  const on = openTerminal(server, 'root', options)
  await on.waitFor('following', 60_000)
  await until('the reading', async () => !on.screen().includes('reading…'), { timeoutMs: 60_000 })
  on.press(pane)
  on.press('z')
  await on.waitFor(sign)
  return on
}

/** To the first row that the pane's filter finds by a name; `row` is how it looks under the cursor. */
export async function goToRow(on: Terminal, name: string, row: RegExp): Promise<void> {
  on.press('/')
  on.press('\u0015')
  on.press(name)
  await on.waitFor(name)
  on.press(KEYS.enter)
  on.press('g')
  await on.waitFor(row)
}

/** To the screen of what is staged: after a rollback that is what was rolled back. */
export async function backToStaged(on: Terminal): Promise<void> {
  await backToPanes(on)
  if (!on.screen().includes('one transaction')) on.press('s')
  await on.waitFor('one transaction')
}

/** Until the console that a boot has cut off has its server again, at its panes. */
export async function untilLinked(on: Terminal): Promise<void> {
  await on.waitFor(/link/, 60_000)
  await until('the link', async () => !/not connected|reconnect/.test(on.screen()), { timeoutMs: 60_000 })
  await backToPanes(on)
}

/** Arms and applies what is staged, from its screen, and waits for the proof. */
export async function applyStaged(on: Terminal, proof: RegExp = /✓ new login/): Promise<void> {
  on.press('A')
  await on.waitFor('Arm the timer and apply?')
  on.press('Y')
  await on.waitFor(proof, 60_000)
}

export async function confirm(on: Terminal): Promise<void> {
  on.press('C')
  await on.waitFor('CONFIRMED')
}

/** Back to the panes, once the server was read as it is now. */
export async function backToPanes(on: Terminal): Promise<void> {
  on.press(KEYS.enter)
  await until('the reading', async () => !on.screen().includes('reading…'), { timeoutMs: 60_000 })
}

/** Undoes the last confirmed change by a new one, and confirms that; from the panes. `staged` is what its screen has to show. */
export async function undoLast(on: Terminal, staged: string | RegExp): Promise<void> {
  on.press('H')
  await on.waitFor(/✓ confirmed/)
  on.press('U')
  await on.waitFor('one transaction')
  await on.waitFor(staged)
  await applyStaged(on)
  await confirm(on)
}
