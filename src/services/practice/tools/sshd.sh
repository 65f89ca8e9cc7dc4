#!/bin/sh
# Stands in for sshd(8): -T prints the effective settings, of whom -C names with Match blocks and all, -t only looks for
# what it would refuse, -ddd says which lines count, -V prints the version. Of a Match it knows User, Group, Host, Address,
# LocalAddress, LocalPort and All. Other files may be mounted over its own (mount.sh).
etc=$HARDTUI_ROOT/etc/ssh
kernel=${HARDTUI_KERNEL:-$HARDTUI_ROOT/kernel}
[ ! -e "$kernel/ssh" ] || etc=$kernel/ssh
file=/etc/ssh/sshd_config
mode=
debug=
who=
while [ $# -gt 0 ]; do
  case $1 in
  -V) echo 'OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024' >&2; exit 0 ;;
  -f) file=$2; shift ;;
  -C) who=$who${who:+,}$2; shift ;;
  -o) shift ;;
  -T | -t) mode=$1 ;;
  -ddd) debug=yes ;;
  -D) ;;
  -*)
    echo "unknown option -- ${1#-}" >&2
    echo 'OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15 3 Sep 2024' >&2
    exit 1
    ;;
  esac
  shift
done
[ -n "$mode" ] || exit 0
[ "${HARDTUI_AS:-0}" = 0 ] || { echo 'sshd: no hostkeys available -- exiting.' >&2; exit 1; }
export etc file who mode debug
exec awk '
  function tell(text) { if (ENVIRON["debug"] != "") print text > "/dev/stderr" }
  function refuse(where, why) { print where ": " why > "/dev/stderr"; bad++ }
  # Where a file of the server is kept.
  function place(path) { return path ~ /^\/etc\/ssh\// ? ENVIRON["etc"] substr(path, 9) : ENVIRON["HARDTUI_ROOT"] path }

  # --- Match ---
  function expression(pattern) {
    gsub(/[].[^$\\+(){}|]/, "\\\\&", pattern)
    gsub(/\*/, ".*", pattern)
    gsub(/\?/, ".", pattern)
    return "^" pattern "$"
  }
  function number(address,   part) {
    if (split(address, part, ".") != 4) return -1
    return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
  }
  function fits(word, pattern, kind,   range, size) {
    if (kind != "address" || split(pattern, range, "/") != 2) return word ~ expression(pattern)
    if (number(word) < 0 || number(range[1]) < 0) return word == range[1]
    for (size = 1; range[2] < 32; range[2]++) size *= 2
    return int(number(word) / size) == int(number(range[1]) / size)
  }
  # A pattern list (ssh_config(5)): one that is negated and fits beats every other.
  function listed(word, list, kind,   item, count, i, found) {
    count = split(list, item, ",")
    for (i = 1; i <= count; i++) {
      if (item[i] ~ /^!/) { if (fits(word, substr(item[i], 2), kind)) return 0 }
      else if (fits(word, item[i], kind)) found = 1
    }
    return found + 0
  }
  function in_group(list,   i) {
    for (i = 1; i <= groups; i++) if (listed(group[i], list)) return 1
    return 0
  }
  function matches(criteria, where,   key, value, holds) {
    holds = 1
    while (match(criteria, /^[ \t]*[A-Za-z-]+/)) {
      key = tolower(substr(criteria, 1, RLENGTH))
      sub(/^[ \t]+/, "", key)
      criteria = substr(criteria, RLENGTH + 1)
      if (key == "all") continue
      sub(/^[ \t]*=?[ \t]*/, "", criteria)
      if (!match(criteria, /^("[^"]*"|[^ \t"]+)/)) { refuse(where, "Match " key " has no value"); return 0 }
      value = substr(criteria, 1, RLENGTH)
      criteria = substr(criteria, RLENGTH + 1)
      gsub(/"/, "", value)
      if (key == "user") holds = holds && listed(asked["user"], value)
      else if (key == "group") holds = holds && in_group(value)
      else if (key == "host") holds = holds && listed(asked["host"], tolower(value))
      else if (key == "address") holds = holds && listed(asked["addr"], value, "address")
      else if (key == "localaddress") holds = holds && listed(asked["laddr"], value, "address")
      else if (key == "localport") holds = holds && asked["lport"] == value
      else { refuse(where, "Unsupported Match attribute " key); return 0 }
    }
    return holds
  }

  # --- the files: once for everybody, once for whom is asked about, when only blocks count ---
  function set(key, value) {
    if (key in adding) gsub(/[ \t]+/, "\n", value)
    if (!((pass, key) in made)) made[pass, key] = value
    else if (key in adding) made[pass, key] = made[pass, key] "\n" value
  }
  function include(value, where, active, depth,   pattern, path, count, i, command, found, all) {
    count = split(value, pattern, /[ \t]+/)
    for (i = 1; i <= count; i++) {
      if (pattern[i] !~ /^\//) pattern[i] = "/etc/ssh/" pattern[i]
      if (pass == 1) tell("debug2: " where ": new include " pattern[i])
      if (pattern[i] !~ /^[A-Za-z0-9\/._*?-]+$/) continue
      path = place(pattern[i])
      all = ""
      command = "cd \"$etc\" && ls -d " (pattern[i] ~ /^\/etc\/ssh\// ? "-- ./" substr(pattern[i], 10) : "\"$HARDTUI_ROOT\"" pattern[i]) " 2>/dev/null"
      while ((command | getline found) > 0) all = all found "\n"
      close(command)
      read_all(all, where, active, depth)
    }
  }
  function read_all(all, where, active, depth,   path, count, i) {
    count = split(all, path, "\n")
    for (i = 1; i < count; i++) {
      if (!sub(/^\.\//, "/etc/ssh/", path[i])) path[i] = substr(path[i], length(ENVIRON["HARDTUI_ROOT"]) + 1)
      if (pass == 1) {
        tell("debug2: " where ": including " path[i])
        tell("debug2: load_server_config: filename " path[i])
      }
      tell("debug2: parse_server_config_depth: config " path[i] " len 1")
      if (depth < 16) read_file(path[i], path[i], active, depth + 1)
    }
  }
  function read_file(path, shown, active, depth,   line, n, key, value, at, where) {
    n = 0
    at = place(path)
    while ((getline line < at) > 0) {
      n++
      where = shown " line " n
      sub(/^[ \t]+/, "", line)
      sub(/[ \t\r]+$/, "", line)
      if (line == "" || line ~ /^#/) continue
      key = value = line
      sub(/[ \t=].*/, "", key)
      sub(/^[^ \t=]+[ \t]*=?[ \t]*/, "", value)
      sub(/[ \t]+#.*/, "", value)
      key = tolower(key)
      if (key == "match") {
        if (pass == 1) {
          tell("debug3: checking syntax for \047Match " value "\047 on line " n)
          matches(value, where)
          active = 0
          inside = 1
        } else {
          tell("debug3: checking match for \047" value "\047 user " asked["user"] " host " asked["host"] " addr " asked["addr"] " laddr " asked["laddr"] " lport " asked["lport"])
          active = matches(value, where)
          tell("debug3: match " (active ? "" : "not ") "found")
        }
        continue
      }
      if (key == "include") { include(value, where, active, depth); continue }
      if (!(key in usual)) {
        if (pass == 1) refuse(shown, "line " n ": Bad configuration option: " key)
        continue
      }
      if (pass == 1 && inside && (key in everybody)) { refuse(where, "Directive \047" key "\047 is not allowed within a Match block"); continue }
      if (!active || (pass == 2 && (key in everybody))) continue
      tell("debug3: " shown ":" n " setting " line)
      gsub(/"/, "", value)
      set(key, key in spec ? algorithms(key, value, where) : value)
    }
    close(at)
    # A block ends with the file that it stands in.
    if (depth > 0) inside = 0
  }

  # A list of algorithms as it is meant: `+` adds to the default, `-` takes from it, `^` puts in front (sshd_config(5)).
  function algorithms(key, value, where,   sign, item, count, i, all, kept) {
    sign = substr(value, 1, 1)
    if (sign ~ /[-+^]/) value = substr(value, 2)
    count = split(value, item, ",")
    for (i = 1; i <= count; i++)
      if (sign != "-" && !index("," usual[key] "," (key in older ? older[key] : "") ",", "," item[i] ",")) {
        refuse(where, "Bad SSH2 " spec[key] " \047" value "\047.")
        return usual[key]
      }
    if (sign == "+") return usual[key] "," value
    if (sign !~ /[-^]/) return value
    count = split(usual[key], all, ",")
    kept = sign == "^" ? value : ""
    for (i = 1; i <= count; i++)
      if (!listed(all[i], value)) kept = kept (kept == "" ? "" : ",") all[i]
    return kept
  }
  function print_setting(key, value,   line, count, i) {
    if (value == "-") return
    if (key == "permitrootlogin" && value == "prohibit-password") value = "without-password"
    count = split(value, line, "\n")
    for (i = 1; i <= count; i++) print key " " line[i]
  }
  function addresses(   own, port, count, ports, i, j) {
    own = (1, "listenaddress") in made ? made[1, "listenaddress"] : "[::]\n0.0.0.0"
    ports = split(((1, "port") in made) ? made[1, "port"] : usual["port"], port, "\n")
    count = split(own, own_address, "\n")
    for (i = 1; i <= count; i++) {
      if (own_address[i] ~ /:.*:/ && own_address[i] !~ /^\[/) own_address[i] = "[" own_address[i] "]"
      if (own_address[i] ~ /^(\[.*\]|[^:]*):[0-9]+$/) print "listenaddress " own_address[i]
      else for (j = 1; j <= ports; j++) print "listenaddress " own_address[i] ":" port[j]
    }
  }

  BEGIN {
    split("port listenaddress acceptenv allowusers denyusers allowgroups denygroups", words, " ")
    for (i in words) adding[words[i]]
    split("port addressfamily listenaddress usepam logingracetime maxstartups requiredrsasize strictmodes tcpkeepalive usedns printmotd syslogfacility permituserenvironment ignorerhosts", words, " ")
    for (i in words) everybody[words[i]]
    spec["ciphers"] = "cipher spec"
    spec["macs"] = "mac spec"
    spec["kexalgorithms"] = "KexAlgorithms"
    spec["hostkeyalgorithms"] = spec["pubkeyacceptedalgorithms"] = spec["casignaturealgorithms"] = "key types"
    older["ciphers"] = "aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc"
    older["macs"] = "hmac-md5,hmac-sha1-96,hmac-md5-96"
    older["kexalgorithms"] = "diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1"
    older["hostkeyalgorithms"] = older["pubkeyacceptedalgorithms"] = older["casignaturealgorithms"] = "ssh-rsa"
    for (i in spec) if (i !~ /^pubkey/) everybody[i]
    while ((getline line < (ENVIRON["etc"] "/defaults")) > 0) {
      key = line
      sub(/ .*/, "", key)
      order[++keys] = key
      usual[key] = substr(line, length(key) + 2)
    }
    count = split(ENVIRON["who"], words, ",")
    for (i = 1; i <= count; i++) {
      at = index(words[i], "=")
      asked[substr(words[i], 1, at - 1)] = substr(words[i], at + 1)
    }
    own_gid = -1
    while ((getline line < (ENVIRON["HARDTUI_ROOT"] "/etc/passwd")) > 0) {
      split(line, field, ":")
      if (field[1] == asked["user"]) own_gid = field[4]
    }
    while ((getline line < (ENVIRON["HARDTUI_ROOT"] "/etc/group")) > 0) {
      split(line, field, ":")
      if (field[3] == own_gid || index("," field[4] ",", "," asked["user"] ",")) group[++groups] = field[1]
    }
    main = ENVIRON["file"]
    if ((getline line < place(main)) < 0) { print main ": No such file or directory" > "/dev/stderr"; exit 1 }
    close(place(main))
    tell("debug2: load_server_config: filename " main)
    pass = 1
    read_file(main, main, 1, 0)
    if (bad) {
      print main ": terminating, " bad " bad configuration options" > "/dev/stderr"
      exit 255
    }
    if (ENVIRON["mode"] != "-T") exit 0
    if (ENVIRON["who"] != "") {
      tell("debug2: parse_server_config_depth: config reprocess config len 1")
      pass = 2
      read_file(main, "reprocess config", 0, 0)
    }
    for (i = 1; i <= keys; i++) {
      key = order[i]
      if (key == "listenaddress") addresses()
      else print_setting(key, ((2, key) in made) ? made[2, key] : ((1, key) in made) ? made[1, key] : usual[key])
    }
  }' </dev/null
