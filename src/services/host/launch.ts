/**
 * How our scripts reach a shell on the server. The remote command is constant and means the same to every login shell
 * (sh, csh, fish, restricted ones): no newline, backslash, `!` or quote inside its quotes. It reads one line, our
 * launch line, with the `read` builtin, which takes no byte beyond the newline; everything after it is still there for
 * sudo, which takes the password, and for the last `sh -s`, which takes the script.
 */
export const REMOTE_COMMAND = `sh -c 'IFS= read -r line; eval "$line"'`

/** Between password and script. Without it a sudo that does not ask would leave the password to be run as a command. */
const BEGIN = 'hardtui-begin'

// /usr/sbin is not on everybody's PATH; the locale is fixed because we read what programs print.
const COMMON = 'PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL'
const EXPORT = 'export HARDTUI_CONNECTION HARDTUI_USER HARDTUI_UID HARDTUI_ESCALATION HARDTUI_REASON'
const LOGIN = `HARDTUI_CONNECTION=$SSH_CONNECTION; HARDTUI_USER=$(id -un); HARDTUI_UID=$(id -u); HARDTUI_ESCALATION=none; HARDTUI_REASON=; ${EXPORT}`
const RUN = `while IFS= read -r line; do case $line in ${BEGIN}) break;; esac; done; exec sh -s`

// What the login shell knows travels as arguments: sudo clears the environment.
const AS_ROOT = `sh -c '${COMMON}; HARDTUI_CONNECTION=$1; HARDTUI_USER=$2; HARDTUI_UID=$3; HARDTUI_ESCALATION=sudo; HARDTUI_REASON=; ${EXPORT}; ${RUN}' hardtui "$HARDTUI_CONNECTION" "$HARDTUI_USER" "$HARDTUI_UID"`
const IF_ROOT = `if test "$HARDTUI_UID" = 0; then HARDTUI_ESCALATION=root; ${RUN}; fi`

/**
 * Ways to start a script. `login`: as the login user. `root`: as root at once, or by a sudo that asks nothing, or not
 * at all. `password`: by sudo with the password. `try`: as root where that asks nothing, else as the login user with
 * HARDTUI_ESCALATION and HARDTUI_REASON saying why.
 */
export type Launch =
  | { readonly how: 'login' | 'root' | 'try' }
  | { readonly how: 'password'; readonly password: string }

const LINES: Readonly<Record<Launch['how'], string>> = {
  login: `${COMMON}; ${LOGIN}; if test "$HARDTUI_UID" = 0; then HARDTUI_ESCALATION=root; fi; ${RUN}`,
  root: `${COMMON}; ${LOGIN}; ${IF_ROOT}; exec sudo -n -- ${AS_ROOT}`,
  password: `${COMMON}; ${LOGIN}; ${IF_ROOT}; exec sudo -k -S -p "" -- ${AS_ROOT}`,
  // sudo does not touch stdin unless it runs the script, so after a refusal the script is still there for the login.
  try: `${COMMON}; ${LOGIN}; ${IF_ROOT}; exec 3>&1; HARDTUI_REASON=$(sudo -n -- ${AS_ROOT} 2>&1 >&3 3>&-) && exit 0; exec 3>&-; if command -v sudo >/dev/null 2>&1; then HARDTUI_ESCALATION=password; fi; ${RUN}`,
}

/** Everything that goes to the channel's stdin. */
export const launchText = (launch: Launch, script: string): string =>
  `${LINES[launch.how]}\n${launch.how === 'password' ? `${launch.password}\n` : ''}${BEGIN}\n${script}`

/** Proves a password: nothing but it is on stdin, so a wrong one costs one failure and not three. */
export const verifyText = (password: string, boundary: string): string =>
  `${COMMON}; printf "\\n%s begin err\\n" "${boundary}" >&2; printf "\\n%s begin out\\n" "${boundary}"; sudo -k -S -p "" -- true; s=$?; printf "\\n%s end err 0\\n" "${boundary}" >&2; printf "\\n%s end out %s\\n" "${boundary}" "$s"; exit 0\n${password}\n`
