#!/bin/sh
# Clears up after a practice server whose process was killed. Its standard input is a pipe from that process and ends
# with it, however that ends; a server that was stopped in good order has left nothing behind.
root=$1
while read -r line; do : "$line"; done
[ -d "$root" ] || exit 0
for file in "$root"/systemd/transient/*; do
  [ -e "$file" ] || continue
  read -r keeper child <"$file" || :
  for group in $keeper $child; do kill -9 "-$group" 2>/dev/null; done
done
for environment in /proc/[0-9]*/environ; do
  pid=${environment#/proc/}
  pid=${pid%/environ}
  [ "$pid" != $$ ] || continue
  tr '\0' '\n' <"$environment" 2>/dev/null | grep -qxF "HARDTUI_ROOT=$root" && kill -9 "$pid" 2>/dev/null
done
rm -rf "$root"
