# shellcheck shell=sh
# Prints what starts and runs here (systemctl(1), or init scripts) and who listens (ss(8), or netstat(8), or /proc).
# Process names are any local user's own words, so listeners come last and can't pass for another part.
newline='
'
mark() { printf '\n@@%s\n' "$1"; }

sysvinit_runlevel() {
  level=$(sed -n 's/^id:\([0-9]\):initdefault:.*/\1/p' /etc/inittab 2>/dev/null)
  echo "${level:-2}"
}

# What scripts say of themselves: name, daemon, pid file (`-`: none), words. They are read, never run: what `status` does
# is up to each of them.
read_scripts() {
  awk '
    function tell() {
      gsub(/\$\{?NAME\}?/, own == "" ? name : own, daemon)
      gsub(/\$\{?NAME\}?/, own == "" ? name : own, file)
      if (daemon !~ /^\/[^$ ]*$/) daemon = exec_path
      if (file !~ /^\/[^$ ]*$/) file = pid_path
      print name, (daemon == "" ? "-" : daemon), (file == "" ? "-" : file), words
    }
    function value(line) { sub(/^[A-Z]*=/, "", line); gsub(/["\047]/, "", line); sub(/[ \t].*$/, "", line); return line }
    function option(line, name) { sub(".*" name "[ =]", "", line); sub(/[ \t;].*$/, "", line); return line ~ /^\// ? line : "" }
    FNR == 1 {
      if (name != "") tell()
      name = FILENAME
      sub(/.*\//, "", name)
      own = daemon = file = exec_path = pid_path = words = ""
    }
    /^NAME=/ && own == "" { own = value($0) }
    /^DAEMON=/ && daemon == "" { daemon = value($0) }
    /^PIDFILE=/ && file == "" { file = value($0) }
    /^# *processname: *\// && daemon == "" { daemon = $NF }
    /^# *pidfile: *\// && file == "" { file = $NF }
    /^# *Short-Description:/ && words == "" { words = $0; sub(/^[^:]*: */, "", words) }
    /--exec[ =]\// && exec_path == "" { exec_path = option($0, "--exec") }
    /--pidfile[ =]\// && pid_path == "" { pid_path = option($0, "--pidfile") }
    END { if (name != "") tell() }' "$@"
}

# One line a script: name, whether boot starts it, its daemon, the process its pid file names (0: none), its words.
sysvinit_scripts() {
  level=$(sysvinit_runlevel)
  set --
  for script in /etc/init.d/*; do
    case ${script##*/} in
      README | skeleton | functions | rc | rcS | rc.local | halt | killall | single | reboot | sendsigs | *.dpkg-* | *.rpm*) continue ;;
    esac
    if [ -f "$script" ] && [ -x "$script" ]; then set -- "$@" "$script"; fi
  done
  [ $# -eq 0 ] || read_scripts "$@" | while read -r name daemon file words; do
    boot=disabled
    for link in "/etc/rc$level.d/S"[0-9][0-9]"$name" /etc/rcS.d/S[0-9][0-9]"$name"; do
      [ ! -e "$link" ] || boot=enabled
    done
    pid=
    for one in "$file" "/run/$name.pid" "/run/$name/$name.pid" "/var/run/$name.pid"; do
      { [ "$one" != - ] && [ -r "$one" ]; } || continue
      read -r pid rest <"$one"
      : "$rest"
      { [ -n "$pid" ] && [ -d "/proc/$pid" ]; } && break
      pid=
    done
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$boot" "${daemon#-}" "${pid:-0}" "$words"
  done
}

listeners() {
  # -e adds the cgroup, and with it the unit, to every socket, even to those whose process only root may see.
  if found=$(ss -lntupe 2>/dev/null || ss -lntup 2>/dev/null) && [ -n "$found" ]; then
    kind=ss
  elif found=$(netstat -lntup 2>/dev/null) && [ -n "$found" ]; then
    kind=netstat
  else
    found=
    kind=proc
  fi
  pids=$(printf '%s\n' "$found" | tr , '\n' | tr ' ' '\n' | sed -n -e 's/^pid=\([0-9]*\)$/\1/p' -e 's/^\([0-9]*\)\/.*/\1/p' | sort -u)
  mark cgroups
  files=
  for pid in $pids; do files="$files proc/$pid/cgroup"; done
  # The practice server has processes of its own below HARDTUI_ROOT; a real host never sets it.
  # shellcheck disable=SC2086 # a list of paths made of numbers
  [ -z "$files" ] || (cd "${HARDTUI_ROOT:-}/" && grep -e '^0::' -e ':name=systemd:' $files /dev/null 2>/dev/null)
  mark "listeners-$kind"
  if [ "$kind" = proc ]; then
    for table in tcp tcp6 udp udp6; do
      sed "s/^/$table /" "/proc/net/$table" 2>/dev/null
    done
  else
    printf '%s\n' "$found"
  fi
}

if command -v systemctl >/dev/null 2>&1 &&
  units=$(systemctl list-units --type=service,socket --all --full --plain --no-legend --no-pager 2>&1); then
  mark manager
  echo systemd
  mark units
  printf '%s\n' "$units"
  mark files
  systemctl list-unit-files --type=service,socket --full --plain --no-legend --no-pager 2>/dev/null
  mark sockets
  systemctl list-sockets --all --full --plain --no-legend --no-pager 2>/dev/null
elif [ -d /etc/init.d ]; then
  mark manager
  echo sysvinit
  mark scripts
  sysvinit_scripts
  mark programs
  for exe in /proc/[0-9]*/exe; do
    program=$(readlink "$exe" 2>/dev/null) || continue
    case $program in
      *"$newline"*) ;;
      *) printf '%s %s\n' "${exe%/exe}" "$program" ;;
    esac
  done
else
  mark manager
  echo none
  mark words
  printf '%s\n' "${units:-}"
fi
listeners
