// A server of a kind, made ready for runs, and made so again after each.
import { makeStranger } from '../../dns-asker.ts'
import { type Server, up } from '../../lab.ts'
import { FILES, UNITS, unitName } from './changes.ts'
import { FOREIGN, FOREIGN_CHAIN, readWorld, unlikeBefore, type World } from './judge.ts'
import { SAVE_SETTINGS } from './judge-areas.ts'
import { type Kind, restartOf, rulesOfKind, rulesOfKind6 } from './kinds.ts'
import { LAX_SETTINGS, NAMED_FILES, OPEN_RESOLVER, SETTINGS_FILE, ZONES } from './parts-of-areas.ts'
import { NO_PASSWORD, SERVICE } from './parts-of-logins.ts'

const LOAD = `
  iptables-nft-restore </root/base.v4; ip6tables-nft-restore </root/base.v6
  iptables-nft-save >/etc/iptables/rules.v4; ip6tables-nft-save >/etc/iptables/rules.v6`

/** What says who comes in; /home and what is in these folders is emptied before it is put back. */
const ACCOUNT_FILES = '/etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/subuid /etc/subgid'
const LOGIN_FOLDERS = '/home /root/.ssh /etc/sudoers.d /etc/ssh/sshd_config.d'

/** Accounts for findings to be mended. */
const FURNISH = `
  useradd -r -m -s /bin/bash ${SERVICE}; echo ${SERVICE}:shop-password | chpasswd
  useradd -m -s /bin/bash ${NO_PASSWORD}; passwd -q -d ${NO_PASSWORD}`

/** What a boot does about sysctl.d(5). */
const SET = `if [ -d /run/systemd/system ]; then /lib/systemd/systemd-sysctl; else sysctl --system; fi >/dev/null 2>&1`

/** BIND as an open resolver, and somebody who is no neighbour. */
async function resolve(server: Server): Promise<void> {
  await makeStranger(server)
  for (const [at, input] of [OPEN_RESOLVER, ZONES].entries()) await server.must(`cat >${NAMED_FILES[at]}`, { input })
  await server.must('systemctl restart named')
}

/** A server with rules that are loaded at boot, and a copy of all files that may be changed. */
export async function prepare(kind: Kind): Promise<{ server: Server; base: World }> {
  const { flavour, variant } = kind
  const packages = ['iptables-persistent', ...(kind.resolver ? ['bind9'] : [])]
  const server = await up({ flavour, variant, packages })
  await server.must('cat >/root/base.v4', { input: rulesOfKind(kind) })
  await server.must('cat >/root/base.v6', { input: rulesOfKind6(kind) })
  await server.must('mkdir -p /etc/sysctl.d; cat >/etc/sysctl.d/60-lax.conf', { input: LAX_SETTINGS })
  if (kind.settings.length > 0)
    await server.must(`cat >${SETTINGS_FILE}; chmod 640 ${SETTINGS_FILE}`, { input: `${kind.settings.join('\n')}\n` })
  if (kind.resolver) await resolve(server)
  const place = kind.sshd.map((line) => `${line}\\n`).join('')
  await server.must(
    `${LOAD}; chmod 640 /etc/motd; ${FURNISH}
     ${SET}
     ${place && `printf '${place}' | cat - /etc/ssh/sshd_config >/root/sshd_config; cat /root/sshd_config >/etc/ssh/sshd_config; ${restartOf(kind)}`}
     mkdir /root/base; cp -a --parents ${FILES.join(' ')} ${ACCOUNT_FILES} ${LOGIN_FOLDERS} /root/base 2>/dev/null
     for one in ${ACCOUNT_FILES}; do [ ! -e $one- ] || cp -a --parents $one- /root/base; done
     { ${SAVE_SETTINGS}; } >/root/base.settings; sync`,
  )
  for (const port of kind.ports) await server.waitForSshd({ port })
  return { server, base: await readWorld(server) }
}

/**
 * What no rollback takes along: records, crash points, backups, what a fault left of hardtui's own places, stopped
 * processes, another backend; fails where something else has to be mended.
 */
const tidy = ({ ports, variant }: Kind): string => `
  rm -rf /run/hardtui-crash* /etc/iptables/*.before-hardtui /var/lib/hardtui/history /run/hardtui/current /run/hardtui/ended.* /run/hardtui/history
  for one in iptables ip6tables; do
    [ "$(readlink /etc/alternatives/$one)" = /usr/sbin/$one-nft ] || update-alternatives --set $one /usr/sbin/$one-nft
  done
  pkill -CONT -f '^/bin/sh [^ ]*guard.sh '
  [ ! -d /run/systemd/system ] || for one in $(systemctl list-units --plain --no-legend 'hardtui-watch-*' | cut -d ' ' -f 1); do
    systemctl thaw $one; done
  pgrep -x rsyslogd >/dev/null && ! { iptables-save; ip6tables-save; } | grep -q -e ${FOREIGN} -e ${FOREIGN_CHAIN} &&
    ! systemctl is-active -q 'hardtui-sshd-*' 2>/dev/null && [ ! -e /etc/systemd/system/ssh.socket.d ] && [ ! -e /run/sshd-moved ]${variant === 'socket' ? ' && systemctl is-active -q ssh.socket' : ''} || exit 1
  for port in ${ports.join(' ')}; do ss -Hltn sport = :$port | grep -q . || exit 1; done`

/** As it was prepared; gives whether it is. */
export async function reset(server: Server, kind: Kind, base: World): Promise<boolean> {
  // Most runs end as they began; making it all anew is what takes longest.
  if ((await server.sh(tidy(kind))).status === 0 && unlikeBefore(base, await readWorld(server)).length === 0)
    return true
  const units = UNITS.map((unit) => unitName(server, unit))
  const enable =
    server.flavour === 'sysvinit'
      ? 'update-rc.d cron defaults; update-rc.d cron enable; service cron start; service rsyslog start'
      : `systemctl enable -q --now ${units.join(' ')} rsyslog`
  // Whoever listens in sshd's place, started by hand, keeps its port from it.
  const sshd =
    kind.variant === 'socket'
      ? `systemctl stop ssh.service; systemctl start ssh.socket`
      : `while pkill -f '[s]shd: .*listener'; do sleep 0.1; done`
  await server.sh(
    `iptables-nft -F; iptables-nft -X ${FOREIGN_CHAIN}; ${LOAD}
     rm -rf /run/sshd-moved /etc/systemd/system/ssh.socket.d ${FILES.filter((file) => file.includes('hardtui'))
       .map((file) => file.replace(/(hardtui-faults).*/, '$1'))
       .join(' ')}
     for one in ${ACCOUNT_FILES}; do rm -f $one- $one.lock; done
     for one in ${LOGIN_FOLDERS}; do find $one -mindepth 1 -delete; done
     cp -a /root/base/. /
     [ ! -d /run/systemd/system ] || systemctl stop 'hardtui-sshd-*'
     sh /root/base.settings${kind.resolver ? '; systemctl restart named' : ''}
     ${sshd}; ${restartOf(kind)}; ${enable}; sync`,
    { timeoutMs: 30_000 },
  )
  for (const port of kind.ports) await server.waitForSshd({ port })
  return unlikeBefore(base, await readWorld(server)).length === 0
}
