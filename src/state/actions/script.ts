import { PROGRAMS } from '../../services/model/firewall.ts'
import { feeding, feedingFile, plainWord } from '../../services/model/here-document.ts'
import type { ChangePlan } from '../../services/model/plan.ts'
import { say } from '../../services/model/safe.ts'
import type { FileStep, Step, UnitStep } from '../../services/model/step.ts'
import { accountScript } from '../../services/steps/account-step.ts'
import type { Kit } from '../kit.ts'

const END = 'HARDTUI_END'

/** A command with text on its standard input; its last line is ended. */
const fed = (command: string, text: string): string =>
  feeding(
    command,
    text
      .replace(/\n$/, '')
      .split('\n')
      .slice(text === '' ? 1 : 0),
    END,
  )

const fileCommands = ({ path, text, was }: FileStep): string => {
  if (text === null) return `rm -f -- ${plainWord(path)}\n`
  const folder = path.replace(/\/[^/]*$/, '')
  return `${was === null && folder !== '' ? `mkdir -p -- ${plainWord(folder)}\n` : ''}${feedingFile(`cat > ${plainWord(path)}`, text, END)}`
}

const unitCommands = ({ unit, run, boot }: UnitStep): string =>
  [boot, run].map((verb) => (verb ? `systemctl ${verb} ${plainWord(unit)}\n` : '')).join('')

function commandsOf(step: Step): string {
  if (step.kind === 'rules') return fed(`${PROGRAMS[step.family]}-restore --noflush -w 5`, step.delta)
  if (step.kind === 'account') return accountScript(step.change)
  return step.kind === 'file' ? fileCommands(step) : unitCommands(step)
}

/** sshd is named ssh on some systems; a file it would choke on stops the script before it is told to read it. */
const sshdCommands = (verb: NonNullable<ChangePlan['sshd']>): string =>
  `"$(command -v sshd || echo /usr/sbin/sshd)" -t\nsystemctl ${verb} ssh.service || systemctl ${verb} sshd.service\n`

/** The plan as a script that a person can read and run at the machine's console. It has no timer of its own. */
export function scriptOf(plan: ChangePlan): string {
  // In the order in which the console applies them: rules, files, sshd, units.
  const others = plan.steps.filter((step) => step.kind !== 'unit')
  const units = plan.steps.filter((step) => step.kind === 'unit')
  return [
    '#!/bin/sh',
    '# Changes staged in hardtui. Run as root. Nothing rolls this back: keep a second way in at hand.',
    'set -eu',
    '',
    ...others.map(commandsOf),
    ...(plan.sshd ? [sshdCommands(plan.sshd)] : []),
    ...units.map(commandsOf),
  ].join('\n')
}

/** w: writes what is staged as a script on this machine. */
export async function writeScript(kit: Kit): Promise<void> {
  const plan = kit.lists.plan(kit.get())
  if (!plan || !kit.deps.saveScript) return
  const saved = await kit.deps.saveScript(scriptOf(plan), 'changes')
  if (saved.ok) kit.tell('good', say`Written to ${saved.value}.`)
  else kit.tell('bad', say`The script was not written: ${saved.error}`)
}
