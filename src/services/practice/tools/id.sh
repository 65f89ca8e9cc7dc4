#!/bin/sh
# Stands in for id(1): whoever practises is root there.
case "$*" in
-u | -g | -G | -ru) echo 0 ;;
-un | -gn | -Gn) echo root ;;
*) echo 'uid=0(root) gid=0(root) groups=0(root)' ;;
esac
