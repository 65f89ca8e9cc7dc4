# shellcheck shell=sh
# shellcheck disable=SC2154 # set by probe.sh, in front of this text; so are sshd's options as "$@"
# Asks sshd what it would do for others than the operator. Which Match blocks there are, and which of them hold for
# somebody, is sshd's own word: with -ddd it tells of each as it reads it, whatever includes it stands in.
debug=
case $attempt in
  effective) debug=$("$sshd" -ddd -T "$@" -C "$who,$here" 2>&1 >/dev/null | tr -d '\r') ;;
esac
matches=$(printf '%s\n' "$debug" | sed -n "s/^debug3: checking syntax for 'Match \(.*\)'\( on line [0-9]*\)\{0,1\}$/\1/p" |
  awk '!seen[$0]++')

part matches
case $debug in
  *'debug2: '*) if [ -n "$matches" ] || ! grep -iqs '^[[:space:]]*match[[:space:]]' "${HARDTUI_ROOT:-}/etc/ssh/sshd_config"; then echo read; else echo unread; fi ;;
  *) if has_match; then echo unread; else echo read; fi ;;
esac
printf '%s\n' "$matches"

# The files that sshd reads, by its own word, in its order, and those that we write; and which of them a package brought.
read_files=$(
  {
    printf '%s\n' "$debug" | sed -n 's/^debug2: load_server_config: filename //p'
    echo /etc/ssh/sshd_config.d/00-hardtui.conf
    echo /etc/systemd/system/ssh.socket.d/hardtui.conf
  } | awk '!seen[$0]++'
)
part files
printf '%s\n' "$read_files"
part packaged
[ -n "${HARDTUI_ROOT:-}" ] || {
  if command -v dpkg >/dev/null 2>&1; then
    printf '%s\n' "$read_files" | sed 1d | tr '\n' '\0' | xargs -0 -r dpkg -S 2>/dev/null | sed -n 's/^[^/]*: //p'
  fi
  if command -v rpm >/dev/null 2>&1; then
    printf '%s\n' "$read_files" | sed 1d | while read -r path; do ! rpm -qf "$path" >/dev/null 2>&1 || printf '%s\n' "$path"; done
  fi
}
number=0
IFS=$newline
set -f
for path in $read_files; do
  set +f
  [ "$number" -ge 60 ] || file_part "file.$number" "$path"
  number=$((number + 1))
done
set +f
unset IFS

# Which lines hold for somebody, as sshd read them: @PATH:LINE KEYWORD. What stands in a Match block is read in a second
# pass, behind @@, in which the first file is called `reprocess config`.
sources() {
  sed -n -e 's/^debug3: \(.*:[0-9][0-9]*\) setting \([^ ]*\).*$/@\1 \2/p' \
    -e 's/^debug2: parse_server_config[^ ]*: config reprocess config len .*$/@@/p'
}
part asked
printf '%s\n' "$who,$here"
part sources
printf '%s\n' "$debug" | sources

[ -n "$matches" ] || exit 0

# One line a person: user, address, server's address and port, host name, what else, and the block he is to meet.
# A block is met by the first name or network of each of its lists; who is nobody in particular is `anybody`, from an
# address that nobody has (240/4 is reserved). For a block of any user root is asked too, for one of any address the
# operator's.
people() {
  {
    getent group 2>/dev/null || cat /etc/group
    echo ::passwd
    getent passwd 2>/dev/null || cat /etc/passwd
    echo ::matches
    printf '%s\n' "$matches"
  } | awk -v you="$client_address" -v laddr="$server_address" -v lport="$server_port" -v stranger=240.0.0.1 '
    function tell(user, addr, block) {
      printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", user, addr, laddr_now, lport_now, host == "" ? addr : host, more, block
    }
    # The items of a list that may match, in order; how many there are.
    function items(list, into, all, count, i) {
      split("", into)
      count = 0
      all = split(list, parts, ",")
      for (i = 1; i <= all; i++) if (parts[i] !~ /^!/ && parts[i] != "*" && parts[i] != "") into[++count] = parts[i]
      return count
    }
    function filled(pattern, with) { gsub(/[*?]/, with, pattern); return pattern }
    function address(pattern, dots) {
      sub(/\/.*/, "", pattern)
      if (pattern ~ /[*?]/ && pattern !~ /:/) {
        pattern = filled(pattern, "1")
        for (dots = gsub(/\./, ".", pattern); dots < 3; dots++) pattern = pattern ".1"
      }
      return pattern
    }
    function expression(pattern) {
      gsub(/[].[^$\\+(){}|]/, "\\\\&", pattern)
      gsub(/\*/, ".*", pattern)
      gsub(/\?/, ".", pattern)
      return "^" pattern "$"
    }
    function member(list, count, i, j) {
      count = items(list, wanted)
      for (i = 1; i <= count; i++)
        for (j = 1; j <= groups; j++)
          if (group[j] ~ expression(wanted[i])) {
            known = 1
            if (members[j] != "") return members[j]
            if (primary[gid[j]] != "") return primary[gid[j]]
          }
      return ""
    }
    /^::(passwd|matches)$/ { section = $0; next }
    section == "" { count = split($0, field, ":"); group[++groups] = field[1]; gid[groups] = field[3]; members[groups] = field[4]; sub(/,.*/, "", members[groups]); next }
    section == "::passwd" { split($0, field, ":"); if (primary[field[4]] == "") primary[field[4]] = field[1]; next }
    {
      block = rest = $0
      user = addr = host = more = problem = ""
      laddr_now = laddr
      lport_now = lport
      while (match(rest, /("[^"]*"|[^ \t"=])+/)) {
        key = tolower(substr(rest, RSTART, RLENGTH))
        rest = substr(rest, RSTART + RLENGTH)
        if (key ~ /^#/) break
        if (key == "all") continue
        if (key == "invalid-user") { more = more ",invalid-user"; continue }
        sub(/^[ \t]*=?[ \t]*/, "", rest)
        if (!match(rest, /^("[^"]*"|[^ \t"])+/)) break
        value = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        gsub(/"/, "", value)
        if (key == "group") {
          known = 0
          user = member(value)
          if (user == "") problem = known ? "empty" : "strange"
          continue
        }
        if (!items(value, one)) continue
        if (key == "user") user = filled(one[1], "x")
        if (key == "address") addr = address(one[1])
        if (key == "host") host = filled(one[1], "x")
        if (key == "localaddress") laddr_now = address(one[1])
        if (key == "localport") lport_now = one[1]
        if (key == "rdomain") more = more ",rdomain=" filled(one[1], "x")
      }
      if (problem != "") { printf "%s\t\t\t\t\t\t%s\n", "!" problem, block; next }
      if (++blocks > 40) next
      tell(user == "" ? "anybody" : user, addr == "" ? stranger : addr, block)
      if (user == "") tell("root", addr == "" ? stranger : addr, block)
      if (addr == "") tell(user == "" ? "anybody" : user, you, block)
    }
    BEGIN { laddr_now = laddr; lport_now = lport; tell("anybody", stranger, "-"); tell("root", stranger, "-") }'
}

# What of an answer matters here: the blocks that held, the lines that did, and every keyword that holds otherwise than for
# the operator (`-` and its name: it holds nowhere).
answer() {
  shown=$(cat)
  printf '%s\n' "$shown" | sources
  printf '%s\n' "$shown" | own=$settings awk -v setting='^[A-Za-z][A-Za-z0-9]*( |$)' '
    function take(line, into, word) {
      word = tolower(line)
      sub(/ .*/, "", word)
      into[word] = into[word] line "\n"
      return word
    }
    BEGIN {
      count = split(ENVIRON["own"], list, "\n")
      for (i = 1; i <= count; i++) if (list[i] ~ setting) take(list[i], mine)
    }
    /^debug3: checking match for / {
      block = substr($0, length("debug3: checking match for .") + 1)
      block = substr(block, 1, index(block, "\047 user ") - 1)
    }
    /^debug3: match found/ { print "=" block }
    $0 ~ setting { word = take($0, theirs); if (!(word in known)) { known[word]; order[++n] = word } }
    END {
      for (i = 1; i <= n; i++) if (theirs[order[i]] != mine[order[i]]) printf "%s", theirs[order[i]]
      for (word in mine) if (!(word in known)) print "-" word
    }'
}

part own
printf '%s\n' "$debug" | answer | sed -n 's/^=//p'

part views
tab=$(printf '\t')
people | tr '\t' '\001' | while IFS=$(printf '\001') read -r user addr laddr lport host more block; do
  printf '>%s%s%s%s%s\n' "$user" "$tab" "$addr" "$tab" "$block"
  case $user in !*) continue ;; esac
  asked=user=$user,host=$host,addr=$addr,laddr=$laddr,lport=$lport$more
  printf '?%s\n' "$asked"
  if shown=$("$sshd" -ddd -T "$@" -C "$asked" 2>&1); then
    printf '%s\n' "$shown" | tr -d '\r' | answer
  else
    echo '!'
  fi
done
