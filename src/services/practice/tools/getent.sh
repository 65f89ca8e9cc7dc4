#!/bin/sh
# Stands in for getent(1): passwd, group and shadow of the practice server's own files, all of one or by name or number.
database=$1
file=$HARDTUI_ROOT/etc/$database
shift
case $database in passwd | group | shadow | gshadow) ;; *) exit 1 ;; esac
[ "${HARDTUI_AS:-0}" = 0 ] || case $database in *shadow) exit 2 ;; esac
[ $# -gt 0 ] || exec cat "$file"
for key; do
  key=$key awk -F: '$1 == ENVIRON["key"] || (FILENAME !~ /shadow$/ && $3 == ENVIRON["key"]) { print; found = 1; exit } END { exit found ? 0 : 2 }' "$file" || exit
done
