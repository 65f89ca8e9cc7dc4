#!/bin/sh
# Installs the npm packages when they are missing or older than the lock file. Runs before `npm start` and
# `npm test`, on whatever Node the machine has; everything after it runs on the Node in node_modules.
set -eu
cd "$(dirname "$0")/.."
installed=node_modules/.package-lock.json
if [ -x node_modules/.bin/node ] && [ -e "$installed" ] && [ -z "$(find package-lock.json -newer "$installed")" ]; then
  exit 0
fi
# Not `npm ci`: it refuses a lock file without the packages of other platforms, which not every registry carries.
npm install --no-save --no-audit --no-fund --loglevel=error
touch "$installed"
