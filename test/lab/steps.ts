// What an operator does with what is staged, key by key, on the console's screen.
import { until } from './run.ts'
import { KEYS, type Terminal } from './terminal.ts'

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
