#!/bin/sh
# Stands in for uname(1).
case $* in
-n) echo practice ;;
-r) echo 6.1.0-28-amd64 ;;
-m) echo x86_64 ;;
-sr) echo Linux 6.1.0-28-amd64 ;;
-a) echo 'Linux practice 6.1.0-28-amd64 #1 SMP Debian x86_64 GNU/Linux' ;;
*) echo Linux ;;
esac
