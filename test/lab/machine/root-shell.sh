# root-shell.sh TTY - runs on the machine: reads "NUMBER SCRIPT" a line, SCRIPT in base64, and answers
# "= NUMBER STATUS STDOUT STDERR", both in base64 (empty: "-"). One at a time, in order. Says "= ready BOOT-ID" first.
tty=$1
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
LC_ALL=C
export PATH HOME LC_ALL
work=/run/lab-root-shell
mkdir -p "$work"
stty -F "$tty" raw -echo
exec <>"$tty" >&0 2>/dev/null

read -r boot </proc/sys/kernel/random/boot_id
printf '\n= ready %s\n' "$boot"

encoded() { if [ -s "$1" ]; then base64 -w 0 "$1"; else printf -; fi; }

while read -r number script; do
  printf '%s' "$script" | base64 -d >"$work/script" || continue
  sh "$work/script" </dev/null >"$work/out" 2>"$work/err"
  status=$?
  printf '= %s %s %s %s\n' "$number" "$status" "$(encoded "$work/out")" "$(encoded "$work/err")"
done
