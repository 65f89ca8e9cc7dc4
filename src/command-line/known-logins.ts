import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fail, ok, type Result } from '../services/model/errors.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'

/** The logins of one server that the operator has said he knows, on this machine, for his eyes only. */
export type KnownLogins = {
  /** Their ids; none where nothing was ever said. The error says why the file can't be read. */
  readonly read: () => Promise<Result<readonly string[], Safe>>
  /** Says of one that it is known, or no longer; what another console wrote meanwhile stays. */
  readonly change: (id: string, isKnown: boolean) => Promise<Result<readonly string[], Safe>>
}

type Stored = { readonly version: 1; readonly host: string; readonly logins: readonly (readonly string[])[] }

/** `$XDG_STATE_HOME/hardtui`, or ~/.local/state/hardtui (XDG Base Directory Specification). */
const stateFolder = (env: Readonly<Record<string, string | undefined>>): string =>
  join(env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(homedir(), '.local/state'), 'hardtui')

/** What is kept of a server, known by the name that it was dialled by. */
export function knownLogins(
  host: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): KnownLogins {
  const file = join(stateFolder(env), `known-logins-${host.replaceAll(/[^\w.-]+/g, '_')}.json`)
  const failed = (what: Safe, error: unknown): Result<never, Safe> =>
    fail(say`${safe(file)} ${what}: ${safe(error instanceof Error ? error.message : String(error))}`)

  async function read(): Promise<Result<readonly string[], Safe>> {
    try {
      return ok(idsOf(await readFile(file, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok([])
      return failed(say`can't be read`, error)
    }
  }
  return {
    read,
    change: async (id, isKnown) => {
      const before = await read()
      // What can't be read is somebody's work all the same: it is not written over.
      if (!before.ok) return before
      const ids = [...before.value.filter((one) => one !== id), ...(isKnown ? [id] : [])]
      const stored: Stored = { version: 1, host, logins: ids.map((one) => one.split('\0')) }
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        const next = `${file}.${process.pid}`
        await writeFile(next, `${JSON.stringify(stored, null, 1)}\n`, { mode: 0o600 })
        await chmod(next, 0o600)
        await rename(next, file)
        return ok(ids)
      } catch (error) {
        return failed(say`can't be written`, error)
      }
    },
  }
}

function idsOf(text: string): readonly string[] {
  const stored = JSON.parse(text) as Partial<Stored>
  if (stored.version !== 1 || !Array.isArray(stored.logins))
    throw new Error('it is of another version, or no such file')
  return stored.logins.map((fields) => fields.map(String).join('\0'))
}
