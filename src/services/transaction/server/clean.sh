# The guard starts itself anew with an environment of its own. Whoever calls it (sudo without secure_path, su, cron, at)
# may leave it a login's, where ENV, LD_*, TZ and the options of many a tool are that login's. That it has been done is
# told by its process's number, which stays, and which no environment of a caller's can know.
if [ "${HARDTUI_CLEAN:-}" != $$ ] && [ -f "$0" ] && command -v env >/dev/null 2>&1; then
  shell=$ROOT/bin/sh
  [ -x "$shell" ] || shell=/bin/sh
  # sshd's own word on a plain shell's login is asked for once (see first_words).
  exec env -i HARDTUI_CLEAN=$$ HARDTUI_ROOT="$ROOT" PATH="$PATH" LC_ALL=C HOME=/ \
    SSH_CONNECTION="${SSH_CONNECTION:-}" "$shell" "$0" "$@"
fi
unset HARDTUI_CLEAN
