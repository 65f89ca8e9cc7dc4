# shellcheck disable=SC2154 # b and parts (part.sh, file-part.sh) are assigned in front of this text
# The head of the batch: what the probes find set, and the marks around every frame.
exec 2>/dev/null
cd /
login_user=$HARDTUI_USER
set -f
# shellcheck disable=SC2086 # four words: client address and port, server address and port
set -- $HARDTUI_CONNECTION
set +f
client_address=$1 client_port=$2 server_address=$3 server_port=$4
export login_user client_address client_port server_address server_port

begin() { printf '\n%s begin %s\n' "$b" "$1"; }
end() { printf '\n%s end %s %s\n' "$b" "$1" "$2"; }

# KILL, for it reaches what the probe started as well: nothing of it may print into the next frame.
limit=
timeout -s KILL 5 true && limit='timeout -s KILL'
probe() {
  begin "probe:$1"
  # shellcheck disable=SC2086 # two words and a number, or nothing
  HARDTUI_BOUNDARY=$b ${limit:+$limit "$2"} sh -c "$parts$3" </dev/null
  end "probe:$1" "$?"
}
