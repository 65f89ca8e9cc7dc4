# shellcheck shell=sh
# Prints whether AppArmor or SELinux confines programs, now and at the next boot, and whether the clock is kept right.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }
security=$root/sys/kernel/security

part mac
[ ! -d "$root/etc/apparmor.d" ] || echo "files apparmor"
[ ! -e "$root/etc/selinux/config" ] || echo "files selinux"
if [ -r "$security/lsm" ]; then
  read -r modules <"$security/lsm" || [ -n "$modules" ]
  echo "modules $modules"
fi
if [ -e "$root/sys/module/apparmor/parameters/enabled" ]; then
  read -r enabled <"$root/sys/module/apparmor/parameters/enabled"
  echo "apparmor $enabled"
fi
# Names of profiles may hold anything; the mode stands in brackets at the end.
if [ -r "$security/apparmor/profiles" ]; then
  sed -n 's/^.* (\([a-z]*\))$/profile \1/p' "$security/apparmor/profiles" | sort | uniq -c
  echo profiles
fi
if [ -r "$root/sys/fs/selinux/enforce" ]; then
  read -r enforce <"$root/sys/fs/selinux/enforce" || [ -n "$enforce" ]
  echo "enforce $enforce"
fi
[ ! -r "$root/etc/selinux/config" ] || grep -n -E '^[[:space:]]*SELINUX(TYPE)?=' "$root/etc/selinux/config" | sed 's/^/config /'
if [ -r "$root/proc/cmdline" ]; then
  read -r line <"$root/proc/cmdline" || [ -n "$line" ]
  set -f
  for word in $line; do
    case $word in apparmor=* | security=* | lsm=* | selinux=* | enforcing=*) echo "boot $word" ;; esac
  done
  set +f
fi
echo end

part clock
if [ -d "$root/run/systemd/system" ]; then
  ! has timedatectl || timeout 5 timedatectl show --property=NTPSynchronized 2>/dev/null
  timeout 5 systemctl show --no-pager -p Id -p LoadState -p ActiveState -p UnitFileState chrony.service chronyd.service \
    systemd-timesyncd.service ntp.service ntpd.service ntpsec.service openntpd.service 2>/dev/null && echo units
fi
for comm in "$root"/proc/[0-9]*/comm; do
  { read -r name <"$comm"; } 2>/dev/null || continue
  case $name in chronyd | ntpd | systemd-timesyn | openntpd) echo "process $name" ;; esac
done
if has chronyc; then timeout 5 chronyc -n -c tracking 2>/dev/null | sed 's/^/chrony /'; fi
echo end
