# Whose a rule is. What other programs fill in at run time is not ours to load at boot: they add it again, and it would be
# there twice.

# A save without what is other programs': their chains and the jumps into them, Docker's rules about its own bridges
# (whatever those are called: its chains name them), rules that say in their comment or by a set whose they are, and those
# that WireGuard's files add. The names are those of the firewall pane.
own_rules() { # FAMILY < save
  theirs=$(wg_rules "$1") awk '
    function foreign(name) {
      return name ~ /^(DOCKER|f2b-|fail2ban-|KUBE-|cali-|CILIUM|OLD_CILIUM|CNI-|FLANNEL|WEAVE|NETAVARK|ufw6?-|LIBVIRT_|(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(direct|ZONES|POLICIES|IN_|OUT_)|sshguard|crowdsec|CROWDSEC|ts-)/
    }
    function bare(rule) {
      rule = rule " "
      gsub(/"([^"\\]|\\.)*"/, "", rule)
      return rule
    }
    function dockers(chain, rule,    word, n, i) {
      if (chain != "FORWARD" && chain != "POSTROUTING") return 0
      if (rule ~ / (-i|-o) (docker0|br-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]) /) return 1
      n = split(rule, word, " ")
      for (i = 3; i < n; i++) if ((word[i] == "-i" || word[i] == "-o") && word[i + 1] in bridge) return 1
      return bridges && chain == "POSTROUTING" && word[3] == "-s" && word[5] == "-d" && word[4] == word[6] && rule ~ / -j MASQUERADE $/
    }
    BEGIN {
      n = split(ENVIRON["theirs"], known, "\n")
      for (i = 1; i <= n; i++) added[known[i]]++
    }
    {
      line[NR] = $0
      if (!/^-A DOCKER/ || $2 == "DOCKER-USER") next
      n = split(bare($0), word, " ")
      for (i = 3; i < n; i++) if (word[i] == "-i" || word[i] == "-o") { bridge[word[i + 1]] = 1; bridges = 1 }
    }
    END {
      for (l = 1; l <= NR; l++) {
        $0 = line[l]
        if (/^#/) continue
        if (/^\*/) table = substr($0, 2)
        if (/^:/ && foreign(substr($1, 2))) continue
        if (/^-A /) {
          if (foreign($2)) continue
          if ($0 ~ / --comment "?(wg-quick\(8\) rule for |generated for (LXD|Incus) network )| --match-set (crowdsec|f2b-|fail2ban-)/) continue
          rule = bare($0)
          if (match(rule, / -[jg] [^ ]+/) && foreign(substr(rule, RSTART + 4, RLENGTH - 4))) continue
          if (dockers($2, rule)) continue
          if (added[table " " $0] > 0) { added[table " " $0]--; continue }
        }
        print
      }
    }'
}

# The rules that WireGuard adds when it brings its interfaces up (PreUp and PostUp of wg-quick(8)), as this iptables
# prints them: "TABLE -A …" a line. Its commands are tried in a scratch namespace, and only those that are iptables' own
# without anything that a shell would read otherwise.
wg_rules() { # FAMILY
  for conf in "$ETC"/wireguard/*.conf; do
    [ -r "$conf" ] || continue
    name=${conf##*/}
    [ -e "$ROOT/sys/class/net/${name%.conf}" ] || continue
    sed -nE 's/^[[:space:]]*(PostUp|PreUp)[[:space:]]*=[[:space:]]*//p' "$conf" | sed "s/%i/${name%.conf}/g" |
      tr ';' '\n' | tr '&' '\n' |
      sed -nE "s/^[[:space:]]*$(bare_tool "$1")(-nft|-legacy)? //p" | grep -v '[^-A-Za-z0-9 ./:,_!=+%]'
  done | {
    commands=$(cat)
    [ -n "$commands" ] || return 0
    # shellcheck disable=SC2016 # expanded by the inner shell
    commands=$commands scratch 'printf "%s\n" "$commands" | while read -r words; do "$1" $words; done; exec "$2"' \
      "$(plain_tool "$1")" "$(save_tool "$1")" 2>/dev/null |
      awk '/^\*/ { table = substr($0, 2) } /^-A / { print table " " $0 }'
  }
}
