import { SYSCTL } from './sysctl.ts'

/** What the practice server is like when it starts: a small web server that nobody has hardened, as files by path. */
export const WORLD: Readonly<Record<string, string>> = {
  ...SYSCTL,
  'kernel/v4.rules': `*filter
:INPUT ACCEPT [184223:20113820]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [912034:1830192837]
:f2b-sshd - [0:0]
[48211:2903112] -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
[98112:5886720] -A INPUT -i lo -j ACCEPT
[1204551:903122019] -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[8122:682248] -A INPUT -p icmp -j ACCEPT
[31877:1912620] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
[220981:13258860] -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
[640112:38406720] -A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
[12:720] -A INPUT -p tcp -m tcp --dport 3306 -m comment --comment "database for the old shop" -j ACCEPT
[0:0] -A INPUT -s 192.0.2.66/32 -j DROP
[402:24120] -A f2b-sshd -s 192.0.2.7/32 -j REJECT --reject-with icmp-port-unreachable
[211:12660] -A f2b-sshd -s 203.0.113.77/32 -j REJECT --reject-with icmp-port-unreachable
[97:5820] -A f2b-sshd -s 192.0.2.180/32 -j REJECT --reject-with icmp-port-unreachable
[47501:2860512] -A f2b-sshd -j RETURN
COMMIT
`,
  'kernel/v6.rules': `*filter
:INPUT ACCEPT [20113:1810170]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [19882:1789380]
COMMIT
`,
  'etc/ssh/sshd_config': `# What the provider's image came with
Include /etc/ssh/sshd_config.d/*.conf
Port 22
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
`,
  // Every keyword that the practice sshd knows, in the order of sshd -T, with what holds where no line sets it; -: nothing.
  'etc/ssh/defaults': `port 22
addressfamily any
listenaddress -
usepam no
logingracetime 120
x11displayoffset 10
maxauthtries 6
maxsessions 10
clientaliveinterval 0
clientalivecountmax 3
requiredrsasize 1024
permitrootlogin without-password
ignorerhosts yes
hostbasedauthentication no
pubkeyauthentication yes
gssapiauthentication no
passwordauthentication yes
kbdinteractiveauthentication yes
printmotd yes
x11forwarding no
permittty yes
strictmodes yes
tcpkeepalive yes
permitemptypasswords no
permituserenvironment no
gatewayports no
usedns no
allowtcpforwarding yes
allowagentforwarding yes
disableforwarding no
loglevel INFO
syslogfacility AUTH
authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2
acceptenv -
allowusers -
denyusers -
allowgroups -
denygroups -
authenticationmethods any
subsystem -
maxstartups 10:30:100
banner none
permittunnel no
ciphers chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com
macs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1
kexalgorithms curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256
hostkeyalgorithms ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256
pubkeyacceptedalgorithms ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256
casignaturealgorithms ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256
`,
  'etc/passwd': `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
mysql:x:110:117:MySQL Server:/var/lib/mysql:/bin/bash
shop:x:1000:1000:the old shop:/home/shop:/bin/bash
`,
  'etc/shadow': `root:$y$j9T$practice$practice:20000:0:99999:7:::
daemon:*:20000:0:99999:7:::
www-data:*:20000:0:99999:7:::
sshd:!:20000::::::
mysql:$6$practice$practice:20000:0:99999:7:::
shop:$1$practice$practice:15000:0:99999:7:::
`,
  'etc/gshadow': `root:*::
daemon:*::
sudo:*::
www-data:*::
mysql:!::
shop:!::
`,
  'etc/sudoers': `Defaults\tenv_reset
Defaults\tmail_badpass
root\tALL=(ALL:ALL) ALL
%sudo\tALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
`,
  'etc/group': `root:x:0:
daemon:x:1:
sudo:x:27:
www-data:x:33:
mysql:x:117:
shop:x:1000:
`,
  'usr/sbin/nologin': '#!/bin/sh\necho This account is currently not available.\nexit 1\n',
  'etc/shells': '/bin/sh\n/bin/bash\n',
  'etc/os-release': `PRETTY_NAME="Debian GNU/Linux 12 (practice)"
ID=debian
VERSION_ID="12"
`,
  // Who listens for SSH, as the guard finds him: the process and its program (LINKS); listeners.ts adds where.
  'proc/640/comm': 'sshd\n',
  'proc/640/status': 'Name:\tsshd\nUid:\t0\t0\t0\t0\n',
  'proc/640/cmdline': 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\0',
  'proc/640/cgroup': '0::/system.slice/ssh.service\n',
  // What makes a host load its rules at boot (netfilter-persistent(8)); the program itself is never run here.
  'usr/sbin/netfilter-persistent': '#!/bin/sh\nexit 0\n',
  'usr/share/netfilter-persistent/plugins.d/15-ip4tables': '#!/bin/sh\nexit 0\n',
  'systemd/units': [
    'avahi-daemon.service loaded active running enabled Avahi mDNS/DNS-SD Stack',
    'avahi-daemon.socket loaded active running enabled Avahi mDNS/DNS-SD Stack Activation Socket',
    'bluetooth.service loaded inactive dead disabled Bluetooth service',
    'cron.service loaded active running enabled Regular background program processing daemon',
    'cups.service loaded inactive dead enabled CUPS Scheduler',
    'dbus.service loaded active running static D-Bus System Message Bus',
    'exim4.service loaded active running enabled LSB: exim Mail Transport Agent',
    'fail2ban.service loaded active running enabled Fail2Ban Service',
    'mariadb.service loaded active running enabled MariaDB 10.11 database server',
    'ModemManager.service loaded active running enabled Modem Manager',
    'netfilter-persistent.service loaded active exited enabled netfilter persistent configuration',
    'nginx.service loaded active running enabled A high performance web server and a reverse proxy server',
    'php8.2-fpm.service loaded failed failed enabled The PHP 8.2 FastCGI Process Manager',
    'rpcbind.service loaded active running enabled RPC bind portmap service',
    'rpcbind.socket loaded active running enabled RPCbind Server Activation Socket',
    'rsyslog.service loaded active running enabled System Logging Service',
    'ssh.service loaded active running enabled OpenBSD Secure Shell server',
    'systemd-journald.service loaded active running static Journal Service',
    'systemd-logind.service loaded active running static User Login Management',
    'systemd-timesyncd.service loaded active running enabled Network Time Synchronization',
    'unattended-upgrades.service loaded active running enabled Unattended Upgrades Shutdown',
  ]
    .map((line) => `${line.split(' ').slice(0, 5).join('\t')}\t${line.split(' ').slice(5).join(' ')}\n`)
    .join(''),
  'systemd/listeners': [
    'avahi-daemon.service udp UNCONN 0 0 0.0.0.0:5353 0.0.0.0:* users:(("avahi-daemon",pid=512,fd=12))',
    'avahi-daemon.service udp UNCONN 0 0 [::]:5353 [::]:* users:(("avahi-daemon",pid=512,fd=13))',
    'exim4.service tcp LISTEN 0 20 0.0.0.0:25 0.0.0.0:* users:(("exim4",pid=905,fd=4))',
    'exim4.service tcp LISTEN 0 20 [::]:25 [::]:* users:(("exim4",pid=905,fd=5))',
    'mariadb.service tcp LISTEN 0 80 0.0.0.0:3306 0.0.0.0:* users:(("mariadbd",pid=733,fd=21))',
    'nginx.service tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=671,fd=6))',
    'nginx.service tcp LISTEN 0 511 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=671,fd=8))',
    'nginx.service tcp LISTEN 0 511 [::]:80 [::]:* users:(("nginx",pid=671,fd=7))',
    'rpcbind.service udp UNCONN 0 0 0.0.0.0:111 0.0.0.0:* users:(("rpcbind",pid=498,fd=5))',
    'rpcbind.service tcp LISTEN 0 4096 0.0.0.0:111 0.0.0.0:* users:(("rpcbind",pid=498,fd=4))',
    'systemd-timesyncd.service udp UNCONN 0 0 127.0.0.1:323 0.0.0.0:* users:(("systemd-timesyn",pid=455,fd=5))',
  ]
    .map((line) => `${line.replace(' ', '\t')}\n`)
    .join(''),
  'systemd/sockets': '/run/avahi-daemon/socket avahi-daemon.socket avahi-daemon.service\n',
}

/** Its symbolic links, by path. */
export const LINKS: Readonly<Record<string, string>> = {
  'proc/640/exe': '/usr/sbin/sshd',
  'bin/sh': '/bin/sh',
  'proc/640/ns/pid': 'pid:[1]',
  'proc/self/ns/pid': 'pid:[1]',
}
