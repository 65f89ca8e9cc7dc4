# What a rollback will put back, saved and proved; what was reviewed compared with what is there; the change tried
# where it harms nobody. Steps 2 to 5 of arming.

# --- rules --------------------------------------------------------------------------------------------------------

checkpoint() { # FAMILY
  all=$CURRENT/save/$1.all
  "$(save_tool "$1")" -c >"$all" 2>"$CURRENT/save/$1.err" || refuse checkpoint "the $1 rules can't be saved: $(tail -n 1 "$CURRENT/save/$1.err")"
  # A save can lie in so many words: "Table `filter' contains incompatible base-chains, use 'nft' tool to list them."
  cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u | while read -r table; do
    grep -h "^# Table .$table. .*incompatible" "$all" "$CURRENT/save/$1.err"
  done >"$CURRENT/save/$1.lies"
  [ ! -s "$CURRENT/save/$1.lies" ] ||
    refuse checkpoint "the $1 rules hold what iptables can't save: $(sed -n '1s/^# //p' "$CURRENT/save/$1.lies")"
  # A host without rules saves nothing, and restoring nothing restores nothing: every touched table is written out.
  cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u | while read -r table; do
    grep -qx "\\*$table" "$all" && continue
    echo "$table" >>"$CURRENT/save/$1.absent"
    empty_table "$table" >>"$all"
  done
  chains_of "$CURRENT/plan/$1.touches" <"$all" >"$CURRENT/save/$1.before"
  undo_input "$1" <"$all" >"$CURRENT/save/$1.undo"
}

empty_table() {
  case $1 in
  filter | security) chains="INPUT FORWARD OUTPUT" ;;
  nat) chains="PREROUTING INPUT OUTPUT POSTROUTING" ;;
  raw) chains="PREROUTING OUTPUT" ;;
  *) chains="PREROUTING INPUT FORWARD OUTPUT POSTROUTING" ;;
  esac
  echo "*$1"
  for chain in $chains; do echo ":$chain ACCEPT [0:0]"; done
  echo COMMIT
}

# The touched chains alone, rewritten as they were (counters too), as one input for iptables-restore --noflush. A chain
# that the change brings into being is made empty, or made at all, so that it can be deleted in any case.
undo_input() { # FAMILY < save
  touches=$(cat "$CURRENT/plan/$1.touches") absent=$(sed -n 's/^\*\(.*\) absent$/\1/p' "$CURRENT/save/$1.before") awk '
    BEGIN {
      n = split(ENVIRON["touches"], order, "\n")
      for (i = 1; i <= n; i++) wanted[order[i]] = 1
      gone = split(ENVIRON["absent"], lost, "\n")
    }
    /^\*/ {
      table = substr($0, 2); open = 0; last = ""
      for (i = 1; i <= gone; i++) {
        split(lost[i], word, " ")
        if (word[1] != table) continue
        if (!open) { print "*" table; open = 1 }
        print ":" word[2] " - [0:0]"
        last = last "-X " word[2] "\n"
      }
    }
    /^:/ {
      key = table " " substr($1, 2)
      if (!(key in wanted)) next
      if (!open) { print "*" table; open = 1 }
      print $0
      print "-F " substr($1, 2)
    }
    /^(\[[0-9]+:[0-9]+\] )?-A / {
      line = $0
      sub(/^\[[0-9]+:[0-9]+\] /, "", line)
      split(line, word, " ")
      if ((table " " word[2]) in wanted) print $0
    }
    /^COMMIT/ { if (open) printf "%sCOMMIT\n", last; open = 0 }'
}

# A save can lie: native nft rules are printed as something else, with status 0. What it restores to must be what is
# there now, by iptables' own account and, where nft can be asked, by the kernel's.
prove_checkpoint() { # FAMILY
  work=$CURRENT/save/$1
  in_scratch "$1" <"$work.all" >"$work.again" 2>"$work.err" ||
    refuse checkpoint "the checkpoint of the $1 rules can't be restored: $(reason_of "$work.err")"
  comparable <"$work.all" >"$work.a"
  comparable <"$work.again" >"$work.b"
  cmp -s "$work.a" "$work.b" || refuse checkpoint "restoring the $1 rules would not give the same rules"
  prove_by_kernel "$1"
  rm -f "$work.a" "$work.b" "$work.again" "$work.err"
}

prove_by_kernel() { # FAMILY
  command -v nft >/dev/null 2>&1 || return 0
  iptables --version 2>/dev/null | grep -q nf_tables || return 0
  cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u >"$work.tables"
  while read -r table; do
    nft -s list table "$(nft_family "$1")" "$table" 2>/dev/null | kernel_rules >"$work.live"
    # shellcheck disable=SC2016 # expanded by the inner shell
    scratch '"$1" --noflush <"$2" && nft -s list table "$3" "$4"' \
      "$(restore_tool "$1")" "$work.all" "$(nft_family "$1")" "$table" 2>/dev/null | kernel_rules >"$work.scratch"
    cmp -s "$work.live" "$work.scratch" ||
      refuse checkpoint "table $table ($1) holds native nftables rules that iptables-save can't save truly"
  done <"$work.tables"
  rm -f "$work.live" "$work.scratch" "$work.tables"
}

# What a table does, whatever the order its chains were made in; a chain that is empty and accepts does nothing.
kernel_rules() {
  awk '
    /^\t[a-z]+ .*{$/ { block = $1 " " $2; n = 1000000; next }
    /^\t\t/ && !/ policy accept;$/ { print block " " n++ " " $0 }' | sort
}

# What was reviewed must be what is there, the change must give what was reviewed, and the undo must undo it.
rehearse() { # FAMILY
  plan=$CURRENT/plan/$1
  work=$CURRENT/save/$1
  if ! cmp -s "$work.before" "$plan.base"; then
    diff -u "$plan.base" "$work.before" | sed -n -e '1,2d' -e 's/^\([-+]\)/moved \1 /p' | head -n 20 | while read -r line; do say "$line"; done
    refuse drift "the $1 rules changed since they were read"
  fi
  cat "$work.all" "$plan.delta" | in_scratch "$1" >"$work.then" 2>"$work.err" ||
    refuse rules "iptables refuses the change: $(reason_of "$work.err")"
  chains_of "$plan.touches" <"$work.then" >"$work.after"
  cmp -s "$work.after" "$plan.planned" || refuse rules "the kernel reads the $1 change differently from what was reviewed"
  for back in "$work.undo" "$plan.inverse"; do
    cat "$work.then" "$back" | in_scratch "$1" 2>"$work.err" | chains_of "$plan.touches" >"$work.undone"
    cmp -s "$work.undone" "$work.before" || refuse checkpoint "the rehearsal of the $1 rollback did not give the old rules"
  done
  rm -f "$work.then" "$work.undone" "$work.err"
}

# --- files --------------------------------------------------------------------------------------------------------

checkpoint_file() { # NUMBER VERB BASE PATH
  saved=$CURRENT/save/file.$1
  path=$4
  if [ -e "$path" ] || [ -L "$path" ]; then
    { [ -f "$path" ] && [ ! -L "$path" ]; } || refuse checkpoint "$path is not a plain file"
    [ "$(stat -c %h "$path")" = 1 ] || refuse checkpoint "$path has a second name (a hard link)"
    if command -v lsattr >/dev/null 2>&1; then
      case $(lsattr -d "$path" 2>/dev/null | cut -d ' ' -f 1) in
      *[ia]*) refuse checkpoint "$path may not be written (chattr)" ;;
      esac
    fi
    { cp -a "$path" "$saved" && attributes_of "$path" >"$saved.attributes"; } 2>/dev/null || refuse disk "$path can't be saved"
    { cmp -s "$path" "$saved" && [ "$(attributes_of "$saved")" = "$(cat "$saved.attributes")" ]; } ||
      refuse checkpoint "$path can't be saved with its owner, mode, times and attributes"
    [ "$3" != absent ] || refuse drift "$path came into being since it was read"
    [ "$3" = "$(sum_of "$saved")" ] || refuse drift "$path changed since it was read"
  else
    touch "$saved.absent" || refuse disk "no room for the checkpoint"
    [ "$3" = absent ] || refuse drift "$path was removed since it was read"
    dir=${path%/*}
    until [ -z "$dir" ] || [ -d "$dir" ]; do
      echo "$dir" >>"$CURRENT/save/dirs.absent"
      dir=${dir%/*}
    done
  fi
}

# Room for putting things back on a disk that fills up meanwhile.
reserve_room() {
  size=$(du -k -c "$CURRENT"/save/file.* "$CURRENT"/save/account.* 2>/dev/null | awk 'END { print $1 + 64 }')
  dd if=/dev/zero of="$CURRENT/save/reserve" bs=1024 count="$size" 2>/dev/null || refuse disk "no room for the checkpoint"
}

# --- units and sshd -----------------------------------------------------------------------------------------------

checkpoint_unit() { # UNIT RUN BOOT RUN-BEFORE BOOT-BEFORE
  unit_exists "$1" || refuse drift "there is no unit $1 on this server"
  [ "$(run_state "$1")" = "$4" ] || refuse drift "$1 is $(run_state "$1"), and was $4 when it was read"
  # What is-enabled says of a unit made of a script or by hand is another word than that of the list it was read from.
  [ "$3" = - ] || [ "$5" = - ] || [ "$(boot_state "$1")" = "$5" ] || refuse drift "$1 is $(boot_state "$1") at boot, and was $5 when it was read"
  names_of "$1" >"$CURRENT/save/unit.$1.names"
  links_named "$CURRENT/save/unit.$1.names" >"$CURRENT/save/unit.$1.links"
}

# Noted whatever the change is: the rollback leaves nobody without the way in.
checkpoint_sshd() { # PORT-OF-THIS-SESSION
  mkdir_public "$RUN/sshd"
  listeners=$(sshd_listeners)
  # The one that this session came by, if several run; its own words say how it was started.
  pid=$(printf '%s\n' "$listeners" | awk -v port="$1" '$1 == port || !pid { pid = $2 } END { print pid }')
  [ -z "$pid" ] || sshd_options "$pid" >"$CURRENT/save/sshd.options"
  printf '%s\n' "$listeners" | while read -r port pid; do [ -z "$pid" ] || unit_of "$pid"; done | sort -u >"$CURRENT/save/sshd.units"
  sshd_socket >"$CURRENT/save/sshd.socket"
  ports_in_use "$1" >"$CURRENT/save/sshd.ports"
  [ -s "$CURRENT/save/sshd.ports" ] ||
    refuse checkpoint "where sshd listens on this host can't be found out, so the rollback could not see to it that it does"
  [ -s "$CURRENT/plan/sshd" ] || return 0
  said=$(ask_sshd -t 2>&1) || refuse checkpoint "sshd's configuration is broken already: $(telling_line "$said")"
}

# The changed files tried by whoever will read them. plan/checks has an id a line, each one of these.
run_checks() {
  [ -s "$CURRENT/plan/checks" ] || return 0
  while read -r check; do
    case $check in
    sshd) check_sshd </dev/null ;;
    sudoers) check_sudoers </dev/null ;;
    named) check_named </dev/null ;;
    *) refuse checks "there is no check of the name $check" ;;
    esac
  done <"$CURRENT/plan/checks"
}

# By sshd itself, over /etc/ssh in a mount namespace of its own.
check_sshd() {
  cp -a "$ETC/ssh" "$CURRENT/save/ssh.candidate" || refuse disk "no room for the rehearsal"
  while read -r n verb base path; do
    path=$(path_of "$path")
    case $path in "$ETC"/ssh/*) candidate=$CURRENT/save/ssh.candidate/${path#"$ETC"/ssh/} ;; *) continue ;; esac
    if [ "$verb" = remove ]; then rm -f "$candidate"; else
      mkdir_public "${candidate%/*}"
      cat "$CURRENT/plan/file.$n" >"$candidate"
    fi
  done <"$CURRENT/plan/files"
  said=$(by_candidate -t 2>&1)
  status=$?
  wanted=$(by_candidate -T 2>/dev/null | ports_of_config)
  otherwise=$(answered_otherwise by_candidate)
  rm -rf "$CURRENT/save/ssh.candidate"
  [ "$status" = 0 ] || refuse rules "sshd refuses the change: $(telling_line "$said")"
  [ -z "$otherwise" ] || refuse drift "sshd makes something else of the change than was reviewed, for $otherwise"
  # Where a socket unit listens, sshd's own ports mean nothing.
  ! sshd_socket >/dev/null || return 0
  for port in $wanted; do
    grep -qx "$port" "$CURRENT/save/sshd.ports" || ! others_listen "$port" ||
      refuse rules "somebody else listens on port $port, where sshd is to go"
  done
}

# shellcheck disable=SC2016 # expanded by the inner shell
by_candidate() {
  with_options unshare -m sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sshd \
    "$CURRENT/save/ssh.candidate" "$ETC/ssh" "$(sshd_program)" "$@"
}

# By BIND's own program, with each changed file in the place of the one that is there, in a mount namespace of its own.
# plan/named has the file that named reads first, and the folder that is / to it, which may be empty.
check_named() {
  program=$(file_of named-checkconf) || refuse tools "the server lacks named-checkconf"
  { read -r conf && read -r jail; } <"$CURRENT/plan/named"
  set --
  while read -r n verb base path; do
    [ "$verb" = remove ] || set -- "$@" "$CURRENT/plan/file.$n" "$(path_of "$path")"
  done <"$CURRENT/plan/files"
  said=$(by_named "$@" -- "$program" ${jail:+-t "$jail"} "$conf" 2>&1) ||
    refuse rules "BIND refuses the change: $(telling_line "$(printf '%s\n' "$said" | grep -v -e deprecated -e obsolete -e 'not recommended')")"
}

# shellcheck disable=SC2016 # expanded by the inner shell
by_named() {
  unshare -m sh -c '
    while [ "$1" != -- ]; do
      [ ! -e "$2" ] || mount --bind "$1" "$2" || exit
      shift 2
    done
    shift && exec "$@"' named "$@"
}

what_is_saved() {
  for one in $(families); do printf '%s rules, ' "$one"; done
  for what in account file unit; do
    count=$(wc -l 2>/dev/null <"$CURRENT/plan/${what}s") || continue
    case $count in 0) ;; 1) printf '1 %s, ' "$what" ;; *) printf '%s %ss, ' "$count" "$what" ;; esac
  done
  echo proved
}
