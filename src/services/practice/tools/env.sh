#!/bin/sh
# env(1). Whoever is not root on the practice server is known by $HARDTUI_AS, as a process is by its user's number: an
# environment that is emptied takes nothing of that away.
real=$(PATH=${PATH#*:}; command -v env)
case ${1:-} in
-i) shift && exec "$real" -i ${HARDTUI_AS:+"HARDTUI_AS=$HARDTUI_AS"} "$@" ;;
esac
exec "$real" "$@"
