#!/bin/sh
# Stands in for ip(8): one interface, with the addresses kept for documentation.
case " $* " in
*' route get '*) printf '%s via 203.0.113.1 dev eth0 src 203.0.113.10 uid 0 \\    cache \n' "$(printf '%s' "$*" | sed 's/.*route get \([^ ]*\).*/\1/')" ;;
*' route '*) echo 'default via 203.0.113.1 dev eth0' ;;
*' addr '* | *' a '* | *' address '*)
  echo '1: lo    inet 127.0.0.1/8 scope host lo'
  echo '2: eth0    inet 203.0.113.10/24 brd 203.0.113.255 scope global eth0'
  echo '2: eth0    inet6 2001:db8:5::10/64 scope global'
  ;;
esac
