#!/bin/sh
# Stands in for logger(1): an entry of the journal with the fields journald would add, or a line of auth.log.
tag=root
while [ $# -gt 0 ]; do
  case $1 in
  -t) tag=$2; shift 2 ;;
  -p) shift 2 ;;
  --) shift; break ;;
  -*) shift ;;
  *) break ;;
  esac
done
words=$(printf '%s' "$*" | tr -d '\001-\037')
log=$HARDTUI_ROOT/var/log
if [ -e "$log/journal.json" ]; then
  json() { printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'; }
  printf '{"__REALTIME_TIMESTAMP":"%s000000","SYSLOG_IDENTIFIER":"%s","_COMM":"logger","_EXE":"/usr/bin/logger","_UID":"0","MESSAGE":"%s"}\n' \
    "$(date +%s)" "$(json "$tag")" "$(json "$words")" >>"$log/journal.json"
else
  printf '%s practice %s: %s\n' "$(date +%Y-%m-%dT%H:%M:%S%z)" "$tag" "$words" >>"$log/auth.log"
fi
