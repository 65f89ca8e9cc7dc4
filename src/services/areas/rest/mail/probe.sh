# shellcheck shell=sh
# Prints whom exim takes mail from for elsewhere: its lists as it reads them itself, its own answer to a stranger, and the
# lines of Debian's file that its configuration is made of.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }

exim=
for name in exim4 exim; do
  ! has "$name" || { exim=$name; break; }
done
part exim
if [ -n "$exim" ]; then
  echo "program $exim"
  timeout 5 "$exim" -bP +relay_from_hosts +relay_to_domains local_interfaces 2>/dev/null | head -c 20000 | sed 's/^/says /'
  file=$root/etc/exim4/update-exim4.conf.conf
  if [ -r "$file" ]; then grep -n -E '^dc_(eximconfig_configtype|relay_nets|relay_domains|local_interfaces)=' "$file" | sed "s|^|line ${file#"$root"}:|"; fi
fi
echo end

# exim -bh plays a session of that address as if one had come: names may be looked up, no mail is taken and nothing logged. The
# address is one of those that are nobody's (RFC 5737), and so are both names (RFC 2606).
part session
if [ -n "$exim" ]; then
  printf '%s\r\n' 'EHLO relay-test.invalid' 'MAIL FROM:<>' 'RCPT TO:<nobody@relay-test.invalid>' QUIT |
    timeout 15 "$exim" -bh 198.51.100.7 2>/dev/null | tr -d '\r' | grep -E '^[2-5][0-9][0-9][ -]' | head -n 60
fi
echo end
