#!/bin/sh
# timeout(1) makes a process group of its own, out of which nothing can be found again once its session ends; here all
# of a session's processes stay in its group, so that stopping the server stops them.
real=$(PATH=${PATH#*:}; command -v timeout)
if [ -n "$real" ] && "$real" --foreground 1 true 2>/dev/null; then exec "$real" --foreground "$@"; fi
exec "$HARDTUI_ROOT/bin/tool" timeout "$@"
