# shellcheck disable=SC2154 # b and script are assigned in front of this text
# Runs $script until it ends, our stdin ends, or no heartbeat came for a while. $b is the boundary of our frames.
printf '\n%s begin log\n' "$b"

# The boundary must not be seen in a process list, so it travels in the environment and is taken out of it.
HARDTUI_MARK=$b
export HARDTUI_MARK
group=
command -v setsid >/dev/null 2>&1 && group=setsid
# shellcheck disable=SC2016 # the inner shell expands it
$group sh -c 'mark=$HARDTUI_MARK; unset HARDTUI_MARK; sh -c "$1"; printf "\n%s end log %s\n" "$mark" "$?"' \
  hardtui-follow "$script" </dev/null 2>/dev/null &
followed=$!
[ -z "$group" ] || followed=-$followed

stop() { kill -TERM -- "$followed" 2>/dev/null || kill -TERM "$followed" 2>/dev/null; }
guard=
beat() {
  [ -z "$guard" ] || kill "$guard" 2>/dev/null
  (
    sleep 45 &
    sleeper=$!
    trap 'kill "$sleeper"; exit' TERM
    wait "$sleeper"
    stop
    kill "$$"
  ) </dev/null >/dev/null 2>&1 &
  guard=$!
}

beat
# shellcheck disable=SC2034 # only that a line came counts
while IFS= read -r line; do beat; done
stop
kill "$guard" 2>/dev/null
exit 0
