# What every server-side script shares: places, clocks, durable writes, and reading rule sets.
# POSIX sh. Runs as root, outside any login session where that matters, and trusts no environment but its own.
set -u
umask 077

# Where / is: below a folder for the practice server and in tests. The guard knows by where it stands itself, never by the
# environment; a script that is not installed (its name is no path) is told by the console that sends it.
case $0 in
/var/run/hardtui/guard.sh) ROOT= ;;
/*/var/lib/hardtui/guard.sh) ROOT=${0%/var/lib/hardtui/guard.sh} ;;
/*/run/hardtui/guard.sh) ROOT=${0%/run/hardtui/guard.sh} ;;
hardtui) ROOT=${HARDTUI_ROOT:-} ;;
*) ROOT= ;;
esac
# The system's own directories and no others: one that the caller searches may be anybody's. launch.ts has the same.
PATH=${ROOT:+$ROOT/bin:}/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/run/wrappers/bin:/run/current-system/sw/bin
LC_ALL=C
export LC_ALL PATH

DIR=$ROOT/var/lib/hardtui
ETC=$ROOT/etc
PROC=$ROOT/proc
RUN=$ROOT/run
CURRENT=$DIR/current
# In memory: signs of life, and a second copy of a change that is armed, in the layout of $DIR.
SPARE=$RUN/hardtui
UNITS=$ETC/systemd/system
BOOT_UNIT=hardtui-rollback.service
# shellcheck disable=SC2034 # used by the parts that follow
BOOT_LINK=$UNITS/sysinit.target.wants/$BOOT_UNIT
# The watch ends for good with this status; any other end is restarted.
# shellcheck disable=SC2034
DONE=77

# A message is one line, whatever the words in it are: the console takes lines that begin with @ for messages.
say() {
  case $* in *"
"*) set -- "$(printf '%s' "$*" | tr '\n' ' ')" ;; esac
  printf '@%s\n' "$*"
}

# One line on what was done, behind its grade, which is all that a console judges it by: `lost` is not as it was, `heed` is
# for a person to look at, `plain` went as it should.
note() { printf '%s\n' "$*"; } # GRADE WORDS

# Notes for people, without their grades.
words_of_notes() { sed 's/^[a-z]* //'; }

# Among the logins, where other consoles follow along and are told.
log() { logger -p authpriv.notice -t hardtui -- "$*" 2>/dev/null || :; }

# What is asked every second starts no process, not even a shell of its own: the `take_…` leave their answer in a variable.

# The one line of a small file, in `content`; empty when it is not there.
take_line() {
  content=
  { read -r content <"$1"; } 2>/dev/null || :
}
line_of() {
  take_line "$1"
  printf '%s\n' "$content"
}

# Centiseconds since boot, in `uptime`. Neither NTP nor anybody's `date -s` moves it.
take_uptime() {
  read -r up idle <"$PROC/uptime" || return 1
  : "$idle"
  # Without leading zeros, which arithmetic would read as octal.
  uptime=$((${up%.*} * 100 + 1${up#*.} - 100))
}
uptime_cs() { take_uptime && echo "$uptime"; }

# Now, in ticks of the clock by which proc(5) tells when processes began: that of a child made for it. In a container
# /proc/uptime may be its own (lxcfs), while a process's start is the kernel's.
ticks_now() { sh -c 'read -r stat <"$1/$$/stat" && set -- ${stat##*) } && shift 19 && echo "$1"' ticks "$PROC"; }

# Which boot this is, in `this_boot`.
take_boot() {
  take_line "$PROC/sys/kernel/random/boot_id"
  this_boot=${content:-none}
}
boot_id() {
  take_boot
  echo "$this_boot"
}

# What /proc/PID/status says behind a word, in `value`; the name, which comes first, can't hold a line of its own.
take_status() { # PID WORD:
  while read -r key value others; do
    [ "$key" != "$2" ] || return 0
  done 2>/dev/null <"$PROC/$1/status"
  : "${others:-}"
  value=
}

# Whether a process is root's, whatever name it has given itself; that is the real user's id, as atd has another one on.
is_roots() { # PID
  take_status "$1" Uid:
  [ "$value" = 0 ]
}

# Replaces a file in one step: whoever reads it sees the old text or the new.
put() { cat >"$1.new" && mv -f "$1.new" "$1"; }

# To the disk, directories too: a power cut must not find an empty rollback. Old tools sync everything instead.
durable() { sync "$@" 2>/dev/null || sync; }

# A rename decides who wins. mv(1) may not copy or ask here, and a source that is gone is a race that was lost.
become() { mv -f "$CURRENT/state.$1" "$CURRENT/state.$2" 2>/dev/null; }

# How far the change has come, in `stage`.
take_state() {
  for stage in prepared armed confirmed reverting reverted; do
    [ ! -e "$CURRENT/state.$stage" ] || return 0
  done
  stage=preparing
  [ -d "$CURRENT" ] || stage=none
}
state() {
  take_state
  echo "$stage"
}

# Where a file of the server is; the practice server keeps its own below a root of its own.
path_of() { printf '%s\n' "$ROOT$1"; }

pause() { sleep 0.1 2>/dev/null || sleep 1; }

# Once armed, by the name of the backend that was in use then, whatever `iptables` has become since
# (update-alternatives(1)): rules that were read from one would be put back into the other.
plain_tool() { # FAMILY [-save|-restore]
  backend=$(line_of "$CURRENT/meta/backend.$1")
  echo "$(bare_tool "$1")${backend:+-$backend}${2:-}"
}
bare_tool() { [ "$1" = v4 ] && echo iptables || echo ip6tables; }
restore_tool() { plain_tool "$1" -restore; }
save_tool() { plain_tool "$1" -save; }

# nft or legacy, where the plain names are another name of those programs; nothing where they are programs of their own.
backend_in_use() { # FAMILY
  plain=$(bare_tool "$1")
  case $("$plain" --version 2>/dev/null) in
  *nf_tables*) backend=nft ;;
  *legacy*) backend=legacy ;;
  *) return ;;
  esac
  for what in '' -save -restore; do
    same_program "$plain$what" "$plain-$backend$what" || return
  done
  echo "$backend"
}

same_program() {
  one=$(command -v "$1") && two=$(command -v "$2") && [ "$(readlink -f "$one")" = "$(readlink -f "$two")" ]
}

nft_family() { [ "$1" = v4 ] && echo ip || echo ip6; }

# iptables-restore older than 1.6.2 has no -w; the legacy one then fails at once when the lock is taken.
restore() {
  tool=$(restore_tool "$1")
  shift
  alive
  timeout 20 "$tool" -w 5 "$@"
}

# A sign of life of whoever is at work on the change: the watch, or whoever restores.
alive() {
  take_uptime && { echo "$uptime" >"$SPARE/beat.new" && mv -f "$SPARE/beat.new" "$SPARE/beat"; } 2>/dev/null
}

# The families this transaction touches.
families() {
  for one in v4 v6; do [ -s "$CURRENT/plan/$one.touches" ] && echo "$one"; done
}

# Canonical text, without counters, of the chains listed in a touches file ("TABLE CHAIN" a line), from iptables-save
# on stdin. The console makes the same text from what it read (chain-text.ts); drift is judged by comparing both.
chains_of() { chains_in "$(cat "$1")"; }

chains_in() {
  touches=$1 awk '
    BEGIN {
      n = split(ENVIRON["touches"], order, "\n")
      for (i = 1; i <= n; i++) wanted[order[i]] = 1
      split("INPUT OUTPUT FORWARD PREROUTING POSTROUTING", names, " ")
      for (i in names) builtin[names[i]] = 1
      ORS = ""
    }
    /^\*/ { table = substr($0, 2) }
    /^:/ { key = table " " substr($1, 2); if (key in wanted) head[key] = $2 }
    /^(\[[0-9]+:[0-9]+\] )?-A / {
      line = $0
      sub(/^\[[0-9]+:[0-9]+\] /, "", line)
      split(line, word, " ")
      key = table " " word[2]
      if (key in wanted) body[key] = body[key] line "\n"
    }
    END {
      for (i = 1; i <= n; i++) {
        key = order[i]
        split(key, word, " ")
        policy = (key in head) ? head[key] : ((word[2] in builtin) ? "ACCEPT" : "absent")
        print "*" key " " policy "\n"
        print body[key]
      }
    }'
}

# A whole save without comments and counters, for comparing: line by line within each table, tables in any order.
comparable() {
  sed -e '/^#/d' -e '/^$/d' -e 's/^\[[0-9]*:[0-9]*\] //' -e 's/^\(:[^ ]* [^ ]*\) \[.*$/\1/' |
    awk '/^\*/ { table = $0; n = 1000000 } { print table " " n++ " " $0 }' | sort
}

# What a rule set becomes: restores stdin (a save, then any deltas) in a network namespace of its own and prints the
# save of the outcome. Nothing outside that namespace changes. --test would miss what only the kernel refuses.
in_scratch() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  scratch '
    reason=$("$1" --noflush -c 2>&1) || { printf "%s\n" "$reason" >&2; exit 92; }
    exec "$2" -c' "$(restore_tool "$1")" "$(save_tool "$1")"
}

# Runs a script in a network namespace of its own. What rules there may name besides chains comes along, empty: sets
# (ipset(8)) and counters (nfacct(8)). Their members decide about packets, and no packet comes there.
scratch() { # SCRIPT ARGUMENTS
  script=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  sets=$(ipset list -t 2>/dev/null | awk '
    /^Name: / { name = $2 } /^Type: / { type = $2 }
    /^Header: / { sub(/^Header: /, ""); print "create", name, type, $0 }') \
  counters=$(nfacct list 2>/dev/null | sed -n 's/^{.*} = \(.*\);$/\1/p') \
    unshare -n sh -c '
    [ -z "$sets" ] || printf "%s\n" "$sets" | ipset restore
    [ -z "$counters" ] || printf "%s\n" "$counters" | while read -r name; do nfacct add "$name"; done
    '"$script" scratch "$@"
}

# The line of a program's words that says most: the first that speaks of an error, else the last.
telling_line() { # WORDS
  printf '%s\n' "$1" | tr -d '\r' | awk '
    /[Bb]ad|[Ee]rror|[Ff]ailed|[Cc]annot/ && !found { found = $0 }
    /[^ ]/ { last = $0 }
    END { print found ? found : last }'
}

# iptables says where in the input it stopped; the last words before that are the reason.
reason_of() { grep -v -e '^Error occurred' -e '^Try `' -e '^$' "$1" | sed 's/^[a-z0-9-]*restore v[^:]*: //' | tail -n 1; }
