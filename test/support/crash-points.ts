// The server-side scripts, cut off at any of their steps: before every command that changes something, a copy of the
// script looks for a flag and kills itself without a chance to clean up, once.

const FLAG = '/run/hardtui-crash'
/** Programs and functions whose doing changes what the server or the transaction is; a crash is tried before each. */
const WORDS =
  `become|durable|mv|rm|rmdir|mkdir|mkdir_public|cp|ln|chmod|touch|log|archive|remove_boot_guard|stop_triggers|
  restore|kill_job|end_job|start_job|put_back|checkpoint|rehearse|await_drill|start_watch|take_lock|unpack|lock_within|
  make_spare|drop_spare|renew_spare|start_standby|to_history|note_kept|keep_docker|lock_accounts|unlock_accounts|rewrite|
  end_processes|begin_account|tell_usermod|merge_keys|run_unit|boot_unit|unlocked|end_meeting|keep_foreign`.replaceAll(
    /\s/g,
    '',
  )
/** What functions that change something begin with. */
const PREFIXES = 'install|write|prove|set|each|apply|part|prune|forget|restore|put_back|checkpoint|drop|start_as'
/**
 * One of them as the first of its line: behind what may stand before a command, as a word of its own, with its words behind
 * it; or text that goes into a file.
 */
const CHANGES = new RegExp(
  String.raw`^\s+(?:if |! |\{ )*(?:(?:said=\$\()?(?:${WORDS})(?![\w(])|"?(?:${PREFIXES})_[\w$]+(?!\()|(?:echo|printf|date) .*>|: >)`,
)
/** The main part of arm.sh stands at the margin. */
const STEPS =
  /^(?:preflight|take_lock|unpack|start_drill|each_\w+ \w+|checkpoint_sshd .*|reserve_room|run_checks|set_boot_guard|await_drill|start_watch|set_triggers|set_token|log .*|say .*)$/

/**
 * Kills the shell that asks for it, and all of the script that is above it: a step may be done in a shell of its own, which
 * would go on. Its argument is the script's number.
 */
const KILL =
  'pid=$PPID all=; while [ "$pid" -gt 1 ]; do all="$all $pid"; [ "$pid" != "$1" ] || break; pid=$(sed -n "s/^PPid:[^0-9]*//p" /proc/$pid/status); done; kill -9 $all'

export type CrashPoint = { readonly number: number; readonly within: string; readonly line: string }

/** A script with a crash point before each of its changing commands, and what those are. */
export function withCrashPoints(
  script: string,
  flag: string = FLAG,
): { readonly script: string; readonly points: readonly CrashPoint[] } {
  const points: CrashPoint[] = []
  const head = `crash() { [ ! -e ${flag}.$1 ] || { rm -f ${flag}.$1; sh -c '${KILL}' crash $$; }; }`
  let within = ''
  let quoted = false
  let hereDocument: string | null = null
  let continued = false
  const lines = script.split('\n').flatMap((line) => {
    const plain = !quoted && hereDocument === null && !continued
    if (plain) within = /^(\w+)\(\) [{(]/.exec(line)?.[1] ?? (line.startsWith('}') ? '' : within)
    const marks = plain && ((within !== '' && CHANGES.test(line)) || (within === '' && STEPS.test(line)))
    if (hereDocument !== null) {
      if (line === hereDocument) hereDocument = null
    } else if (!/^\s*#/.test(line)) {
      if (quotesIn(line) % 2 === 1) quoted = !quoted
      hereDocument = quoted ? null : (/<<'?([A-Z]+)'?/.exec(line)?.[1] ?? null)
      continued = /(?:\\|&&|\|\||\|)$/.test(line)
    }
    if (!marks) return [line]
    points.push({ number: points.length, within: within || 'main', line: line.trim() })
    return [`crash ${points.length - 1}`, line]
  })
  return { script: [head, ...lines].join('\n'), points }
}

const quotesIn = (line: string): number => line.replace(/"(?:[^"\\]|\\.)*"/g, '').split("'").length - 1

/** Shell that makes the script crash at that point the next time it gets there. */
export const crashAt = (point: CrashPoint): string => `: > ${FLAG}.${point.number}`
/** Shell that says whether it did. */
export const hasCrashed = (point: CrashPoint): string => `test ! -e ${FLAG}.${point.number}`
export const forgetCrashes = `rm -f ${FLAG}.*`
