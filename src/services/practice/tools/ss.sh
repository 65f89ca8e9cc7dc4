#!/bin/sh
# Stands in for ss(8): the listeners of the units that run ($HARDTUI_ROOT/systemd/listeners: unit, TAB, ss's line).
case " $* " in *-H* | *-[a-z]*H*) ;; *) echo 'Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process' ;; esac
awk -F '	' '
  FNR == NR { active[$1] = $3; next }
  active[$1] == "active" { print $2 " cgroup:/system.slice/" $1 " <->" }
' "$HARDTUI_ROOT/systemd/units" "$HARDTUI_ROOT/systemd/listeners"
