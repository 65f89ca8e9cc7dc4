# shellcheck shell=sh
# Prints how services that strangers talk to are set up, and how old what watches over files is.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }

# By its own reading of its files, with the names of other settings in them filled in (postconf(1)).
part postfix
if has postconf && [ -e "$root/etc/postfix/main.cf" ]; then
  timeout 10 postconf -x mynetworks inet_interfaces smtpd_relay_restrictions smtpd_recipient_restrictions 2>/dev/null &&
    timeout 10 postconf -P 2>/dev/null | grep -E '/(mynetworks|smtpd_[a-z]+_restrictions) =' | sed 's/^/service /'
  echo end
fi

part vsftpd
for file in "$root/etc/vsftpd.conf" "$root/etc/vsftpd/vsftpd.conf"; do
  if [ -r "$file" ]; then grep -n -H -E '^(anonymous_enable|ssl_enable|force_local_logins_ssl|local_enable)=' "$file" /dev/null; fi
  [ ! -e "$file" ] || [ -r "$file" ] || echo unread
done
! has vsftpd || echo installed
echo end

# WORD SECONDS PATH: when a file was last written.
part ages
echo "now $(date +%s)"
stat -c 'aide %Y %n' "$root"/var/lib/aide/aide.db* 2>/dev/null
stat -c 'clamav %Y %n' "$root"/var/lib/clamav/daily.c[vl]d "$root"/var/lib/clamav/main.c[vl]d 2>/dev/null
for database in "$root"/var/lib/tripwire/*.twd; do
  [ ! -e "$database" ] || stat -c 'database %Y %n' "$database" 2>/dev/null
done
for report in "$root"/var/lib/tripwire/report/*.twr; do
  [ ! -e "$report" ] || stat -c 'report %Y %n' "$root"/var/lib/tripwire/report/*.twr 2>/dev/null | sort -k 2,2n | tail -n 1
  break
done
! has tripwire || echo "has tripwire"
for folder in tripwire tripwire/report; do
  if [ -d "$root/var/lib/$folder" ] && { [ ! -r "$root/var/lib/$folder" ] || [ ! -x "$root/var/lib/$folder" ]; }; then echo "closed tripwire"; fi
done
for job in "$root"/etc/cron.daily/*tripwire* "$root"/etc/cron.weekly/*tripwire* "$root"/etc/cron.d/*tripwire* \
  "$root"/etc/systemd/system/timers.target.wants/*tripwire*.timer; do
  [ ! -e "$job" ] || echo "watches ${job#"$root"}"
done
! has aide || echo "has aide"
! has freshclam || echo "has freshclam"
! has clamscan || echo "has clamscan"
[ -r "$root/var/lib/aide" ] || [ ! -d "$root/var/lib/aide" ] || echo "closed aide"
for job in "$root"/etc/cron.daily/*aide* "$root"/etc/cron.d/*aide* "$root"/etc/systemd/system/timers.target.wants/*aide*.timer; do
  [ ! -e "$job" ] || echo "job ${job#"$root"}"
done
for comm in "$root"/proc/[0-9]*/comm; do
  { read -r name <"$comm"; } 2>/dev/null || continue
  case $name in clamd | freshclam) echo "process $name" ;; esac
done
echo end
