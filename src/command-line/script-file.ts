import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail, ok, type Result } from '../services/model/errors.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'

/** Staged changes as commands, all rules, or what to open above the host. */
export type ScriptKind = 'changes' | 'rules' | 'upstream'

/** Writes a script to a new file of the working directory, for its owner only; never over one that is there. */
export async function saveScript(
  host: string,
  script: string,
  kind: ScriptKind = 'changes',
  now = new Date(),
): Promise<Result<Safe, Safe>> {
  const stamp = now.toISOString().slice(0, 19)
  const where = host.replace(/[^\w.-]+/g, '_')
  const name =
    kind === 'changes'
      ? `hardtui-${where}-${stamp.replace(/[-:]/g, '').replace('T', '-')}`
      : `${kind === 'rules' ? 'set_iptables' : 'above'}-${where}-${stamp.slice(0, 10)}`
  for (let copy = 1; ; copy++) {
    const end = kind === 'upstream' ? 'txt' : 'sh'
    const file = resolve(copy === 1 ? `${name}.${end}` : `${name}-${copy}.${end}`)
    try {
      await writeFile(file, script, { mode: kind === 'upstream' ? 0o600 : 0o700, flag: 'wx' })
      return ok(safe(file))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && copy < COPIES) continue
      return fail(say`The script could not be written: ${safe(error instanceof Error ? error.message : String(error))}`)
    }
  }
}

const COPIES = 1000
