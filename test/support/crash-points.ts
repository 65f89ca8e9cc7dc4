// The server-side scripts, cut off at any of their steps: before every command that changes something, a copy of the
// script looks for a flag and kills itself without a chance to clean up, once.

const FLAG = '/run/hardtui-crash'
/** Commands whose doing changes what the server or the transaction is; a crash is tried before each. */
const CHANGES =
  /^\s+(?:if )?(?:become|durable|mv|rm|mkdir|cp|ln|echo .*>|printf .*>|date .*>|: >|log|archive|remove_boot_guard|stop_triggers|restore|kill_job|install_|write_|start_job|put_back|checkpoint|prove_|rehearse|set_boot|await_drill|start_watch|set_triggers|set_token|take_lock|unpack|lock_within|each_|apply_|part_|prune_|make_spare|drop_spare|renew_spare|start_standby|to_history|note_kept|keep_docker|lock_accounts|unlock_accounts|rewrite|end_processes|set_|begin_account|tell_usermod|merge_keys|forget_|said=\$\(unlocked)\b/
/** The main part of arm.sh stands at the margin. */
const STEPS =
  /^(?:preflight|take_lock|unpack|start_drill|each_\w+ \w+|checkpoint_sshd .*|reserve_room|run_checks|set_boot_guard|await_drill|start_watch|set_triggers|set_token|log .*|say .*)$/

export type CrashPoint = { readonly number: number; readonly within: string; readonly line: string }

/** A script with a crash point before each of its changing commands, and what those are. */
export function withCrashPoints(
  script: string,
  flag: string = FLAG,
): { readonly script: string; readonly points: readonly CrashPoint[] } {
  const points: CrashPoint[] = []
  const head = `crash() { [ ! -e ${flag}.$1 ] || { rm -f ${flag}.$1; kill -9 $$; }; }`
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
