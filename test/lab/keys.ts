// The lab's own key pair, and a home directory per server in which ssh and hardtui find all they need to know it.
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ADDRESSES, STATE_DIR, serverPath } from './paths.ts'
import { must } from './run.ts'

const KEY = join(STATE_DIR, 'key', 'id_ed25519')

/** Makes the ed25519 key pair that every user of every server accepts, once per machine; gives the private key's path. */
export async function ensureKey(): Promise<string> {
  if (existsSync(KEY)) return KEY
  await mkdir(STATE_DIR, { recursive: true })
  const draft = await mkdtemp(join(STATE_DIR, 'key.'))
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'hardtui lab', '-f', join(draft, 'id_ed25519')])
  // Of two that make one, the first wins: a directory can't be renamed over one that has something in it.
  await rename(draft, join(STATE_DIR, 'key')).catch(() => rm(draft, { recursive: true }))
  return KEY
}

/** The public host keys of a server from its trees, as "type base64": [ed25519, ecdsa, rsa]. */
export async function hostKeysOf(lower: readonly string[]): Promise<string[]> {
  const keys: string[] = []
  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    const file = lower.map((dir) => join(dir, `etc/ssh/ssh_host_${type}_key.pub`)).find(existsSync)
    if (file) keys.push((await readFile(file, 'utf8')).split(' ').slice(0, 2).join(' '))
  }
  return keys
}

// OpenSSH asks its askpass program for a password when there is no terminal.
const ASKPASS = '#!/bin/sh\nprintf "%s\\n" "$HARDTUI_LAB_PASSWORD"\n'

/** Lays out `home/` of a server: .ssh with known_hosts, the key and a config in which the server's name is an alias. */
export async function layHome(name: string, key: string, hostKeys: readonly string[]): Promise<void> {
  const ssh = serverPath(name, 'home', '.ssh')
  await mkdir(ssh, { recursive: true, mode: 0o700 })
  const { v4, v6 } = ADDRESSES.server
  // Also for another port, which known_hosts writes as [host]:port: tests move sshd to ports of their own.
  const names = `${v4},${v6},[${v4}]:*,[${v6}]:*`
  await writeFile(join(ssh, 'known_hosts'), hostKeys.map((hostKey) => `${names} ${hostKey}\n`).join(''))
  await copyFile(key, join(ssh, 'id_ed25519'))
  await copyFile(`${key}.pub`, join(ssh, 'id_ed25519.pub'))
  await chmod(join(ssh, 'id_ed25519'), 0o600)
  await writeFile(
    join(ssh, 'config'),
    `Host ${name}\n  HostName ${v4}\nHost *\n  IdentityFile ${ssh}/id_ed25519\n  UserKnownHostsFile ${ssh}/known_hosts\n`,
  )
  await writeFile(serverPath(name, 'home', 'askpass'), ASKPASS, { mode: 0o755 })
}
