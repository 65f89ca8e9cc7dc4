#!/bin/sh
# Stands in for sshd(8): -T prints the effective settings (the first value of a keyword wins, then the default), -t
# only looks for keywords it does not know, -ddd says which lines count, -V prints the version. Match blocks and Include
# are not understood. Other files may be mounted over its own (mount.sh).
etc=$HARDTUI_ROOT/etc/ssh
kernel=${HARDTUI_KERNEL:-$HARDTUI_ROOT/kernel}
[ ! -e "$kernel/ssh" ] || etc=$kernel/ssh
file=$etc/sshd_config
mode=
debug=
while [ $# -gt 0 ]; do
  case $1 in
  -V) echo 'OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024' >&2; exit 0 ;;
  -f) file=$2; shift ;;
  -C) shift ;;
  -T | -t) mode=$1 ;;
  -ddd) debug=yes ;;
  -*)
    echo "unknown option -- ${1#-}" >&2
    echo 'OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024' >&2
    exit 1
    ;;
  esac
  shift
done
[ -r "$file" ] || { echo "$file: No such file or directory" >&2; exit 1; }
[ -n "$mode" ] || exit 0
[ -z "$debug" ] || awk '
  BEGIN { print "debug2: load_server_config: filename /etc/ssh/sshd_config" }
  NF && !/^[ \t]*#/ { line = $0; sub(/^[ \t]+/, "", line); print "debug3: /etc/ssh/sshd_config:" FNR " setting " line }
  END { print "debug2: parse_server_config_depth: config reprocess config len 1" }' "$file" >&2
awk -v mode="$mode" -v file="$file" '
  FNR == NR { order[++n] = $1; key = $1; $1 = ""; default_value[key] = substr($0, 2); next }
  /^[ \t]*(#|$)/ { next }
  {
    key = tolower($1)
    $1 = ""
    if (!(key in default_value)) {
      printf "%s: line %d: Bad configuration option: %s\n", file, FNR, key > "/dev/stderr"
      bad++
    } else if (!(key in set_value)) set_value[key] = substr($0, 2)
    else if (key == "port") set_value[key] = set_value[key] "\n" key " " substr($0, 2)
  }
  END {
    if (bad) { printf "%s: terminating, %d bad configuration options\n", file, bad > "/dev/stderr"; exit 255 }
    if (mode == "-T") for (i = 1; i <= n; i++) {
      key = order[i]
      value = (key in set_value) ? set_value[key] : default_value[key]
      if (value != "-") print key " " value
    }
  }' "$etc/defaults" "$file"
