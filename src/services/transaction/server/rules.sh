# Puts back the rules that a transaction touched. Each way is tried only when the one before did not verify: the change
# backwards, the touched chains, whole tables, the whole rule set, and at last policies that let everybody in. Towards reachable, always.

live_chains() { # FAMILY
  "$(save_tool "$1")" 2>/dev/null | chains_of "$CURRENT/plan/$1.touches"
}

# The kernel knows of no connection until a rule asks about one. The first rule that does would take every open connection
# for a stranger, and what comes behind it would cut them. So a chain that nothing calls asks first, and is there for long
# enough that whoever is talking is known by the time it matters.
MEETING=hardtui-meeting
meet_connections() {
  for family in $(families); do
    table=$(awk '/^\*/ { table = substr($0, 2) } / -m (conntrack|state) / { print table; exit }' "$CURRENT/plan/$family.delta")
    [ -n "$table" ] || continue
    ! grep -q -e ' -m conntrack ' -e ' -m state ' "$CURRENT/save/$family.all" || continue
    echo "$table" >"$CURRENT/applied/meeting.$family" || continue
    printf '*%s\n:%s - [0:0]\n-A %s -m conntrack --ctstate INVALID\nCOMMIT\n' "$table" "$MEETING" "$MEETING" |
      restore "$family" --noflush >/dev/null 2>&1
    met=yes
  done
  [ -z "${met:-}" ] || sleep 3
}

# Safe at any time, any number of times.
end_meeting() { # FAMILY
  table=$(line_of "$CURRENT/applied/meeting.$1")
  [ -n "$table" ] || return 0
  printf '*%s\n:%s - [0:0]\n-F %s\n-X %s\nCOMMIT\n' "$table" "$MEETING" "$MEETING" "$MEETING" |
    restore "$1" --noflush >/dev/null 2>&1 && rm -f "$CURRENT/applied/meeting.$1"
}

# What the touched chains shall be: as they were, with what others put into them since the change. Where nobody did,
# or nothing was applied, that is the saved text and its input, counters and all.
set_goal() { # FAMILY
  save=$CURRENT/save/$1
  [ -s "$save.goal" ] && return
  if [ ! -s "$save.found" ]; then
    live_chains "$1" >"$save.found.new"
    if cmp -s "$save.found.new" "$save.after" || cmp -s "$save.found.new" "$save.before" || [ ! -s "$save.found.new" ]; then
      rm -f "$save.found.new"
      return
    fi
    mv -f "$save.found.new" "$save.found"
  fi
  # The door first: as they were, at once. What others did is compared after that, and put back into it.
  restore "$1" --noflush -c <"$save.undo" >/dev/null 2>&1
  applied=$(was_applied "$1") from=$(line_of "$CURRENT/meta/from") ports=$(tr '\n' ' ' <"$CURRENT/save/sshd.ports") awk "$MERGE" "$save.after" "$save.found" "$save.before" >"$save.goal.new" 2>"$save.merge" ||
    { rm -f "$save.goal.new"; return; }
  mv -f "$save.goal.new" "$save.goal"
  cat "$save.merge"
}

# Unsure where the apply was cut off or refused: tables commit one by one.
was_applied() { # FAMILY
  if grep -qx "$1" "$CURRENT/applied/steps" 2>/dev/null; then echo yes
  elif grep -qx "$1" "$CURRENT/applied/began" 2>/dev/null; then echo unsure
  else echo no; fi
}

goal_of() { if [ -s "$CURRENT/save/$1.goal" ]; then cat "$CURRENT/save/$1.goal"; else cat "$CURRENT/save/$1.before"; fi; }

chains_are_back() { # FAMILY
  goal_of "$1" >"$CURRENT/save/$1.wanted" 2>/dev/null && live_chains "$1" | cmp -s - "$CURRENT/save/$1.wanted" && return
  # On a full disk there is no room for a copy.
  [ "$(goal_of "$1")" = "$(live_chains "$1")" ]
}

# The change itself, backwards: no rule that it did not touch is written anew. Only where nobody changed those chains.
restore_steps() { # FAMILY
  live_chains "$1" | cmp -s - "$CURRENT/save/$1.after" && restore "$1" --noflush <"$CURRENT/plan/$1.inverse"
}

restore_chains() { # FAMILY
  if [ -s "$CURRENT/save/$1.goal" ]; then
    chains_input <"$CURRENT/save/$1.goal" | restore "$1" --noflush
  else
    restore "$1" --noflush -c <"$CURRENT/save/$1.undo"
  fi
}

# Canonical chain texts as one input that rewrites those chains and nothing else. All chains are there before the first
# rule jumps into one; those that shall be absent go last.
chains_input() {
  awk '
    /^\*/ {
      table = substr($1, 2)
      if (!(table in head)) tables[++n] = table
      head[table] = head[table] ":" $2 " " ($3 == "absent" ? "-" : $3) " [0:0]\n"
      if ($3 == "absent") last[table] = last[table] "-X " $2 "\n"
      else body[table] = body[table] "-F " $2 "\n"
      next
    }
    { body[table] = body[table] $0 "\n" }
    END { for (i = 1; i <= n; i++) printf "*%s\n%s%s%sCOMMIT\n", tables[i], head[tables[i]], body[tables[i]], last[tables[i]] }'
}

restore_tables() {
  tables=$(cut -d ' ' -f 1 "$CURRENT/plan/$1.touches" | sort -u) awk '
    BEGIN { n = split(ENVIRON["tables"], names, "\n"); for (i = 1; i <= n; i++) wanted[names[i]] = 1 }
    /^\*/ { keep = (substr($0, 2) in wanted) }
    keep' "$CURRENT/save/$1.all" | restore "$1" -c
}

restore_everything() {
  restore "$1" -c <"$CURRENT/save/$1.all"
  # Restoring a save leaves tables alone that it does not name.
  "$(save_tool "$1")" | sed -n 's/^\*//p' | while read -r table; do
    grep -qx "\\*$table" "$CURRENT/save/$1.all" || open_table "$1" "$table"
  done
}

open_table() { # FAMILY TABLE
  tool=$(plain_tool "$1")
  for chain in INPUT FORWARD OUTPUT PREROUTING POSTROUTING; do
    timeout 10 "$tool" -w 5 -t "$2" -P "$chain" ACCEPT 2>/dev/null
  done
  timeout 10 "$tool" -w 5 -t "$2" -F 2>/dev/null
}

# A table that this transaction brought into being is taken away again, unless somebody else has put rules into it.
drop_new_tables() { # FAMILY
  [ -s "$CURRENT/save/$1.absent" ] && command -v nft >/dev/null 2>&1 || return 0
  while read -r table; do
    "$(save_tool "$1")" -t "$table" 2>/dev/null | grep -q -e '^-A ' -e '^:[^ ]* [^A]' ||
      nft delete table "$(nft_family "$1")" "$table" 2>/dev/null
  done <"$CURRENT/save/$1.absent"
}

# Prints what it took; fails when only the last resort was left. A lock that somebody else holds is waited for.
restore_family() { # FAMILY
  end_meeting "$1"
  set_goal "$1"
  for way in steps chains tables everything; do
    # From here on what was saved counts: whole tables have no place for what others added.
    case $way in
    steps) [ ! -s "$CURRENT/save/$1.goal" ] || continue ;;
    tables | everything) rm -f "$CURRENT/save/$1.goal" ;;
    esac
    tries=0
    while [ "$tries" -lt 5 ]; do
      "restore_$way" "$1" >/dev/null 2>&1
      if chains_are_back "$1"; then
        end_meeting "$1"
        drop_new_tables "$1"
        case $way in
        steps) note plain "$1 rules as they were" ;;
        chains) note plain "$1 rules as they were (the touched chains were written anew)" ;;
        tables) note heed "$1 rules as they were (whole tables were written anew)" ;;
        *) note heed "$1 rules as they were (all of them were written anew)" ;;
        esac
        return 0
      fi
      is_whole || return 1
      [ "$way" != steps ] || break
      tries=$((tries + 1))
      sleep 1
    done
  done
  for table in filter raw mangle security; do open_table "$1" "$table"; done
  note lost "$1 rules could NOT be restored: its policies are ACCEPT and its filter is empty so that you can get in"
  return 1
}
