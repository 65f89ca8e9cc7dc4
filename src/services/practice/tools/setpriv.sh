#!/bin/sh
# Stands in for setpriv(1): --reuid makes somebody else of root, by what the other stand-ins know him by.
as=${HARDTUI_AS:-0}
while [ $# -gt 0 ]; do
  case $1 in
  --reuid=*) as=${1#*=} ;;
  --) shift; break ;;
  --*) ;;
  *) break ;;
  esac
  shift
done
case $as in *[!0-9]*) as=$(id -u "$as") || exit ;; esac
[ "${HARDTUI_AS:-0}" = 0 ] || [ "$as" = "$HARDTUI_AS" ] || { echo 'setpriv: setresuid failed: Operation not permitted' >&2; exit 127; }
unset HARDTUI_AS
[ "$as" = 0 ] || export HARDTUI_AS="$as"
exec "$@"
