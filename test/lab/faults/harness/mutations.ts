// Guards that are broken on purpose: the harness has to notice every one of them.
import { createHash } from 'node:crypto'
import type { Command } from '../../../../src/services/model/command.ts'
import { armScript, guardScript } from '../../../../src/services/transaction/scripts.ts'
import type { Operator } from '../../operator.ts'
import type { Kind } from './kinds.ts'

export type Mutation = {
  readonly name: string
  readonly breaks: (script: string) => string
  /** Faults that show it, so that it need not be waited for by chance. */
  readonly faults: readonly string[]
  /** The only servers that have what it breaks. */
  readonly only?: Kind['flavour']
  /** What every change has to be about, by the first words of what a part needs for itself. */
  readonly about?: string
}

const body =
  (name: string, text: string) =>
  (script: string): string =>
    // A function defined again replaces the first; the last part of both scripts begins with its first command.
    script.replace(/\n(session=|preflight)\n/, (found) => `\n${name}() { ${text}; }${found}`)

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'no boot guard',
    breaks: body('install_boot_guard', 'echo none'),
    faults: ['a clean reboot', 'a power cut'],
  },
  { name: 'nothing reaches the disk', breaks: body('durable', ':'), faults: ['a power cut'] },
  {
    name: 'no lock',
    // Whoever arms takes the place of whoever has armed.
    breaks: body('take_lock', 'exec 9>"$DIR/lock"; flock -w 10 9; rm -rf "$CURRENT"; mkdir "$CURRENT"; mine=yes'),
    faults: ['another operator arms too'],
  },
  {
    name: 'no token',
    // The rename decides nothing: who comes second believes that he has won.
    breaks: body('become', '[ -e "$CURRENT/state.$2" ] || : >"$CURRENT/state.$2"; rm -f "$CURRENT/state.$1"; :'),
    faults: ['everybody triggers', 'somebody rolls back', 'nothing'],
  },
  {
    name: 'no watch',
    breaks: body('watch', 'while :; do uptime_cs > "$CURRENT/beat"; sleep 1; done'),
    faults: ['nothing', 'the line is cut'],
  },
  {
    name: 'no setsid',
    // Jobs belong to the login that started them, and end with it.
    breaks: (script) => script.replace(/\bsetsid sh -c/, 'sh -c'),
    faults: ['every login is killed'],
    only: 'sysvinit',
  },
  {
    name: 'no standby',
    breaks: body('start_standby', ':'),
    faults: ['all units of ours are stopped by name'],
  },
  {
    name: 'no spare',
    breaks: body('mend_current', ':'),
    faults: ['the pending change is removed', 'everything of ours is removed'],
  },
  { name: 'files stay', breaks: body('restore_files', ':'), faults: ['nothing', 'the line is cut'] },
  {
    name: 'settings stay',
    breaks: body('restore_sysctls', ':'),
    faults: ['nothing', 'the line is cut'],
    about: 'settings',
  },
  {
    name: 'named is told nothing',
    breaks: body('restore_units', ':'),
    faults: ['nothing', 'the line is cut'],
    about: 'named',
  },
]

/** Makes an operator send the broken scripts. */
export function breakFor(operator: Operator, mutation: Mutation | null): void {
  if (!mutation) return
  const host = operator.host as { exec: Operator['host']['exec'] }
  const exec = host.exec
  host.exec = (command, onLine) => exec(mutated(command, mutation), onLine)
}

/** The same command with the broken scripts in it. */
function mutated(command: Command, { breaks }: Mutation): Command {
  if (command.argv[2] !== armScript || command.stdin === undefined) return command
  const guard = breaks(guardScript)
  const lines = (text: string): number => text.split('\n').length - 1
  const sum = (text: string): string => createHash('sha256').update(text).digest('hex')
  return {
    ...command,
    argv: command.argv.map((word) =>
      word === armScript ? breaks(armScript) : word === sum(guardScript) ? sum(guard) : word,
    ),
    stdin: command.stdin.replace(
      `@@ guard.sh ${lines(guardScript)}\n${guardScript}`,
      () => `@@ guard.sh ${lines(guard)}\n${guard}`,
    ),
  }
}
