#!/bin/sh
# Stands in for programs that would change the machine which the practice server runs on.
echo "${0##*/}: the practice server can't do this" >&2
exit 1
