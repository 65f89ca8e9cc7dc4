#!/bin/sh
# Stands in for journalctl(1): the journal, where this server has one, is a file of JSON objects, one a line. -n and -f
# are understood; matches and --output-fields are not needed, for it holds what sshd and logger write here.
journal=$HARDTUI_ROOT/var/log/journal.json
count=all follow=
while [ $# -gt 0 ]; do
  case $1 in
  --help) echo '     --output-fields=LIST    Select fields to print in verbose/export/json modes'; exit 0 ;;
  -n) count=$2; shift ;;
  --lines=*) count=${1#*=} ;;
  -f | --follow) follow=yes ;;
  -o) shift ;;
  esac
  shift
done
[ -e "$journal" ] || { echo 'No journal files were found.' >&2; exit 1; }
if [ -n "$follow" ]; then exec tail -n "${count#all}" -f "$journal"; fi
if [ "$count" = all ]; then exec cat "$journal"; fi
exec tail -n "$count" "$journal"
