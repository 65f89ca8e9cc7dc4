#!/bin/sh
# Stands in for usermod(8): -s SHELL, -L and -U, in the files of the practice server.
# shellcheck disable=SC2016 # awk's
etc=$HARDTUI_ROOT/etc
shell='' lock=''
while [ $# -gt 1 ]; do
  case $1 in
  -s) shell=$2 && shift ;;
  -L | -U) lock=$1 ;;
  *) echo "usermod: $1 is not known here" >&2; exit 2 ;;
  esac
  shift
done
grep -q "^$1:" "$etc/passwd" || { echo "usermod: user '$1' does not exist" >&2; exit 6; }
change() { # FILE NAME AWK-EXPRESSION
  awk -F : -v OFS=: -v name="$2" -v value="$shell" "\$1 == name { $3 } { print }" "$1" >"$1.new" && cat "$1.new" >"$1" && rm "$1.new"
}
[ -z "$shell" ] || change "$etc/passwd" "$1" '$7 = value'
case $lock in
-L) change "$etc/shadow" "$1" 'if ($2 !~ /^!/) $2 = "!" $2' ;;
-U) change "$etc/shadow" "$1" 'sub(/^!/, "", $2)' ;;
esac
