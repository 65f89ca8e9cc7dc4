import { quote } from '../model/shell.ts'

/**
 * How our scripts reach a shell on the server. The remote command is constant and means the same to every login shell
 * (sh, csh, fish, restricted ones): no newline, backslash, `!` or quote inside its quotes. It reads one line, our
 * launch line, with the `read` builtin, which takes no byte beyond the newline; everything after it is still there for
 * sudo, which takes the password, and for the last `sh -s`, which takes the script.
 */
export const REMOTE_COMMAND = `sh -c 'IFS= read -r line; eval "$line"'`

/** Between password and script. Without it a sudo that does not ask would leave the password to be run as a command. */
const BEGIN = 'hardtui-begin'
/** What root's shell says where the script must not be sent before (see `readsAhead`). */
const READY = 'hardtui-ready'

/**
 * Where a system keeps its programs, NixOS's last. As root nothing else is searched: a directory on a login's own PATH
 * may be anybody's. lib.sh has the same.
 */
export const SYSTEM_PATH =
  '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/run/wrappers/bin:/run/current-system/sw/bin'

// Where / is (see Target) is never the server's to say, but ours.
const ROOT_PATH = `PATH=\${HARDTUI_ROOT:+$HARDTUI_ROOT/bin:}${SYSTEM_PATH}; export PATH`
const LOGIN_PATH = `PATH=\${HARDTUI_ROOT:+$HARDTUI_ROOT/bin:}${SYSTEM_PATH}:$PATH; export PATH`
const common = (root: string): string =>
  `HARDTUI_ROOT=${root === '' ? '' : quote(root)}; export HARDTUI_ROOT; ${LOGIN_PATH}; LC_ALL=C; export LC_ALL`

/** What every script finds set, beside PATH. */
const FOUND = ['ROOT', 'CONNECTION', 'USER', 'UID', 'ESCALATION', 'REASON'].map((name) => `HARDTUI_${name}`)
// Debian has sudo-rs(8) beside sudo or without it; its name is then its own.
const SUDO =
  'HARDTUI_SUDO=sudo; if ! command -v sudo >/dev/null 2>&1 && command -v sudo-rs >/dev/null 2>&1; then HARDTUI_SUDO=sudo-rs; fi; export HARDTUI_SUDO'
const LOGIN = `HARDTUI_CONNECTION=$SSH_CONNECTION; HARDTUI_USER=$(id -un); HARDTUI_UID=$(id -u); HARDTUI_ESCALATION=none; HARDTUI_REASON=; export ${FOUND.join(' ')}; ${SUDO}`
// Nothing else of the login's environment reaches a script: no ENV, no TZ, no option of some library or tool.
const RUN = `while IFS= read -r line; do case $line in ${BEGIN}) break;; esac; done; exec env -i PATH="$PATH" LC_ALL=C HOME=/ ${FOUND.map((name) => `${name}="$${name}"`).join(' ')} sh -s`

// What the login shell knows travels as arguments: sudo clears the environment, or should.
const asRoot = (before: string): string =>
  `/bin/sh -c 'HARDTUI_ROOT=$4; ${ROOT_PATH}; HARDTUI_CONNECTION=$1; HARDTUI_USER=$2; HARDTUI_UID=$3; HARDTUI_ESCALATION=sudo; HARDTUI_REASON=; ${before}${RUN}' hardtui "$HARDTUI_CONNECTION" "$HARDTUI_USER" "$HARDTUI_UID" "$HARDTUI_ROOT"`
const BY_ROOT = `HARDTUI_ESCALATION=root; ${ROOT_PATH}; `
const IF_ROOT = `if test "$HARDTUI_UID" = 0; then ${BY_ROOT}${RUN}; fi`

/** What a host's sudo needs beside the password. */
export type SudoHabits = {
  /** `requiretty` of sudoers(5): it wants a controlling terminal, which script(1) gives it; our pipes stay its stdio. */
  readonly wantsTerminal?: boolean
  /** sudo-rs takes what follows the password with it: the script must not be sent before root's shell runs. */
  readonly readsAhead?: boolean
}

/**
 * Ways to start a script. `login`: as the login user. `root`: as root at once, or by a sudo that asks nothing, or not
 * at all. `password`: by sudo with the password. `try`: as root where that asks nothing, else as the login user with
 * HARDTUI_ESCALATION and HARDTUI_REASON saying why.
 */
export type Launch = SudoHabits &
  ({ readonly how: 'login' | 'root' | 'try' } | { readonly how: 'password'; readonly password: string })

const ASKING = '"$HARDTUI_SUDO" -k -S -p "" --'
const SILENT = '"$HARDTUI_SUDO" -n --'

/** Shell text that becomes sudo; below script(1), whose terminal nobody writes to, where it wants one. */
function become(command: string, { wantsTerminal }: SudoHabits): string {
  if (!wantsTerminal) return `exec ${command}`
  const inner = quote(`exec ${command} <&3 >&4 2>&5 3<&- 4>&- 5>&-`)
  return `command -v script >/dev/null 2>&1 || { echo "script: not found" >&2; exit 127; }; SHELL=/bin/sh; export SHELL; exec 3<&0 4>&1 5>&2; exec script -qec ${inner} /dev/null </dev/null >/dev/null 2>&1`
}

const LINES: Readonly<Record<Launch['how'], (habits: SudoHabits) => string>> = {
  login: () => `${LOGIN}; ${IF_ROOT}; ${RUN}`,
  root: (habits) => `${LOGIN}; ${IF_ROOT}; ${become(`${SILENT} ${asRoot('')}`, habits)}`,
  password: (habits) => {
    const ready = habits.readsAhead ? `echo ${READY}; ` : ''
    const root = `if test "$HARDTUI_UID" = 0; then ${BY_ROOT}${ready}${RUN}; fi`
    return `${LOGIN}; ${root}; ${become(`${ASKING} ${asRoot(ready)}`, habits)}`
  },
  // sudo does not touch stdin unless it runs the script, so after a refusal the script is still there for the login.
  try: (habits) =>
    `${LOGIN}; ${IF_ROOT}; exec 6>&1; HARDTUI_REASON=$({ ${become(`${SILENT} ${asRoot('')}`, habits)}; } 2>&1 >&6 6>&-) && exit 0; exec 6>&-; if command -v "$HARDTUI_SUDO" >/dev/null 2>&1; then HARDTUI_ESCALATION=password; fi; ${RUN}`,
}

/** What goes to the channel's stdin: at once, and, where there is a rest, when the server's stdout has `ready` in it. */
export type Input = { readonly first: string; readonly rest?: { readonly ready: string; readonly text: string } }

/** Everything that starts a script, on the server whose / is `root`. */
export function launchInput(launch: Launch, script: string, root: string): Input {
  const line = `${common(root)}; ${LINES[launch.how](launch)}\n`
  const text = `${BEGIN}\n${script}`
  if (launch.how !== 'password') return { first: `${line}${text}` }
  const password = `${launch.password}\n`
  return launch.readsAhead
    ? { first: `${line}${password}`, rest: { ready: READY, text } }
    : { first: `${line}${password}${text}` }
}

/**
 * Proves a password: nothing but it is on stdin, so a wrong one costs one failure and not three. The frame `which` has
 * the name and version of the sudo that was asked.
 */
export const verifyText = (password: string, boundary: string, habits: SudoHabits, root: string): string =>
  `${common(root)}; ${SUDO}; printf "\\n%s begin which\\n" "${boundary}"; "$HARDTUI_SUDO" -V </dev/null 2>&1; printf "\\n%s end which 0\\n" "${boundary}"; printf "\\n%s begin err\\n" "${boundary}" >&2; printf "\\n%s begin out\\n" "${boundary}"; ( ${become(`${ASKING} true`, habits)} ); s=$?; printf "\\n%s end err 0\\n" "${boundary}" >&2; printf "\\n%s end out %s\\n" "${boundary}" "$s"; exit 0\n${password}\n`
