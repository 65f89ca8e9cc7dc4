# What the kernel runs with, where a transaction writes our file of sysctl.d(5): it is set right after the file was written,
# and put back right after the file was. save/sysctl has a line a setting, in the order of the file: PATH VALUE WAS, the
# path below /proc/sys.
SYSCTL_FILE=$ETC/sysctl.d/99-hardtui.conf

# The number at a path, in `content`. Not by read: a shell that takes a byte at a time gets only the first of these files.
take_sysctl() { content=$(cat "$PROC/sys/$1" 2>/dev/null); } # PATH

# PATH VALUE of each setting of the network in the planned file, once each; the first separator of a name tells which one it has.
planned_sysctls() {
  [ -s "$CURRENT/plan/files" ] || return 0
  while read -r n verb _ path; do
    [ "$verb $(path_of "$path")" = "write $SYSCTL_FILE" ] || continue
    awk '/^-?net[.\/]ipv[46][.\/][A-Za-z0-9_.\/@-]+ = [0-9]+$/ && !/\.\.|\/\// {
      sub(/^-/, "")
      if ($1 ~ /^net\./) gsub(/\./, "/", $1)
      if (!($1 in value)) order[++count] = $1
      value[$1] = $3
    }
    END { for (i = 1; i <= count; i++) print order[i], value[order[i]] }' "$CURRENT/plan/file.$n"
  done <"$CURRENT/plan/files"
}

checkpoint_sysctls() {
  planned_sysctls >"$CURRENT/save/sysctl.planned"
  while read -r key value; do
    take_sysctl "$key"
    case $content in '' | *[!0-9-]*) refuse drift "the kernel has no number at $key" ;; esac
    [ -w "$PROC/sys/$key" ] || refuse checkpoint "$key can't be set on this server: /proc/sys is read-only here"
    echo "$key $value $content" >>"$CURRENT/save/sysctl" || refuse disk "no room for the checkpoint"
  done <"$CURRENT/save/sysctl.planned"
}

set_sysctl() { # PATH VALUE
  { printf '%s\n' "$2" >"$PROC/sys/$1"; } 2>/dev/null
  take_sysctl "$1"
  [ "$content" = "$2" ]
}

# --- apply --------------------------------------------------------------------------------------------------------

apply_sysctls() {
  [ -s "$CURRENT/save/sysctl" ] || return 0
  # All of them before the first is set: that of new interfaces (default) is what those of others follow.
  while read -r key value was; do
    take_sysctl "$key"
    [ "$content" = "$was" ] || fail "$key changed after arming"
  done <"$CURRENT/save/sysctl"
  while read -r key value was; do
    [ -e "$CURRENT/state.armed" ] || exit 0
    set_sysctl "$key" "$value" || fail "the kernel keeps $key at $content"
  done <"$CURRENT/save/sysctl"
  echo "sysctl" >>"$CURRENT/applied/steps"
}

# --- restore ------------------------------------------------------------------------------------------------------

# Prints what was done; fails when a setting is not as it was. After a boot too, which may have read the file. What somebody
# else has set meanwhile stays.
restore_sysctls() {
  [ -s "$CURRENT/save/sysctl" ] || return 0
  bad=0 back=0
  while read -r key value was; do
    is_whole || return 4
    [ -e "$PROC/sys/$key" ] || continue
    take_sysctl "$key"
    case $content in
    "$was") ;;
    "$value")
      if set_sysctl "$key" "$was"; then back=$((back + 1)); else
        note lost "$key could NOT be put back to $was"
        bad=4
      fi
      ;;
    *) note heed "$key had been set to $content by somebody else meanwhile, and stays so" ;;
    esac
  done <"$CURRENT/save/sysctl"
  [ "$back" = 0 ] || note plain "what the kernel runs with as it was ($back of sysctl)"
  return "$bad"
}
