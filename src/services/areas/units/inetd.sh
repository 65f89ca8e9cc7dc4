# shellcheck shell=sh
# Prints what inetd(8) and xinetd(8) start when somebody comes, a line each by TAB: which of them, file, line, service,
# protocol, user, program. What is read otherwise than here, or not at all, is said after the word `odd`; `end` comes last.
root=${HARDTUI_ROOT:-}
part entries
tab=$(printf '\t')
odd() { printf 'odd%s%s\n' "$tab" "$1"; }
inetd() { # FILE
  [ -e "$1" ] || return 0
  awk -v path="${1#"$root"}" -v OFS='\t' '
    /^[ \t]*(#|$)/ { next }
    NF < 6 { next }
    found++ < 100 { print "inetd", path, NR, $1, $3, $5, $6 }
    END { if (found > 100) print "odd", path " has more entries than are read here" }' <"$1" 2>/dev/null ||
    odd "${1#"$root"} can't be read"
}
xinetd() { # FILE
  [ -f "$1" ] || return 0
  awk -v path="${1#"$root"}" -v OFS='\t' '
    function value(line) { sub(/^[^=]*=[ \t]*/, "", line); sub(/[ \t]+$/, "", line); return line }
    function first(words, list) { split(words, list, /[ \t]+/); return list[1] }
    /^[ \t]*(#|$)/ { next }
    $1 == "service" { name = $2; at = NR; off = 0; protocol = user = server = ""; next }
    $1 == "defaults" { name = ""; defaults = 1; next }
    /^[ \t]*}/ {
      if (name != "" && !off && found++ < 100) print "xinetd", path, at, name, protocol, user, (server == "" ? "internal" : server)
      name = ""; defaults = 0
      next
    }
    $1 ~ /^(enabled|disabled)$/ && defaults { print "odd", path " says in its defaults what is on" }
    $1 == "includedir" && $2 != "/etc/xinetd.d" { print "odd", path " includes another folder" }
    $1 == "include" { print "odd", path " includes another file" }
    name == "" { next }
    $1 ~ /^disable(=|$)/ { off = value($0) ~ /^yes/ }
    $1 ~ /^protocol(=|$)/ { protocol = first(value($0)) }
    $1 ~ /^socket_type(=|$)/ && protocol == "" { protocol = value($0) ~ /^dgram/ ? "udp" : "tcp" }
    $1 ~ /^user(=|$)/ { user = first(value($0)) }
    $1 ~ /^server(=|$)/ { server = first(value($0)) }
    END { if (name != "" || found > 100) print "odd", path " is not all understood" }' <"$1" 2>/dev/null ||
    odd "${1#"$root"} can't be read"
}
inetd "$root/etc/inetd.conf"
xinetd "$root/etc/xinetd.conf"
folder=$root/etc/xinetd.d
if [ -d "$folder" ] && { [ ! -r "$folder" ] || [ ! -x "$folder" ]; }; then odd "nobody but its owner may look into /etc/xinetd.d"; fi
looked=0
for file in "$folder"/*; do
  # As xinetd.conf(5) passes over them.
  case ${file##*/} in *.* | *~ | '*') continue ;; *[!A-Za-z0-9_@+-]*) odd "a file of /etc/xinetd.d has an odd name"; continue ;; esac
  looked=$((looked + 1))
  if [ "$looked" -gt 100 ]; then odd "/etc/xinetd.d has more files than are read here"; break; fi
  xinetd "$file"
done
echo end
