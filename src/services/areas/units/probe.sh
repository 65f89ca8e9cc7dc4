# shellcheck shell=sh
# Prints what starts and runs here (systemctl(1), or init scripts) and who listens (ss(8), or netstat(8), or /proc).
newline='
'
# The practice server has files of its own below HARDTUI_ROOT; a real host never sets it.
root=${HARDTUI_ROOT:-}

sysvinit_runlevel() {
  level=$(sed -n 's/^id:\([0-9]\):initdefault:.*/\1/p' "$root/etc/inittab" 2>/dev/null)
  echo "${level:-2}"
}

# What scripts say of themselves: name, daemon, pid file (`-`: none), words. They are read, never run: what `status` does
# is up to each of them.
read_scripts() {
  awk '
    function filled(path) {
      sub(/^\$\{[A-Za-z_]*:-/, "", path)
      gsub(/\$\{?NAME\}?/, own == "" ? name : own, path)
      gsub(/\$\{?(RC_)?SVCNAME\}?/, name, path)
      sub(/\}$/, "", path)
      return path
    }
    function tell() {
      daemon = filled(daemon)
      file = filled(file)
      if (daemon !~ /^\/[^$ ]*$/) daemon = exec_path
      if (file !~ /^\/[^$ ]*$/) file = pid_path
      print name, (daemon == "" ? "-" : daemon), (file == "" ? "-" : file), words
    }
    function value(line) { sub(/^[A-Za-z]*=/, "", line); gsub(/["\047]/, "", line); sub(/[ \t].*$/, "", line); return line }
    function option(line, name) { sub(".*" name "[ =]", "", line); sub(/[ \t;].*$/, "", line); return line ~ /^\// ? line : "" }
    FNR == 1 {
      if (name != "") tell()
      name = FILENAME
      sub(/.*\//, "", name)
      own = daemon = file = exec_path = pid_path = words = ""
    }
    /^NAME=/ && own == "" { own = value($0) }
    /^(DAEMON|command)=/ && daemon == "" { daemon = value($0) }
    /^(PIDFILE|pidfile)=/ && file == "" { file = value($0) }
    /^# *processname: *\// && daemon == "" { daemon = $NF }
    /^# *pidfile: *\// && file == "" { file = $NF }
    /^# *Short-Description:/ && words == "" { words = $0; sub(/^[^:]*: */, "", words) }
    /^description=/ && words == "" { words = $0; sub(/^[^=]*=/, "", words); gsub(/["\047]/, "", words) }
    /--exec[ =]\// && exec_path == "" { exec_path = option($0, "--exec") }
    /--pidfile[ =]\// && pid_path == "" { pid_path = option($0, "--pidfile") }
    END { if (name != "") tell() }' "$@"
}

# OpenRC starts what stands in these directories of /etc/runlevels (openrc(8)), and in those that are stacked into them.
# Where it is not certain that it is at work here, its entries count beside the links of sysvinit.
boot_levels() {
  for runlevel in sysinit boot default $(cat "$root/run/openrc/softlevel" 2>/dev/null); do
    echo "$runlevel"
    for stacked in "$root/etc/runlevels/$runlevel"/*/; do
      stacked=${stacked%/}
      [ ! -d "$stacked" ] || echo "${stacked##*/}"
    done
  done
}
boot_levels=$(boot_levels | sort -u)
has_entry() { # $1: a script's name, or * for any
  for runlevel in $boot_levels; do
    for entry in "$root/etc/runlevels/$runlevel"/$1; do
      if [ -e "$entry" ] || [ -h "$entry" ]; then return 0; fi
    done
  done
  return 1
}
openrc() { has_entry '*' && { [ -d "$root/run/openrc" ] || [ ! -d "$root/etc/rc2.d" ] || command -v rc-update >/dev/null 2>&1; }; }

starts_at_boot() {
  has_entry "$1" && return 0
  for link in "$root"/etc/rcS.d/S[0-9][0-9]"$1"; do
    [ ! -e "$link" ] || return 0
  done
  [ "$manager" = sysvinit ] || return 1
  # Red Hat's have them below rc.d, which chkconfig(8) lists.
  for link in "$root/etc/rc$level.d/S"[0-9][0-9]"$1" "$root/etc/rc.d/rc$level.d/S"[0-9][0-9]"$1"; do
    [ ! -e "$link" ] || return 0
  done
  return 1
}

# The runlevels whose links start a script, as chkconfig(8) counts them.
levels_of() {
  for level in S 0 1 2 3 4 5 6; do
    for link in "$root/etc/rc$level.d/S"[0-9][0-9]"$1" "$root/etc/rc.d/rc$level.d/S"[0-9][0-9]"$1"; do
      [ ! -e "$link" ] || { printf %s "$level"; break; }
    done
  done
}

# One line a script: name, whether boot starts it, its daemon, the process its pid file names (0: none), the runlevels that
# start it (-: it is not their matter), its words.
sysvinit_scripts() {
  level=$(sysvinit_runlevel)
  set --
  scripts=$root/etc/init.d
  [ -d "$scripts" ] || scripts=$root/etc/rc.d/init.d
  for script in "$scripts"/*; do
    case ${script##*/} in
      README | skeleton | functions | functions.sh | rc | rcS | rc.local | halt | killall | single | reboot | sendsigs | *.dpkg-* | *.rpm*) continue ;;
    esac
    if [ -f "$script" ] && [ -x "$script" ]; then set -- "$@" "$script"; fi
  done
  [ $# -eq 0 ] || read_scripts "$@" | while read -r name daemon file words; do
    boot=disabled
    starts_at_boot "$name" && boot=enabled
    pid=
    for one in "$file" "/run/$name.pid" "/run/$name/$name.pid" "/var/run/$name.pid" "/var/spool/$name/pid/master.pid"; do
      { [ "$one" != - ] && [ -r "$one" ]; } || continue
      read -r pid rest <"$one"
      : "$rest"
      { [ -n "$pid" ] && [ -d "/proc/$pid" ]; } && break
      pid=
    done
    levels=-
    [ "$manager" != sysvinit ] || levels=.$(levels_of "$name")
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$boot" "${daemon#-}" "${pid:-0}" "$levels" "$words"
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
  # ("sshd",pid=1258,fd=3), before iproute2 4 ("sshd",1258,3); 1258/sshd of netstat.
  pids=$(
    printf '%s\n' "$found" | tr ')' '\n' | tr ' ' '\n' |
      sed -n -e 's/.*",\(pid=\)\{0,1\}\([0-9][0-9]*\),\(fd=\)\{0,1\}[0-9]*$/\2/p' -e 's/^\([0-9]*\)\/.*/\1/p' | sort -u
  )
  part cgroups
  files=
  for pid in $pids; do files="$files proc/$pid/cgroup"; done
  # shellcheck disable=SC2086 # a list of paths made of numbers
  [ -z "$files" ] || (cd "$root/" && grep -e '^0::' -e ':name=systemd:' $files /dev/null 2>/dev/null)
  part "listeners-$kind"
  if [ "$kind" = proc ]; then
    for table in tcp tcp6 udp udp6; do
      sed "s/^/$table /" "/proc/net/$table" 2>/dev/null
    done
  else
    printf '%s\n' "$found"
  fi
}

if command -v systemctl >/dev/null 2>&1 &&
  units=$(systemctl list-units --type=service,socket,timer,path --all --full --plain --no-legend --no-pager 2>&1); then
  part manager
  echo systemd
  part units
  printf '%s\n' "$units"
  part files
  files=$(systemctl list-unit-files --type=service,socket,timer,path --full --plain --no-legend --no-pager 2>/dev/null)
  printf '%s\n' "$files"
  # Of a unit that was generated from a script it is the script's links that say whether boot starts it.
  part scripted
  printf '%s\n' "$files" | awk '$1 ~ /^[A-Za-z0-9_.@:-]+\.service$/ && $2 == "generated" { print $1 }' | head -n 40 | while read -r unit; do
    [ ! -x "$root/etc/init.d/${unit%.service}" ] || printf '%s %s\n' "$unit" "$(systemctl is-enabled "$unit" 2>/dev/null </dev/null)"
  done
  part sockets
  systemctl list-sockets --all --full --plain --no-legend --no-pager 2>/dev/null
  part details
  cat "$root/proc/uptime" 2>/dev/null
  if timeout 10 systemctl show --no-pager -p Id -p TriggeredBy -p RequiredBy -p BoundBy -p ConsistsOf -p WantedBy \
    -p BusName -p ActiveEnterTimestampMonotonic -p MemoryCurrent '*.service' '*.socket' '*.timer' '*.path' 2>/dev/null; then
    echo end
  fi
  part failed
  for unit in $(printf '%s\n' "$units" | awk '{ sub(/^[^A-Za-z0-9:_.@-]+ */, "") } $3 == "failed" { print $1 }' | head -n 5); do
    printf '@%s\n' "$unit"
    timeout 3 journalctl -u "$unit" -n 4 -o cat --no-pager 2>/dev/null | head -c 2048 | sed 's/^/|/'
    echo
  done
elif [ -d "$root/etc/init.d" ] || [ -d "$root/etc/rc.d/init.d" ]; then
  part manager
  manager=sysvinit
  if openrc; then manager=openrc; fi
  echo "$manager"
  # What OpenRC has started, and whether it tells.
  part started
  if [ "$manager" = openrc ] && [ -d "$root/run/openrc/started" ]; then
    echo known
    for service in "$root"/run/openrc/started/*; do printf '%s\n' "${service##*/}"; done
  fi
  part scripts
  sysvinit_scripts
  part programs
  for exe in /proc/[0-9]*/exe; do
    program=$(readlink "$exe" 2>/dev/null) || continue
    case $program in
      *"$newline"*) ;;
      *) printf '%s %s\n' "${exe%/exe}" "$program" ;;
    esac
  done
else
  part manager
  echo none
  part words
  printf '%s\n' "${units:-}"
fi
# What may need one of the services that a server seldom needs, a line each on standard input. The list ends with its word
# where the files that it is made of could be read.
need() { # WORD FILE…
  word=$1 told=0
  shift
  while [ "$told" -lt 5 ] && { IFS= read -r line || [ -n "$line" ]; }; do
    printf '%s %s\n' "$word" "$line"
    told=$((told + 1))
  done
  for path in "$@"; do
    [ ! -e "$path" ] || [ -r "$path" ] || return 0
  done
  echo "end $word"
}
named() { # WORDS PATH… : those that are there
  words=$1
  shift
  for path in "$@"; do [ ! -e "$path" ] || echo "$words ${path##*/}"; done
}
part needs
{
  awk '$3 ~ /^nfs4?$/ { print $3 " mount on " $2 }' "$root/proc/mounts" 2>/dev/null
  awk '$1 !~ /^#/ && $3 ~ /^nfs4?$/ { print "/etc/fstab: " $3 " on " $2 }' "$root/etc/fstab" 2>/dev/null
  cat "$root/etc/exports" "$root"/etc/exports.d/*.exports 2>/dev/null | awk '$1 !~ /^#/ && NF { print "/etc/exports: " $1 }'
} | need nfs "$root/proc/mounts" "$root/etc/fstab" "$root/etc/exports" "$root"/etc/exports.d/*.exports
sed -n 's/^<\(Default\)\{0,1\}Printer \(.*\)>/printer \2/p' "$root/etc/cups/printers.conf" 2>/dev/null |
  need printing "$root/etc/cups" "$root/etc/cups/printers.conf"
named session "$root"/sys/class/iscsi_session/session* | need iscsi
named adapter "$root"/sys/class/bluetooth/hci* | need bluetooth
named modem "$root"/sys/class/net/ww* "$root"/sys/class/usbmisc/cdc-wdm* | need modem
for path in "$root"/sys/class/net/*/wireless; do
  [ ! -e "$path" ] || named 'wireless interface' "${path%/*}"
done | need wifi
awk '$1 !~ /^#/ && NF > 5 { print "/etc/inetd.conf: " $1 }' "$root/etc/inetd.conf" 2>/dev/null | need inetd "$root/etc/inetd.conf"
listeners
