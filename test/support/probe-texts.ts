import { readFileSync } from 'node:fs'

/** What the probes of a server print, part by part; a test changes the parts it is about. */
export type ProbeTexts = {
  readonly sshd: Readonly<Record<string, string>>
  readonly accounts: Readonly<Record<string, string>>
  readonly firewall: Readonly<Record<string, string>>
  readonly sets: Readonly<Record<string, string>>
  readonly units: Readonly<Record<string, string>>
  readonly binds: Readonly<Record<string, string>>
  readonly inetd: Readonly<Record<string, string>>
  readonly securelog: Readonly<Record<string, string>>
  /** Absent: that probe printed nothing. */
  readonly tcpwrappers?: Readonly<Record<string, string>>
  readonly dns?: Readonly<Record<string, string>>
}

/** Parts as a probe prints them, each behind its mark. */
export const partsText = (parts: Readonly<Record<string, string>>): string =>
  Object.entries(parts)
    .map(([name, text]) => `\n@@${name}\n${text}\n`)
    .join('')

export const RULES_V4 = `*filter
:INPUT ACCEPT [12034:1804210]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [22031:9921034]
:f2b-sshd - [0:0]
[98321:7712000] -A INPUT -i lo -j ACCEPT
[1204412:812003410] -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[812:48720] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
[204:12240] -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
[0:0] -A INPUT -p tcp -m tcp --dport 3306 -m comment --comment "old database" -j DROP
[410:24600] -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
[31:1860] -A f2b-sshd -s 203.0.113.7/32 -j REJECT --reject-with icmp-port-unreachable
[379:22740] -A f2b-sshd -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
[12:720] -A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
`

const UNITS = `avahi-daemon.service loaded active running Avahi mDNS/DNS-SD Stack
broken.service loaded failed failed A unit that failed
cron.service loaded active running Regular background program processing daemon
nginx.service loaded active running A high performance web server and a reverse proxy server
rpcbind.service loaded active running RPC bind portmap service
ssh.service loaded active running OpenBSD Secure Shell server`

const UNIT_FILES = `avahi-daemon.service enabled enabled
cron.service enabled enabled
cups.service disabled enabled
nginx.service enabled enabled
rpcbind.service enabled enabled
ssh.service enabled enabled`

const LISTENERS = `udp UNCONN 0 0 0.0.0.0:5353 0.0.0.0:* users:(("avahi-daemon",pid=400,fd=12)) cgroup:/system.slice/avahi-daemon.service <->
tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=500,fd=3)) cgroup:/system.slice/ssh.service <->
tcp LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=500,fd=4)) cgroup:/system.slice/ssh.service <->
tcp LISTEN 0 128 0.0.0.0:111 0.0.0.0:* users:(("rpcbind",pid=410,fd=4)) cgroup:/system.slice/rpcbind.service <->
tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=600,fd=6)) cgroup:/system.slice/nginx.service <->
tcp LISTEN 0 511 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=600,fd=7)) cgroup:/system.slice/nginx.service <->`

/** Lines of auth.log as Debian 12 writes them. */
export const LOG_LINES = `2026-11-23T09:14:02.100000+00:00 web1 sshd[801]: Failed password for root from 203.0.113.7 port 40022 ssh2
2026-11-23T09:14:05.100000+00:00 web1 sshd[802]: Invalid user oracle from 203.0.113.7 port 40024
2026-11-23T09:14:20.100000+00:00 web1 sshd[804]: Accepted password for deploy from 192.0.2.99 port 40100 ssh2
2026-11-23T09:14:31.100000+00:00 web1 sshd[803]: Accepted publickey for ops from 198.51.100.20 port 50022 ssh2: ED25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
2026-11-23T09:14:40.100000+00:00 web1 sudo:      ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/bin/sh`

/** A Debian 12 web server with something to fix in every pane. */
export const someTexts = (): ProbeTexts => ({
  sshd: {
    path: '/usr/sbin/sshd',
    version: 'OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.14 4 Jun 2024',
    sockets: '',
    status: '0',
    settings: readFileSync(new URL('../fixtures/sshd/debian-12.txt', import.meta.url), 'utf8'),
  },
  accounts: {},
  sets: { status: 'absent' },
  firewall: {
    version: 'iptables v1.8.9 (nf_tables)',
    iptables: RULES_V4,
    'iptables-status': '0',
    ip6tables: '',
    'ip6tables-status': '0',
    managers: 'fail2ban',
    legacy: '',
    native: '',
    persistence: 'none',
  },
  units: { manager: 'systemd', units: UNITS, files: UNIT_FILES, sockets: '', 'listeners-ss': LISTENERS },
  binds: {},
  inetd: { entries: 'end' },
  securelog: { zone: '+0000', journal: 'absent', files: '', file: '/var/log/auth.log', lines: LOG_LINES },
})
