#!/bin/sh
# Installs the npm packages when they are missing or older than the lock file. Runs before `npm start` and
# `npm test`, on whatever Node the machine has; everything after it runs on the Node in node_modules.
set -eu
cd "$(dirname "$0")/.."
installed=node_modules/.package-lock.json
if [ -x node_modules/.bin/node ] && [ -e "$installed" ] && [ -z "$(find package-lock.json -newer "$installed")" ]; then
  exit 0
fi
# Exactly what the lock file says, whose every package has a checksum; no package may run a program of its own here.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# Where no package of ours has a Node for this machine, its own has to do.
[ -x node_modules/.bin/node ] || ln -s "$(command -v node)" node_modules/.bin/node
touch "$installed"
