# Tries a delta (stdin) over the live rules in a scratch namespace and prints the touched chains as they would be.
# Arguments: family, then TABLE CHAIN pairs. Writes nothing, changes nothing.
family=$1
shift
touched=$(while [ $# -ge 2 ]; do printf '%s %s\n' "$1" "$2"; shift 2; done)
# Both streams of the scratch run come back here, so no temporary file is needed.
result=$({ "$(save_tool "$family")" -c && cat; } | in_scratch "$family" 2>&1)
status=$?
if [ "$status" -ne 0 ]; then
  printf '%s\n' "$result" | reason_of /dev/stdin >&2
  exit 92
fi
printf '%s\n' "$result" | chains_in "$touched"
