import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail, ok, type Result } from '../services/model/errors.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'

/** Writes commands to a new file of the working directory, for its owner only; never over one that is there. */
export async function saveScript(host: string, script: string, now = new Date()): Promise<Result<Safe, Safe>> {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const file = resolve(`hardtui-${host.replace(/[^\w.-]+/g, '_')}-${stamp}.sh`)
  try {
    await writeFile(file, script, { mode: 0o700, flag: 'wx' })
    return ok(safe(file))
  } catch (error) {
    return fail(say`The script could not be written: ${safe(error instanceof Error ? error.message : String(error))}`)
  }
}
