# Loads the rules that the functions rules_v4 and rules_v6 print, with a timer on the way back; script.ts puts them and
# back_script before this.
umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export LC_ALL PATH FOREIGN_CHAINS FOREIGN_INTERFACES
# Whoever hangs up must not stop this half-way.
trap '' HUP PIPE

# What was there before, and the timer. Gone with the next boot, as the rules are.
STATE=/run/set_iptables
[ -d /run ] || STATE=/var/run/set_iptables

say() { printf '%s\n' "$*" 2>/dev/null || :; }
fail() {
  say "set_iptables: $*" >&2
  exit 1
}

# What a terminal might act on becomes a question mark.
visible() { sed 's/[^ -~]/?/g'; }

program() { # FAMILY save|restore
  case $1 in v4) echo "iptables-$2" ;; *) echo "ip6tables-$2" ;; esac
}

# Old versions have no -w; the legacy iptables fails at once when another one holds its lock.
restore() { # FAMILY ARGUMENTS, and the input
  tool=$(program "$1" restore)
  shift
  if "$tool" -w 5 --test </dev/null >/dev/null 2>&1; then "$tool" -w 5 "$@"; else "$tool" "$@"; fi
}

# Why this family can't be loaded on this host; nothing when it can.
unusable() { # FAMILY
  for verb in save restore; do
    command -v "$(program "$1" "$verb")" >/dev/null || { say "there is no $(program "$1" "$verb")"; return 0; }
  done
  [ "$1" = v4 ] || [ -e /proc/net/if_inet6 ] || { say "this kernel has no IPv6"; return 0; }
  said=$("$(program "$1" save)" 2>&1 >/dev/null) || say "$(program "$1" save) fails: $(say "$said" | visible | tail -n 1)"
}

# Things to know that are no reason to stop.
notes() {
  version=$(iptables --version 2>/dev/null | visible)
  case $version in *nf_tables*) here=nft ;; *) here=legacy ;; esac
  [ "$BACKEND" = unknown ] || [ "$BACKEND" = "$here" ] ||
    say "Note: these rules come from a host with the $BACKEND backend of iptables; here it is $here ($version)."
  [ "$here" != nft ] || ! grep -q . /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null ||
    say "Note: legacy iptables tables are loaded here too. Packets pass both, and this script changes the nft ones."
  ! systemctl is-active --quiet firewalld 2>/dev/null || say "Note: firewalld runs here, and writes its own rules over these."
  ! grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf || say "Note: ufw is enabled here, and writes its own rules over these."
}

# The rules of this script (first file) as input for iptables-restore --noflush that replaces exactly the chains they
# list. What other programs have put into these chains of this host (second file) stays: behind the rule it stands
# behind now, at the head of its chain if there is no such rule any more.
merge() {
  awk '
    # Quoted text is no jump and no interface.
    function bare(rule) {
      gsub(/"([^"\\]|\\.)*"/, "", rule)
      return rule " "
    }
    # Docker writes outside its chains about bridges that rules in them name, and for a container that calls itself.
    function foreign(rule, chain,   word, n, i) {
      rule = bare(rule)
      if (match(rule, / -[jg] [^ ]+/) && substr(rule, RSTART + 4, RLENGTH - 4) ~ ENVIRON["FOREIGN_CHAINS"]) return 1
      if (chain != "FORWARD" && chain != "POSTROUTING") return 0
      if (rule ~ ENVIRON["FOREIGN_INTERFACES"]) return 1
      n = split(rule, word, " ")
      for (i = 3; i < n; i++) if ((word[i] == "-i" || word[i] == "-o") && word[i + 1] in bridge) return 1
      return bridges > 0 && chain == "POSTROUTING" && word[3] == "-s" && word[5] == "-d" && word[4] == word[6] && rule ~ / -j MASQUERADE $/
    }
    function learn(rule,   word, n, i) {
      n = split(bare(rule), word, " ")
      for (i = 3; i < n; i++) if (word[i] == "-i" || word[i] == "-o") { bridge[word[i + 1]] = 1; bridges++ }
    }
    FNR == 1 { file++ }
    /^\*/ { table = substr($1, 2) }
    file == 1 {
      line[++lines] = $0
      if (/^:/) listed[table, substr($1, 2)] = 1
      if (/^-A /) ours[table, $0, ++copies[table, $0]] = 1
      next
    }
    file == 2 {
      if (/^-A DOCKER/ && $2 != "DOCKER-USER") learn($0)
      next
    }
    /^-A / && (table, $2) in listed {
      if (!((table, $0, 1) in ours) && foreign($0, $2)) behind[table, $2, place[table, $2]] = behind[table, $2, place[table, $2]] $0 "\n"
      else if ((table, $0, ++found[table, $0]) in ours) place[table, $2] = $0 SUBSEP found[table, $0]
    }
    END {
      for (i = 1; i <= lines; i++) {
        $0 = line[i]
        if (/^#/ || /^$/) continue
        print
        if (/^\*/) table = substr($1, 2)
        if (/^:/) {
          chain = substr($1, 2)
          print "-F " chain
          printf "%s", behind[table, chain, ""]
        }
        if (/^-A /) printf "%s", behind[table, $2, $0 SUBSEP (++printed[table, $0])]
      }
    }' "$1" "$2" "$2"
}

# The way back from those chains (first file, their heads) to a save (second file), in the same form. Chains that the
# save does not have go again.
undo() {
  awk '
    FNR == 1 { file++ }
    /^\*/ {
      table = substr($1, 2)
      if (file == 1 && !(table in count)) { tables[++n] = table; count[table] = 0 }
    }
    /^:/ {
      chain = substr($1, 2)
      if (file == 2) was[table, chain] = $2
      else if (!((table, chain) in first)) { first[table, chain] = $2; chains[table, ++count[table]] = chain }
    }
    file == 2 && /^-A / && (table, $2) in first { rule[table, ++rules[table]] = $0 }
    END {
      for (t = 1; t <= n; t++) {
        table = tables[t]
        print "*" table
        for (c = 1; c <= count[table]; c++) {
          chain = chains[table, c]
          policy = (first[table, chain] == "-") ? "-" : "ACCEPT"
          if ((table, chain) in was) policy = was[table, chain]
          print ":" chain " " policy " [0:0]"
          print "-F " chain
        }
        for (r = 1; r <= rules[table]; r++) print rule[table, r]
        for (c = 1; c <= count[table]; c++) {
          chain = chains[table, c]
          if (first[table, chain] == "-" && !((table, chain) in was)) print "-X " chain
        }
        print "COMMIT"
      }
    }' "$1" "$2"
}

# A table without rules may be missing in a save, and restoring that save would leave it as it is: the tables of these
# chains (first file, their heads) that a save (second file) is without, written out.
missing_tables() {
  awk '
    FNR == 1 { file++ }
    /^\*/ { table = substr($1, 2) }
    /^\*/ && file == 1 && !(table in number) { number[table] = ++n; name[n] = table }
    /^\*/ && file == 2 { there[table] = 1 }
    /^:/ && file == 1 && $2 != "-" && !((table, $1) in seen) {
      seen[table, $1] = 1
      heads[table] = heads[table] $1 " ACCEPT [0:0]\n"
    }
    END { for (i = 1; i <= n; i++) if (!(name[i] in there)) printf "*%s\n%sCOMMIT\n", name[i], heads[name[i]] }' "$1" "$2"
}

# Names the line that iptables-restore stopped at: its errors count lines.
explain() { # FAMILY FILE
  number=$(sed -n 's/.*line:\{0,1\} \([0-9][0-9]*\).*/\1/p' "$STATE/said" | head -n 1)
  say "set_iptables: $(program "$1" restore) refuses this:" >&2
  if [ -n "$number" ]; then
    say "  table $(sed -n "1,${number}s/^\*//p" "$2" | tail -n 1 | visible): $(sed -n "${number}p" "$2" | visible)" >&2
  fi
  grep -v -e '^Error occurred' -e '^Try ' -e '^ *$' "$STATE/said" | visible | sed 's/^/  /' >&2 || :
}

# Makes all that loading and going back take, and lets iptables-restore read it without doing it.
prepare() { # FAMILY
  now=$STATE/live.$1 before=$STATE/before.$1 touched=$STATE/touched.$1
  "rules_$1" >"$STATE/rules.$1"
  "$(program "$1" save)" >"$now" 2>/dev/null
  ! grep '^# Table .*incompatible' "$now" >"$STATE/said" ||
    fail "there are rules here that iptables can't save, and could not put back: $(visible <"$STATE/said" | head -n 1)"
  # While a timer runs the way back leads to the rules from before the first run, whatever was loaded since.
  if [ "$pending" = no ] || [ ! -e "$before" ]; then
    : >"$touched"
    cp "$now" "$before"
  fi
  grep '^[*:]' "$STATE/rules.$1" >>"$touched"
  { cat "$before" && missing_tables "$touched" "$before"; } >"$before.new"
  mv -f "$before.new" "$before"
  undo "$touched" "$before" >"$STATE/undo.$1.new"
  mv -f "$STATE/undo.$1.new" "$STATE/undo.$1"
  merge "$STATE/rules.$1" "$now" >"$STATE/load.$1"
  readable "$1" "$before" || fail "the $1 rules that are here could not be put back. Nothing was changed."
  readable "$1" "$STATE/undo.$1" --noflush || fail "the way back does not work. Nothing was changed."
  readable "$1" "$STATE/load.$1" --noflush || fail "Nothing was changed."
}

readable() { # FAMILY FILE [--noflush]
  file=$2
  if ! restore "$1" --test ${3+"$3"} <"$file" 2>"$STATE/said"; then
    explain "$1" "$file"
    return 1
  fi
}

# A job that no end of this login reaches.
start_watch() {
  if [ -d /run/systemd/system ] && systemd-run --quiet --unit="set_iptables-$$" --property=Restart=on-failure \
    /bin/sh "$STATE/back.sh" wait </dev/null >/dev/null 2>&1; then
    return
  fi
  if command -v setsid >/dev/null; then
    setsid sh "$STATE/back.sh" wait </dev/null >/dev/null 2>&1 &
  else
    nohup sh "$STATE/back.sh" wait </dev/null >/dev/null 2>&1 &
  fi
}

arm() {
  read -r up rest </proc/uptime
  : "$rest"
  echo "$((${up%.*} + ROLLBACK_AFTER + 1))" >"$STATE/deadline.new"
  mv -f "$STATE/deadline.new" "$STATE/deadline"
  if [ "$pending" = no ]; then : >"$STATE/armed"; fi
  rm -f "$STATE/watch"
  start_watch
  tries=0
  until [ -s "$STATE/watch" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
      [ "$pending" = yes ] || rm -f "$STATE/armed"
      fail "no timer can be started here. Nothing was changed; --now loads the rules without one."
    fi
    sleep 0.1 2>/dev/null || sleep 1
  done
}

go_back() { sh "$STATE/back.sh" now; }

load() { # timer|now
  case $ROLLBACK_AFTER in
  '' | 0* | *[!0-9]*) fail "ROLLBACK_AFTER is a number of seconds, not $(say "$ROLLBACK_AFTER" | visible)" ;;
  esac
  for tool in awk sed grep; do command -v "$tool" >/dev/null || fail "this needs $tool"; done
  [ ! -e /var/lib/hardtui/current/state.armed ] ||
    fail "a change made in hardtui waits for its confirm here: finish that first (sh /var/lib/hardtui/guard.sh status)"
  mkdir -p "$STATE"
  [ ! -e "$STATE/fired" ] || fail "the old rules are being put back right now; if that was cut off, --back ends it"
  pending=no
  [ ! -e "$STATE/armed" ] || pending=yes
  [ "$pending" = yes ] || rm -f "$STATE"/*
  back_script >"$STATE/back.new"
  mv -f "$STATE/back.new" "$STATE/back.sh"
  notes
  families=
  for family in v4 v6; do
    [ -n "$("rules_$family")" ] || continue
    reason=$(unusable "$family")
    if [ -z "$reason" ]; then
      prepare "$family"
      families="$families $family"
    elif [ "$family" = v4 ]; then
      fail "$reason"
    elif grep -qs . /proc/net/if_inet6; then
      say "Note: IPv6 is on here and stays as open as it is: $reason." >&2
    else
      say "Note: the IPv6 rules are left out: $reason."
    fi
  done
  [ "$1" = now ] || arm
  for family in $families; do
    if ! restore "$family" --noflush <"$STATE/load.$family" 2>"$STATE/said"; then
      explain "$family" "$STATE/load.$family"
      go_back || :
      fail "The rules were not loaded."
    fi
  done
  if [ "$1" = now ]; then
    rm -f "$STATE/armed"
    say "The rules are loaded."
  elif [ -e "$STATE/armed" ]; then
    say "The rules are loaded. In $ROLLBACK_AFTER seconds the old ones come back, unless you keep these:"
    say "log in anew, to see that you still can, and there: $again --keep"
  else
    # The timer of an earlier run fired meanwhile.
    go_back || :
    fail "The timer of an earlier run fired just now, and the old rules are back: run this again."
  fi
}

keep() {
  mv "$STATE/armed" "$STATE/kept" 2>/dev/null || fail "no timer is running: there is nothing to keep, or it is too late"
  say "The rules stay, until the next boot. ($again --back brings the old ones back until then.)"
  if command -v netfilter-persistent >/dev/null; then
    say "To load them at boot as well: netfilter-persistent save"
  elif [ -e /etc/sysconfig/iptables ]; then
    say "To load them at boot as well: service iptables save; service ip6tables save"
  else
    say "Nothing here loads rules at boot: run this script with --now before the network comes up."
  fi
}

main() {
  again="sh $0"
  [ -f "$0" ] || again="sh -s -- <set_iptables.sh"
  case $#:${1-} in 0: | 1:--now | 1:--keep | 1:--back) ;; *)
    say "usage: $again [--keep | --back | --now]" >&2
    exit 2
    ;;
  esac
  [ "$(id -u)" = 0 ] || fail "this needs root"
  case ${1-} in
  --keep) keep ;;
  --back) if [ -s "$STATE/back.sh" ]; then go_back; else fail "nothing was loaded since the last boot"; fi ;;
  --now) load now ;;
  *) load timer ;;
  esac
}

# Last, so that a script that arrives cut off does nothing at all.
main "$@"
