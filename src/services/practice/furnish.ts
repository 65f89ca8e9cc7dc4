import { execFile } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { toolPrograms } from './tools.ts'
import { LINKS, WORLD } from './world.ts'

/** Writes a file, with the folders above it. */
export async function put(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text, { mode })
}

/** Puts into `root` what the practice server consists of: its files and its tools. */
export async function furnish(root: string): Promise<void> {
  for (const folder of ['home', 'run/systemd/system', 'var/lib', 'systemd/transient', 'proc'])
    await mkdir(join(root, folder), { recursive: true })
  for (const [path, text] of Object.entries(WORLD))
    await put(join(root, path), text, path.startsWith('usr/sbin/') ? 0o755 : path === 'etc/shadow' ? 0o640 : 0o644)
  for (const [path, target] of Object.entries(LINKS)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await symlink(target, join(root, path))
  }
  for (const [path, text] of Object.entries(toolPrograms(root))) {
    await put(join(root, 'bin', path), text)
    await chmod(join(root, 'bin', path), 0o755)
  }
  await promisify(execFile)(join(root, 'bin', 'id')).catch(() => {
    throw new Error(`No program can be run in ${dirname(root)}: set TMPDIR to a folder where that is allowed.`)
  })
}
