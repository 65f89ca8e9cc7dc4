import { type Safe, say } from '../../model/safe.ts'
import type { Unit } from '../../model/units.ts'
import { baseName } from './needless.ts'

/** What the operator's way in and the rollback rest on, by unit or script name without its suffix. */
const PROTECTED: readonly (readonly [names: RegExp, why: Safe])[] = [
  [/^(?:ssh|sshd|ssh@.*|sshd@.*|dropbear|openssh)$/, say`it is the way in`],
  [/^hardtui/, say`the rollback stands on it`],
  [
    /^(?:networking|network|NetworkManager|NetworkManager-dispatcher|NetworkManager-wait-online|systemd-networkd.*|dhcpcd.*|dhclient.*|wicked.*|ifup@.*|ifplugd|netplan.*|connman|network-manager|wg-quick@.*|openvpn.*|strongswan.*|tailscaled)$/,
    say`the network may be gone with it`,
  ],
  [
    /^(?:systemd-resolved|resolvconf|dnsmasq|unbound|nscd|sssd.*|nslcd)$/,
    say`names or accounts may no longer be found without it`,
  ],
  [/^(?:cron|crond|anacron|atd|at)$/, say`it is one of the rollback's triggers`],
  [
    /^(?:rsyslog|syslog|syslog-ng|busybox-syslogd|systemd-journald.*|auditd|klogd)$/,
    say`logins would no longer be logged, and nobody would see who comes in`,
  ],
  [
    /^(?:dbus|dbus-broker|systemd-logind|systemd-udevd.*|udev|eudev|elogind|polkit|polkitd|user@.*|user-runtime-dir@.*|initrd-.*|systemd-.*|getty@.*|serial-getty@.*|console-getty|console-setup|keyboard-setup.*|kmod|mount.*|umount.*|checkfs.*|checkroot.*|hostname.*|hwclock.*|procps|random.*|urandom|bootmisc.*|rc|rcS|sudo|lvm2.*|mdadm.*|multipath.*|cryptdisks.*|apparmor|dracut-.*|plymouth.*|cloud-.*|qemu-guest-agent|open-vm-tools|hv-.*|walinuxagent|google-guest-agent|amazon-ssm-agent)$/,
    say`the system itself rests on it`,
  ],
  [
    /^(?:netfilter-persistent|iptables.*|ip6tables.*|nftables|firewalld|ufw|shorewall.*|ferm|fail2ban|sshguard|crowdsec.*)$/,
    say`it keeps strangers out: its own pane changes what it does`,
  ],
]

/** Why a unit is never stopped or disabled from here; null where it may be. Half a sentence. */
export const whyProtected = (unit: Pick<Unit, 'name'>): Safe | null =>
  PROTECTED.find(([names]) => names.test(baseName(unit)))?.[1] ?? null
