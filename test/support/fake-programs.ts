/**
 * Programs the test server puts first on PATH, so that commands can become somebody else without anybody being root.
 * FAKE_UID says who one is; FAKE_SUDO, FAKE_PASSWORD and FAKE_FOLDER come from the server.
 */
export const FAKE_ID = `#!/bin/sh
case $1 in
  -u) printf '%s\\n' "$FAKE_UID" ;;
  -un) if test "$FAKE_UID" = 0; then echo root; else echo "$LOGNAME"; fi ;;
  *) exec /usr/bin/id "$@" ;;
esac
`

/** env(1), which lets through what the stand-ins are told by. */
export const FAKE_ENV = `#!/bin/sh
test "$1" = -i || exec /usr/bin/env "$@"
shift
exec /usr/bin/env -i FAKE_UID="$FAKE_UID" FAKE_SUDO="$FAKE_SUDO" FAKE_FOLDER="$FAKE_FOLDER" \\
  LOGNAME="$LOGNAME" "$@"
`

/**
 * sudo(8) as far as it matters: -n, -S, -k, -p, -V; it reads a password bytewise and only when it needs one. Where it is
 * to be sudo-rs (`reads-ahead`) it takes all that is there, and has that one's words.
 */
export const FAKE_SUDO = `#!/bin/sh
printf '%s\\n' "$*" >>"$FAKE_FOLDER/sudo.log"
ask=yes stdin=no
while test $# -gt 0; do
  case $1 in
    -n) ask=no; shift ;;
    -S) stdin=yes; shift ;;
    -k) shift ;;
    -p) shift 2 ;;
    -V) if test "$FAKE_SUDO" = reads-ahead; then echo 'sudo-rs 0.2.5' >&2; else echo 'Sudo version 1.9.13p3'; fi; exit 0 ;;
    --) shift; break ;;
    *) break ;;
  esac
done
become() {
  exec env -i PATH="$FAKE_FOLDER:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root LOGNAME=root SUDO_USER="$LOGNAME" \\
    FAKE_UID=0 FAKE_SUDO="$FAKE_SUDO" FAKE_FOLDER="$FAKE_FOLDER" "$@"
}
if test "$FAKE_SUDO" = free; then become "$@"; fi
if test "$FAKE_SUDO" = keeps; then FAKE_UID=0; export FAKE_UID; exec "$@"; fi
if test "$FAKE_SUDO" = wants-terminal; then
  if (: >/dev/tty) 2>/dev/null; then become "$@"; fi
  echo 'sudo: sorry, you must have a tty to run sudo' >&2
  exit 1
fi
if test "$FAKE_SUDO" = reads-ahead; then
  if test $ask = no; then echo 'sudo-rs: interactive authentication is required' >&2; exit 1; fi
  typed=$(dd bs=65536 count=1 2>/dev/null | head -n 1)
  if test "$typed" = "$FAKE_PASSWORD"; then become "$@"; fi
  echo 'sudo: Authentication failed, try again.' >&2
  echo 'sudo-rs: Maximum 3 incorrect authentication attempts' >&2
  exit 1
fi
if test $ask = no; then echo 'sudo: a password is required' >&2; exit 1; fi
if test $stdin = no; then echo 'sudo: a terminal is required to read the password' >&2; exit 1; fi
for try in 1 2 3; do
  IFS= read -r typed || { echo "sudo: no password was provided" >&2; exit 1; }
  if test "$typed" = "$FAKE_PASSWORD"; then
    if test "$FAKE_SUDO" = expired; then echo 'sudo: a thing that nobody has seen' >&2; exit 1; fi
    if test "$FAKE_SUDO" = never; then echo "$LOGNAME is not in the sudoers file." >&2; exit 1; fi
    become "$@"
  fi
  echo 'Sorry, try again.' >&2
done
echo 'sudo: 3 incorrect password attempts' >&2
exit 1
`
