#!/bin/sh
# Stands in for unshare(1) -n: the command finds a network of its own, that is rules of its own, empty at first.
while [ $# -gt 0 ]; do
  case $1 in -*) shift ;; *) break ;; esac
done
HARDTUI_KERNEL=$(mktemp -d "$HARDTUI_ROOT/scratch.XXXXXX") || exit 1
export HARDTUI_KERNEL
"$@"
status=$?
rm -rf "$HARDTUI_KERNEL"
exit "$status"
