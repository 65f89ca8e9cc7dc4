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
  live_chains "$1" >"$save.found"
  if cmp -s "$save.found" "$save.after" || cmp -s "$save.found" "$save.before" || [ ! -s "$save.found" ]; then
    rm -f "$save.found"
    return
  fi
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
    case $way in tables | everything) rm -f "$CURRENT/save/$1.goal" ;; esac
    tries=0
    while [ "$tries" -lt 5 ]; do
      "restore_$way" "$1" >/dev/null 2>&1
      if chains_are_back "$1"; then
        end_meeting "$1"
        drop_new_tables "$1"
        case $way in
        steps) echo "$1 rules as they were" ;;
        chains) echo "$1 rules as they were (the touched chains were written anew)" ;;
        tables) echo "$1 rules as they were (whole tables were written anew)" ;;
        *) echo "$1 rules as they were (all of them were written anew)" ;;
        esac
        return 0
      fi
      [ "$way" != steps ] || break
      tries=$((tries + 1))
      sleep 1
    done
  done
  for table in filter raw mangle security; do open_table "$1" "$table"; done
  echo "$1 rules could NOT be restored: its policies are ACCEPT and its filter is empty so that you can get in"
  return 1
}

# Three texts of the same chains: `after` (what the transaction made), `found` (what is there now) and `before`. Prints
# `before` with what others changed between the first two. What could shut out the operator is left out: dropping or
# rejecting what may come to sshd, without a source address or from his. Notes go to standard error.
# shellcheck disable=SC2016 # awk's own variables
MERGE='
  FNR == 1 { file++ }
  /^\*/ {
    key = $1 " " $2
    if (file == 1) order[++chains] = key
    policy[file, key] = $3
    next
  }
  { line[file, key, ++count[file, key]] = $0 }

  # Longest common subsequence of two texts of one chain: partner[a, b, key, i] is the place in b of line i of a. Gives
  # its length.
  function align(a, b, key,    n, m, start, i, j, w, common) {
    n = count[a, key] + 0; m = count[b, key] + 0
    for (start = 1; start <= n && start <= m && line[a, key, start] == line[b, key, start]; start++) {
      partner[a, b, key, start] = start
      common++
    }
    while (n >= start && m >= start && line[a, key, n] == line[b, key, m]) { partner[a, b, key, n--] = m--; common++ }
    if ((n - start + 1) * (m - start + 1) > 4000000) exit 3
    for (i = n; i >= start; i--)
      for (j = m; j >= start; j--)
        if (line[a, key, i] == line[b, key, j]) w[i, j] = w[i + 1, j + 1] + 1
        else w[i, j] = (w[i + 1, j] > w[i, j + 1]) ? w[i + 1, j] : w[i, j + 1]
    for (i = j = start; i <= n && j <= m; )
      if (line[a, key, i] == line[b, key, j]) { partner[a, b, key, i++] = j++; common++ }
      else if (w[i + 1, j] + 0 >= w[i, j + 1] + 0) i++
      else j++
    return common + 0
  }

  # In how many lines the found text differs from another one.
  function far_from(a, key) {
    return count[a, key] + count[2, key] - 2 * align(a, 2, key) + (policy[a, key] != policy[2, key])
  }

  function shuts_out(rule,    source, port) {
    if (rule !~ / -j (DROP|REJECT)( |$)/) return 0
    if (rule ~ / -p (udp|icmp|ipv6-icmp|sctp|gre|esp) /) return 0
    if (match(rule, / --dport [0-9]+ /)) {
      port = substr(rule, RSTART + 9, RLENGTH - 10)
      if (index(" " ENVIRON["ports"] " ", " " port " ") == 0) return 0
    }
    if (rule ~ / ! -s /) return 1
    if (!match(rule, / -s [^ ]+/)) return 1
    source = substr(rule, RSTART + 4, RLENGTH - 4)
    sub(/\/(32|128)$/, "", source)
    return source == ENVIRON["from"] || source ~ /\/[0-9]+$/
  }

  END {
    if (file != 3) exit 3
    for (c = 1; c <= chains; c++) {
      key = order[c]
      if (policy[3, key] == "absent") {
        # A chain that the change made goes as a whole.
        print key " absent"
        align(1, 2, key)
        for (i = 1; i <= count[1, key]; i++) theirs[partner[1, 2, key, i] + 0] = 1
        for (i = 1; i <= count[2, key]; i++)
          if (!(i in theirs)) print "taken out with the chain that the change had made: " line[2, key, i] > "/dev/stderr"
        split("", theirs)
        continue
      }
      # A change that was not applied to this chain is not to be taken back either.
      near_before = (far_from(3, key) <= far_from(1, key))
      base = (ENVIRON["applied"] == "no" || (ENVIRON["applied"] == "unsure" && near_before)) ? 3 : 1
      align(base, 3, key)
      was = policy[3, key]
      # A policy that only others changed stays theirs, if it lets everybody in.
      print key " " ((was == policy[base, key] && policy[2, key] == "ACCEPT") ? "ACCEPT" : was)
      found = old = 1
      for (i = 1; i <= count[base, key] + 1; i++) {
        last = (i > count[base, key])
        stop_found = last ? count[2, key] + 1 : partner[base, 2, key, i] + 0
        stop_old = last ? count[3, key] + 1 : partner[base, 3, key, i] + 0
        # What was put at the end stays there.
        if (last) for (; old < stop_old; old++) print line[3, key, old]
        if (stop_found)
          for (; found < stop_found; found++) {
            rule = line[2, key, found]
            if (shuts_out(rule)) print "taken out, because it could shut you out: " rule > "/dev/stderr"
            else { print rule; print "kept, as somebody added it meanwhile: " rule > "/dev/stderr" }
          }
        if (stop_old) for (; old < stop_old; old++) print line[3, key, old]
        if (last) break
        if (partner[base, 2, key, i] && partner[base, 3, key, i]) print line[base, key, i]
        else if (partner[base, 3, key, i]) {
          # Somebody took this rule away meanwhile; what accepts goes back all the same.
          if (line[base, key, i] ~ / -j ACCEPT( |$)/) print line[base, key, i]
          else print "stays away, as somebody removed it meanwhile: " line[base, key, i] > "/dev/stderr"
        }
        if (partner[base, 2, key, i]) found = partner[base, 2, key, i] + 1
        if (partner[base, 3, key, i]) old = partner[base, 3, key, i] + 1
      }
    }
  }'
