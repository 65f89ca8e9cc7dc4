# What others did to the touched chains since the change, kept while the change itself is taken back.
#
# Three texts of the same chains: `after` (what the transaction made), `found` (what is there now) and `before`. Prints
# `before` with what others changed between the first two. What could shut out the operator is left out: dropping or
# rejecting what may come to sshd, without a source address or from his. Notes go to standard error.
#
# Rules are aligned by their text (which of its equals a line is counts too) and the longest run of them that stands in
# the same order in both, so that time and memory grow with the number of rules and not with its square.
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

  # Aligns two texts of one chain: partner[a, b, key, i] is the place in b of line i of a. Gives how many lines have one.
  function align(a, b, key,    n, m, start, i, j, text, common, seen, place, low, high, mid, size, tail, back) {
    n = count[a, key] + 0; m = count[b, key] + 0
    for (start = 1; start <= n && start <= m && line[a, key, start] == line[b, key, start]; start++) {
      partner[a, b, key, start] = start
      common++
    }
    while (n >= start && m >= start && line[a, key, n] == line[b, key, m]) { partner[a, b, key, n--] = m--; common++ }
    split("", seen); split("", place); split("", tail); split("", back)
    for (j = start; j <= m; j++) { text = line[b, key, j]; place[++seen[text] " " text] = j }
    split("", seen)
    # tail[k]: the line of a that ends the best run of k lines; back[i]: the line before i in its run (patience sorting).
    size = 0
    for (i = start; i <= n; i++) {
      text = line[a, key, i]
      text = ++seen[text] " " text
      if (!(text in place)) continue
      j = at[i] = place[text]
      low = 1; high = size
      while (low <= high) {
        mid = int((low + high) / 2)
        if (at[tail[mid]] < j) low = mid + 1
        else high = mid - 1
      }
      back[i] = tail[low - 1]
      tail[low] = i
      if (low > size) size = low
    }
    if (size) for (i = tail[size]; i; i = back[i]) partner[a, b, key, i] = at[i]
    return common + size
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

  # A long list would hide what counts.
  function note(words) {
    if (++notes <= 20) print "heed " words > "/dev/stderr"
  }

  # Rules that somebody only moved are neither new nor gone: they go back to their places. astray[j] marks them in the
  # found text, strayed[i] in the base.
  function find_moved(base, key,    i, j, text, lost) {
    split("", astray); split("", strayed); split("", lost)
    for (i = 1; i <= count[base, key]; i++)
      if (partner[base, 2, key, i]) met[partner[base, 2, key, i]] = 1
      else { text = line[base, key, i]; lost[text] = lost[text] " " i }
    for (j = 1; j <= count[2, key]; j++) {
      text = line[2, key, j]
      if (j in met || lost[text] == "") continue
      astray[j] = 1
      moved++
      i = substr(lost[text], 2)
      sub(/ .*/, "", i)
      lost[text] = substr(lost[text], length(i) + 2)
      strayed[i] = 1
    }
    split("", met)
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
          if (!(i in theirs)) note("taken out with the chain that the change had made: " line[2, key, i])
        split("", theirs)
        continue
      }
      # A change that was not applied to this chain is not to be taken back either.
      near_before = (far_from(3, key) <= far_from(1, key))
      base = (ENVIRON["applied"] == "no" || (ENVIRON["applied"] == "unsure" && near_before)) ? 3 : 1
      align(base, 3, key)
      find_moved(base, key)
      was = policy[3, key]
      # A policy that only others changed stays theirs, if it lets everybody in.
      print key " " ((was == policy[base, key] && policy[2, key] == "ACCEPT") ? "ACCEPT" : was)
      found = old = 1
      for (i = 1; i <= count[base, key] + 1; i++) {
        last = (i > count[base, key])
        now_at = last ? count[2, key] + 1 : partner[base, 2, key, i] + 0
        old_at = last ? count[3, key] + 1 : partner[base, 3, key, i] + 0
        # What was put at the end stays there.
        if (last) for (; old < old_at; old++) print line[3, key, old]
        if (now_at)
          for (; found < now_at; found++) {
            rule = line[2, key, found]
            if (found in astray) continue
            if (shuts_out(rule)) note("taken out, because it could shut you out: " rule)
            else { print rule; note("kept, as somebody added it meanwhile: " rule) }
          }
        if (old_at) for (; old < old_at; old++) print line[3, key, old]
        if (last) break
        if (old_at) {
          # Somebody may have taken this rule away meanwhile; what accepts goes back all the same.
          if (now_at || (i in strayed) || line[base, key, i] ~ / -j ACCEPT( |$)/) print line[base, key, i]
          else note("stays away, as somebody removed it meanwhile: " line[base, key, i])
          old = old_at + 1
        }
        if (now_at) found = now_at + 1
      }
    }
    if (moved) print "plain " moved " rules that somebody had moved meanwhile are back in their places" > "/dev/stderr"
    if (notes > 20) print "heed and " (notes - 20) " more such rules" > "/dev/stderr"
  }'
