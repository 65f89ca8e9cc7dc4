#!/bin/sh
# Stands in for id(1): whoever logged in is somebody of the practice server's own files, root where nothing else is said.
etc=$HARDTUI_ROOT/etc
options='' name=''
for word; do case $word in -*) options=$options${word#-} ;; *) name=$word ;; esac; done
case $options:$name:${HARDTUI_AS:-0} in
u::* | ru::* | ur::*) echo "${HARDTUI_AS:-0}"; exit 0 ;;
un::0 | nu::0) echo root; exit 0 ;;
esac
if [ -n "$name" ]; then line=$(grep "^$name:" "$etc/passwd" | head -n 1); else line=$(grep "^[^:]*:[^:]*:${HARDTUI_AS:-0}:" "$etc/passwd" | head -n 1); fi
[ -n "$line" ] || [ -z "$name" ] || { echo "id: '$name': no such user" >&2; exit 1; }
# An account that is gone while somebody is in by it has a number and no name.
[ -n "$line" ] || line="${HARDTUI_AS:-0}:x:${HARDTUI_AS:-0}:${HARDTUI_AS:-0}"
printf '%s\n' "$line" | awk -F: -v options="$options" -v groups="$etc/group" '
  { name = $1; uid = $3; gid = $4 }
  END {
    own = gid
    while ((getline line < groups) > 0) {
      split(line, field, ":")
      if (field[3] == gid) own = field[1]
      else if (index("," field[4] ",", "," name ",")) { numbers = numbers " " field[3]; names = names " " field[1]; both = both "," field[3] "(" field[1] ")" }
    }
    if (options ~ /G/) print options ~ /n/ ? own names : gid numbers
    else if (options ~ /g/) print options ~ /n/ ? own : gid
    else if (options ~ /u/) print options ~ /n/ ? name : uid
    else print "uid=" uid "(" name ") gid=" gid "(" own ") groups=" gid "(" own ")" both
  }'
