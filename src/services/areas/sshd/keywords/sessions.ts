import { safe, say } from '../../../model/safe.ts'
import { badLine, choice, flag, number, path, plain, rest, secondsOf, time, word, words } from './formats.ts'
import { type Choice, type Format, IN_MATCH, type Keyword, keyword, SEVERAL } from './keyword.ts'
import { isBefore } from './release.ts'
import { wordsOf } from './words.ts'

const DIRECTIONS: readonly Choice[] = [
  { value: 'no', means: 'neither way' },
  { value: 'local', means: 'from the client’s side to what this host reaches' },
  { value: 'remote', means: 'from this host’s side to what the client reaches' },
  { value: 'yes', means: 'both ways' },
]
const forwarding = choice(DIRECTIONS, { old: ['all'], prints: (value) => (value === 'all' ? 'yes' : value) })

const isPort = (text: string): boolean =>
  text === '*' || (/^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65536)

/** `host:port`, `[::1]:port`; where a host may be left out, a port alone. */
const ends = (bare: boolean): Pick<Format, 'check' | 'printed'> =>
  words(
    (one) => {
      const [, host, port] = /^(?:(\[[^\]]+\]|[^:]+):)?([^:]+)$/.exec(one) ?? []
      if (port === undefined || (host === undefined && !bare))
        return say`${safe(one)} is no ${bare ? say`port or ` : say``}host:port`
      return isPort(port) ? null : say`${safe(port)} is no port`
    },
    { alone: ['any', 'none'] },
    (one) => (bare && !one.includes(':') && one !== 'any' && one !== 'none' ? `*:${one}` : one),
  )

const ANY_OR_NONE = (any: string, none: string): readonly Choice[] => [
  { value: 'any', means: any },
  { value: 'none', means: none },
]

/** Forwarding, by which a connection carries others (sshd_config(5)). */
export const FORWARDING: readonly Keyword[] = [
  keyword(
    'DisableForwarding',
    'Switches off every kind of forwarding, whatever the other keywords say.',
    flag('nothing is forwarded', 'the other keywords decide'),
    { ...IN_MATCH, since: '7.4' },
  ),
  keyword(
    'AllowTcpForwarding',
    'Whether connections are carried for others (ssh -L, -R, -D, -J).',
    forwarding,
    IN_MATCH,
  ),
  keyword('AllowStreamLocalForwarding', 'Whether Unix sockets are carried.', forwarding, {
    ...IN_MATCH,
    since: '6.7',
  }),
  keyword(
    'AllowAgentForwarding',
    'Whether a user’s key agent may be reached from this host.',
    flag('it may', 'it may not'),
    IN_MATCH,
  ),
  keyword(
    'GatewayPorts',
    'Who reaches a port that a client lets this host listen on.',
    choice([
      { value: 'no', means: 'this host alone' },
      { value: 'clientspecified', means: 'whom the client says' },
      { value: 'yes', means: 'everybody who reaches this host' },
    ]),
    IN_MATCH,
  ),
  keyword(
    'PermitListen',
    'Ports a client may let this host listen on.',
    { of: 'list', choices: ANY_OR_NONE('every port', 'no port'), ...ends(true) },
    { ...IN_MATCH, since: '7.8' },
  ),
  keyword(
    'PermitOpen',
    'Where a client’s connections may go from here.',
    { of: 'list', choices: ANY_OR_NONE('anywhere', 'nowhere'), ...ends(false) },
    IN_MATCH,
  ),
  keyword(
    'PermitTunnel',
    'Whether network devices are tunnelled (tun(4)).',
    choice(
      [
        { value: 'no', means: 'none' },
        { value: 'point-to-point', means: 'packets' },
        { value: 'ethernet', means: 'frames' },
        { value: 'yes', means: 'both' },
      ],
      { exactly: true },
    ),
    IN_MATCH,
  ),
  keyword(
    'X11Forwarding',
    'Whether windows are shown on the client’s display.',
    flag('they are', 'they are not'),
    IN_MATCH,
  ),
  keyword('X11DisplayOffset', 'The first display number for forwarded windows.', number(), IN_MATCH),
  keyword(
    'X11UseLocalhost',
    'Where forwarded displays listen.',
    flag('on the loopback interface', 'on every interface'),
    IN_MATCH,
  ),
  keyword('XAuthLocation', 'The program xauth.', path({ none: 'there is none' })),
  keyword(
    'StreamLocalBindMask',
    'The umask of forwarded Unix sockets, in octal.',
    {
      of: 'number',
      choices: [],
      ...word(
        (text) =>
          /^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o777 ? null : say`it is an octal number up to 0777`,
        (text) => `0${Number.parseInt(text, 8).toString(8)}`,
      ),
    },
    { ...IN_MATCH, since: '6.7', firstSince: 'never' },
  ),
  keyword(
    'StreamLocalBindUnlink',
    'Whether a socket that stands in the way of a forwarded one is removed.',
    flag('removed', 'left'),
    { ...IN_MATCH, since: '6.7' },
  ),
]

const environment = (form: (one: string) => boolean, wrong: string): Pick<Format, 'check' | 'printed'> =>
  words((one) => (form(one) ? null : safe(wrong)), { each: true })

const subsystem: Format = {
  of: 'command',
  choices: [{ value: 'sftp internal-sftp', means: 'file transfer, within sshd itself' }],
  check: (value) => badLine(value) ?? (wordsOf(value).words.length < 2 ? say`it takes a name and a command` : null),
  // Since 9.5 its words are quoted anew.
  printed: (value) => {
    const [name = '', ...command] = wordsOf(value).words
    return command.some((one) => /[ \t'"\\]/.test(one)) ? null : [`${name} ${command.join(' ')}`]
  },
}

const idle = words(
  (one) =>
    /^[^=]+=/.test(one) && secondsOf(one.slice(one.indexOf('=') + 1)) !== null
      ? null
      : say`it is type=time, like session=1h`,
  { alone: ['none'] },
)
const timeouts: Format = {
  of: 'list',
  choices: [{ value: 'none', means: 'none is closed' }],
  check: idle.check,
  // Releases before say nothing of none.
  printed: (value, version = null) =>
    /^none$/i.test(value.trim()) && isBefore(version, '9.7') ? null : idle.printed(value),
}

/** What a session may do, and how long (sshd_config(5)). */
export const SESSIONS: readonly Keyword[] = [
  keyword(
    'AcceptEnv',
    'Environment variables taken from the client; several lines add up.',
    {
      of: 'list',
      choices: [],
      ...environment((one) => !one.includes('='), 'a name of a variable has no ='),
    },
    { ...IN_MATCH, ...SEVERAL },
  ),
  keyword(
    'SetEnv',
    'Environment variables that every session has, as NAME=value.',
    {
      of: 'list',
      choices: [],
      ...environment((one) => one.includes('='), 'it is NAME=value'),
    },
    { ...IN_MATCH, since: '7.8' },
  ),
  keyword(
    'PermitUserEnvironment',
    'Whether users’ own ~/.ssh/environment and environment= options count: patterns name which variables.',
    {
      of: 'list',
      choices: [
        { value: 'no', means: 'neither counts' },
        { value: 'yes', means: 'every variable, LD_PRELOAD too' },
      ],
      ...word((text) =>
        /^(yes|no)$/i.test(text) && !/^(yes|no)$/.test(text) ? say`yes and no are written small` : null,
      ),
    },
  ),
  keyword('PermitUserRC', 'Whether a user’s ~/.ssh/rc is run.', flag('run', 'not run'), { ...IN_MATCH, since: '6.7' }),
  keyword('PermitTTY', 'Whether a terminal is given.', flag('given', 'not given'), { ...IN_MATCH, since: '6.4' }),
  keyword(
    'ForceCommand',
    'The one command that is run, whatever the client asks for.',
    rest('command', 'the client decides', () => null),
    IN_MATCH,
  ),
  keyword(
    'ChrootDirectory',
    'The directory that is / to a user once logged in.',
    plain('path', 'the system’s own /'),
    IN_MATCH,
  ),
  keyword('Subsystem', 'A service by name, as sftp; several lines add up, each name once.', subsystem, {
    ...IN_MATCH,
    ...SEVERAL,
    inMatchSince: '9.5',
  }),
  keyword('MaxSessions', 'Sessions that one connection may have at once; 0 is none.', number(), IN_MATCH),
  keyword(
    'ClientAliveInterval',
    'After how long without a word a client is asked for one, through the encrypted connection; 0 is never.',
    time(),
    { ...IN_MATCH, inMatchSince: '7.4' },
  ),
  keyword(
    'ClientAliveCountMax',
    'How many such questions may stay without an answer before the connection is cut; 0 is any number since 8.2.',
    number(),
    { ...IN_MATCH, inMatchSince: '7.4' },
  ),
  keyword(
    'ChannelTimeout',
    'How long channels may be idle before they are closed, as type=time: session=1h.',
    timeouts,
    { ...IN_MATCH, since: '9.2' },
  ),
  keyword('UnusedConnectionTimeout', 'After how long a connection without any channel is cut.', time('it is not cut'), {
    ...IN_MATCH,
    since: '9.2',
  }),
  keyword(
    'TCPKeepAlive',
    'Whether the kernel asks whether a client is there, outside the encryption.',
    flag('it asks', 'it does not'),
    {
      also: ['KeepAlive'],
    },
  ),
  keyword(
    'Compression',
    'Whether traffic is compressed, once logged in.',
    choice(
      [
        { value: 'yes', means: 'where the client asks for it' },
        { value: 'no', means: 'never' },
      ],
      { old: ['delayed'], prints: (value) => (value === 'delayed' ? 'yes' : value) },
    ),
  ),
  keyword(
    'IPQoS',
    'The kind of service of its packets: one word for all, or one for terminals and one for the rest.',
    ipqos(),
    {
      ...IN_MATCH,
      since: '5.7',
      firstSince: '10.3',
    },
  ),
  keyword(
    'RDomain',
    'The routing domain of a session; Linux has none.',
    { ...plain('text', 'the one it came in by'), printed: () => null },
    {
      ...IN_MATCH,
      since: '7.7',
    },
  ),
  keyword('Banner', 'A file that is shown before anybody logs in.', path({ none: 'nothing is shown' }), IN_MATCH),
  keyword('PrintMotd', 'Whether sshd shows /etc/motd; PAM may do so anyway.', flag('shown', 'not shown')),
  keyword('PrintLastLog', 'Whether the last login is shown.', flag('shown', 'not shown')),
  keyword(
    'ExposeAuthInfo',
    'Whether a session may read how it logged in (SSH_USER_AUTH).',
    flag('it may', 'it may not'),
    { ...IN_MATCH, since: '7.6' },
  ),
]

/** Names of DSCP values; how they are printed depends on the release where a number or an old name stands. */
function ipqos(): Format {
  const NAMES = /^(af[1-4][1-3]|cs[0-7]|ef|le|none)$/i
  const OLD = /^(lowdelay|throughput|reliability)$/i
  const fits = (one: string): boolean => NAMES.test(one) || OLD.test(one) || (/^\d+$/.test(one) && Number(one) < 64)
  return {
    of: 'list',
    choices: [
      { value: 'none', means: 'as the system has it' },
      { value: 'ef none', means: 'terminals first: the default since 10.1' },
    ],
    check: (value) => {
      const wrong = words((one) => (fits(one) ? null : say`${safe(one)} is no DSCP: af21, cs1, ef, le or none`)).check(
        value,
      )
      return wrong ?? (wordsOf(value).words.length > 2 ? say`it takes two words at most` : null)
    },
    printed: (value) => {
      const [first = '', second = first] = wordsOf(value).words.map((one) => one.toLowerCase())
      return [first, second].every((one) => NAMES.test(one)) ? [`${first} ${second}`] : null
    },
  }
}
