import type { ChangePlan } from '../../services/model/plan.ts'
import { say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'

const PROGRAMS = { v4: 'iptables-restore', v6: 'ip6tables-restore' } as const

/** The plan as a script that a person can read and run at the machine's console. It has no timer of its own. */
export function scriptOf(plan: ChangePlan): string {
  const steps = plan.steps.map(
    (step) => `${PROGRAMS[step.family]} --noflush -w 5 <<'HARDTUI_RULES'\n${step.delta}HARDTUI_RULES\n`,
  )
  return [
    '#!/bin/sh',
    '# Changes staged in hardtui. Run as root. Nothing rolls this back: keep a second way in at hand.',
    'set -eu',
    '',
    ...steps,
  ].join('\n')
}

/** w: writes what is staged as a script on this machine. */
export async function writeScript(kit: Kit): Promise<void> {
  const plan = kit.lists.plan(kit.get())
  if (!plan || !kit.deps.saveScript) return
  const saved = await kit.deps.saveScript(scriptOf(plan))
  if (saved.ok) kit.tell('good', say`Written to ${saved.value}.`)
  else kit.tell('bad', say`The script was not written: ${saved.error}`)
}
