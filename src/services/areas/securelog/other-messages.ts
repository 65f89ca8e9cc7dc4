import type { Pattern } from './pattern.ts'

/** sudo(8), sudo-rs and su(1) (of shadow and of util-linux). */
export const SUDO: readonly Pattern[] = [
  {
    start: '',
    kind: 'failed',
    form: /^ *(?<user>\S.*?) : (?:(?<more>\d+) incorrect password attempts?|user NOT in sudoers|command not allowed) ; /,
  },
  { start: '', kind: 'failed', form: /^FAILED SU \(to .+\) (?<user>\S+) on \S+$/s },
  { start: '', kind: 'failed', form: /^FAILED su for .+ by (?<user>\S+)$/s },
  // A folder may be called ` ; USER=root ; `: who claims it of himself is believed.
  { start: '', kind: 'root', form: /^ *(?<user>\S(?:(?! : (?:TTY=| ?PWD=)).)*) : (?:TTY=| ?PWD=).* ; USER=root ; / },
  { start: '', kind: 'root', form: /^\(to root\) (?<user>\S+) on \S+$/s },
  { start: '', kind: 'root', form: /^Successful su for root by (?<user>\S+)$/s },
  { start: '', kind: 'other', form: /^ *(?<user>\S.*?) : (?:\(command continued\) |TTY=| ?PWD=)/ },
  { start: '', kind: 'other', form: /^\(to .+\) (?<user>\S+) on \S+$/s },
]

/** doas(1). A command is the user's own words: who claims of himself to be root is believed. */
export const DOAS: readonly Pattern[] = [
  { start: 'failed auth for ', kind: 'failed', form: /^failed auth for (?<user>\S+)$/ },
  { start: 'command not permitted for ', kind: 'failed', form: /^command not permitted for (?<user>[^:\s]+): / },
  { start: '', kind: 'root', form: /^(?<user>\S+) ran command .* as root from \S.*$/s },
]

/** pkexec(1). */
export const PKEXEC: readonly Pattern[] = [
  { start: '', kind: 'root', form: /^(?<user>[^:\s]+): Executing command \[USER=root\] /s },
]

/** login(1) at the console and on serial lines; the place of an address is the terminal's. */
export const LOGIN: readonly Pattern[] = [
  {
    start: 'ROOT LOGIN ',
    kind: 'accepted',
    form: /^ROOT LOGIN +(?:ON|on) '?(?<address>[^\s']+)'?(?: (?:FROM|from) .*)?$/s,
    method: 'console',
    user: 'root',
  },
  {
    start: 'LOGIN ON ',
    kind: 'accepted',
    form: /^LOGIN ON (?<address>\S+) BY (?<user>\S+)(?: FROM .*)?$/s,
    method: 'console',
  },
  {
    start: 'FAILED LOGIN ',
    kind: 'failed',
    form: /^FAILED LOGIN (?:\(\d+\)|\d+)(?: (?:on|ON|FROM) '?(?<address>[^\s']+)'?)?(?: from '[^']*')? FOR '?(?<user>[^',]*)'?(?:, .*)?$/s,
    method: 'console',
  },
  { start: 'FAILED LOGIN ', kind: 'failed', form: /^/, method: 'console' },
]

/**
 * What shadow's programs say when something was changed: useradd(8), usermod(8), passwd(1), gpasswd(1), chage(1) and the
 * like. Tries that failed are no change.
 */
export const SHADOW: readonly Pattern[] = [
  { start: 'new user: ', kind: 'account', form: /^new user: name=(?<user>[^,\s]+), / },
  { start: 'new group: ', kind: 'account', form: /^new group: name=[^,\s]+, / },
  { start: 'delete user ', kind: 'account', form: /^delete user '(?<user>[^']*)'/ },
  { start: 'add ', kind: 'account', form: /^add '(?<user>[^']*)' to (?:shadow )?group '/ },
  { start: 'delete ', kind: 'account', form: /^delete '(?<user>[^']*)' from (?:shadow )?group '/ },
  { start: 'user ', kind: 'account', form: /^user (?<user>\S+) (?:added|removed) by \S+ (?:to|from) group / },
  { start: 'change', kind: 'account', form: /^changed? (?:user|password expiry for) '?(?<user>[^'\s]+)'?(?: |$)/ },
  { start: 'lock user ', kind: 'account', form: /^lock user '(?<user>[^']*)' password$/ },
  { start: 'unlock user ', kind: 'account', form: /^unlock user '(?<user>[^']*)' password$/ },
  {
    start: 'password ',
    kind: 'account',
    form: /^password (?:changed for|for) '?(?<user>[^'\s]+)'?(?: changed by '.*')?$/,
  },
  { start: 'pam_unix(', kind: 'account', form: /^pam_unix\(\w+:chauthtok\): password changed for (?<user>\S+)$/ },
  { start: 'group ', kind: 'account', form: /^group (?:changed in|'.*' removed|added to|modified)/ },
  { start: 'removed ', kind: 'account', form: /^removed (?:shadow )?group '/ },
  { start: 'members of group ', kind: 'account', form: /^members of group \S+ set by / },
]

/** systemd-logind(8): whose sessions begin; who let them in has said so itself. */
export const LOGIND: readonly Pattern[] = [
  { start: 'New session ', kind: 'other', form: /^New session \S+ of user (?<user>\S+?)\.?(?: with class .*)?$/s },
]

/** fail2ban, where it writes to syslog. */
export const FAIL2BAN: readonly Pattern[] = [
  { start: '', kind: 'ban', form: /^(?:fail2ban\.actions +\[\d+\]: )?(?:NOTICE +)?\[[\w.@-]+\] Ban (?<address>\S+)$/ },
]
