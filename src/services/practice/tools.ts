import { join } from 'node:path'
import { quote } from '../model/shell.ts'
import program from './tool.ts?bundle'
import accounts from './tools/accounts.sh'
import df from './tools/df.sh'
import env from './tools/env.sh'
import flock from './tools/flock.sh'
import getent from './tools/getent.sh'
import id from './tools/id.sh'
import ip from './tools/ip.sh'
import journalctl from './tools/journalctl.sh'
import logger from './tools/logger.sh'
import mount from './tools/mount.sh'
import notHere from './tools/not-here.sh'
import nothing from './tools/nothing.sh'
import setpriv from './tools/setpriv.sh'
import sha256sum from './tools/sha256sum.sh'
import ss from './tools/ss.sh'
import sshd from './tools/sshd.sh'
import stat from './tools/stat.sh'
import sudo from './tools/sudo.sh'
import systemctl from './tools/systemctl.sh'
import timeout from './tools/timeout.sh'
import uname from './tools/uname.sh'
import unshare from './tools/unshare.sh'

/** Stand-ins that are sh scripts, by name. */
const SHELL_TOOLS: Readonly<Record<string, string>> = {
  bash: '#!/bin/sh\nexec /bin/sh "$@"\n',
  chgrp: nothing,
  // Whose a file is goes by where it stands (stat.sh).
  chown: nothing,
  chpasswd: accounts,
  df,
  env,
  flock,
  getent,
  gpasswd: notHere,
  groupadd: notHere,
  groupdel: notHere,
  groupmod: notHere,
  hostname: '#!/bin/sh\necho practice\n',
  id,
  ip,
  journalctl,
  logger,
  mount,
  passwd: notHere,
  setpriv,
  sha256sum,
  ss,
  sshd,
  stat,
  sudo,
  sync: nothing,
  systemctl,
  timeout,
  uname,
  unshare,
  useradd: accounts,
  userdel: accounts,
  usermod: accounts,
  visudo: sudo,
  wall: nothing,
}

/** Stand-ins that tool.ts plays, by name. */
const NODE_TOOLS = [
  'iptables',
  'iptables-save',
  'iptables-restore',
  'ip6tables',
  'ip6tables-save',
  'ip6tables-restore',
  'nft',
  'ssh-keygen',
  'systemd-run',
]

/** The files of the practice server's bin folder, all executable, by name. */
export function toolPrograms(root: string): Readonly<Record<string, string>> {
  const node = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(join(root, 'bin', 'tool.mjs'))}`
  return {
    ...SHELL_TOOLS,
    'tool.mjs': program,
    tool: `${node} "$@"\n`,
    ...Object.fromEntries(NODE_TOOLS.map((name) => [name, `${node} ${name} "$@"\n`])),
  }
}
