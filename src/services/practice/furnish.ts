import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { toolPrograms } from './tools.ts'
import { LINKS, WORLD } from './world.ts'

/** Writes a file, with the folders above it. */
export async function put(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text, { mode })
  // Whatever the umask of whoever practises is.
  await chmod(file, mode)
}

const FOLDERS = [
  'etc/ssh/sshd_config.d',
  'etc/sudoers.d',
  'home',
  'proc/net',
  'root',
  'run/systemd/system',
  'systemd/transient',
  'var/lib',
]
/** Files that not everybody may read, or that are programs. */
const MODES: Readonly<Record<string, number>> = {
  'etc/shadow': 0o640,
  'etc/gshadow': 0o640,
  'etc/sudoers': 0o440,
  'usr/sbin/nologin': 0o755,
  'usr/sbin/netfilter-persistent': 0o755,
}

/** Puts into `root` what the practice server consists of, its files and its tools, and has its sshd read its files. */
export async function furnish(root: string, env: Readonly<Record<string, string>>): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true })
  for (const [path, text] of Object.entries(WORLD)) await put(join(root, path), text, MODES[path])
  for (const [path, target] of Object.entries(LINKS)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await symlink(target, join(root, path))
  }
  for (const [path, text] of Object.entries(toolPrograms(root))) await put(join(root, 'bin', path), text, 0o755)
  for (const folder of await readdir(root, { recursive: true, withFileTypes: true }))
    if (folder.isDirectory()) await chmod(join(folder.parentPath, folder.name), 0o755)
  await promisify(execFile)(join(root, 'bin', 'systemctl'), ['start', 'ssh.service'], { env }).catch(() => {
    throw new Error(`No program can be run in ${dirname(root)}: set TMPDIR to a folder where that is allowed.`)
  })
}
