#!/bin/sh
# Stands in for mount(8), within unshare.sh alone: a file system in memory is a folder that goes with that, and what is
# mounted over /etc/ssh is what sshd.sh reads there, over /etc/sudoers and its folder what sudo.sh does.
last=
for word; do before=$last last=$word; done
case $* in
*tmpfs*) mkdir "$HARDTUI_KERNEL/memory" && rmdir "$last" 2>/dev/null; ln -sfn "$HARDTUI_KERNEL/memory" "$last" ;;
--bind*) ln -sfn "$before" "$HARDTUI_KERNEL/${last##*/}" ;;
esac
