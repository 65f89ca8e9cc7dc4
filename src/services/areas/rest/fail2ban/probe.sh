# shellcheck shell=sh
# Prints what fail2ban does: which jails run, by its server; which ports each is for, by its files as it reads them itself
# (fail2ban-client -d); and where in the files that stands.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }

part status
if has fail2ban-client; then
  echo installed
  said=$(timeout 10 fail2ban-client status 2>&1)
  echo "status $?"
  printf '%s\n' "$said" | head -n 20
fi

# jail NAME; action JAIL NAME; port JAIL NAME PORTS
part jails
if has fail2ban-client; then
  timeout 15 fail2ban-client -d 2>/dev/null | sed -n \
    -e "s/^\['add', '\([^' ]*\)'.*/jail \1/p" \
    -e "s/^\['set', '\([^' ]*\)', 'addaction', '\([^' ]*\)'.*/action \1 \2/p" \
    -e "s/^\['multi-set', '\([^' ]*\)', 'action', '\([^' ]*\)'.*\['port', '\([^']*\)'\].*/port \1 \2 \3/p" \
    -e "s/^\['set', '\([^' ]*\)', 'action', '\([^' ]*\)', 'port', '\([^']*\)'.*/port \1 \2 \3/p" && echo end
fi

part lines
etc=$root/etc/fail2ban
for file in "$etc/jail.conf" "$etc"/jail.d/*.conf "$etc/jail.local" "$etc"/jail.d/*.local; do
  [ ! -f "$file" ] || grep -s -n -H -E '^(\[[^]]*\]|port[[:space:]]*=)' "$file" /dev/null
done
