# shellcheck shell=sh
# Prints how security updates come to this host: what is scheduled, whether a boot is due, and what is pending by apt's
# lists as they are. Nothing is fetched, and apt's caches are not written.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }

part tools
for tool in apt-get unattended-upgrade dnf yum; do
  ! has "$tool" || echo "$tool"
done
[ ! -x "$root/etc/cron.daily/apt-compat" ] || echo cron
[ ! -d "$root/run/systemd/system" ] || echo systemd
echo end

part apt-config
if has apt-config; then
  timeout 10 apt-config dump 2>/dev/null | grep -i -E '^(APT::Periodic|Unattended-Upgrade)::' | head -n 100
  echo end
fi

part dnf
for file in "$root/etc/dnf/automatic.conf" "$root/etc/dnf/dnf5-plugins/automatic.conf" "$root/etc/yum/yum-cron.conf"; do
  [ ! -r "$file" ] || grep -n -H -E '^[[:space:]]*(apply_updates|upgrade_type)[[:space:]]*=' "$file" | head -n 10
done
echo end

part timers
if [ -d "$root/run/systemd/system" ]; then
  timeout 10 systemctl show --no-pager -p Id -p LoadState -p ActiveState -p UnitFileState -p LastTriggerUSec \
    apt-daily.timer apt-daily-upgrade.timer dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer 2>/dev/null &&
    echo end
fi

# A list has the date of the archive's, and their folder that of the last change; what found nothing new leaves both.
part lists
date +%s
for list in "$root"/var/lib/apt/lists/*Release; do
  [ -e "$list" ] || break
  stat -c %Y "$root/var/lib/apt/lists" "$root/var/lib/apt/periodic/update-success-stamp" "$root"/var/lib/apt/lists/*Release 2>/dev/null
  break
done
echo end

part reboot
{ read -r running <"$root/proc/sys/kernel/osrelease" && echo "running $running"; } 2>/dev/null
for image in "$root"/boot/vmlinuz-*; do [ ! -f "$image" ] || echo "installed ${image##*/vmlinuz-}"; done
if [ -e "$root/run/reboot-required" ]; then
  echo required
  if [ -r "$root/run/reboot-required.pkgs" ]; then
    count=0
    while read -r package && [ "$count" -lt 50 ]; do
      echo "package $package"
      count=$((count + 1))
    done <"$root/run/reboot-required.pkgs"
  fi
fi
echo end

# Last, as it is slow.
part pending
if has apt-get; then
  if said=$(timeout 30 apt-get -s -q -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= dist-upgrade 2>&1); then
    printf '%s\n' "$said" | grep '^Inst ' | head -n 500
    echo end
  else
    printf 'failed %s\n' "$said" | tail -n 1
  fi
fi
