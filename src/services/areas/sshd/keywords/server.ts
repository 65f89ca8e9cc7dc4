import { type Safe, safe, say } from '../../../model/safe.ts'
import { badLine, choice, flag, number, path, plain, rest, secondsOf, word, words } from './formats.ts'
import { type Choice, type Format, IN_MATCH, type Keyword, keyword, SEVERAL } from './keyword.ts'
import { addresses, paths } from './lists.ts'
import { isBefore } from './release.ts'
import { wordsOf } from './words.ts'

const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65536

/** `10.0.0.1`, `10.0.0.1:2222`, `[::1]:2222`, `::1`, a name; perhaps with `rdomain NAME` behind it. */
const listenAddress: Format = {
  of: 'text',
  choices: [],
  check: (value) => {
    const wrong = words(() => null).check(value)
    if (wrong) return wrong
    const [address = '', domain, ...name] = wordsOf(value).words
    if (domain !== undefined && (domain !== 'rdomain' || name.length !== 1)) return say`it takes one address`
    const port = /^\[[^\]]+\]:(.*)$/.exec(address)?.[1] ?? /^[^:[]+:([^:]*)$/.exec(address)?.[1]
    if (port !== undefined) return isPort(port) ? null : say`${safe(port)} is no port`
    return /^(\[[^\]]+\]|[^[\]]+)$/.test(address) ? null : say`${safe(address)} is no address`
  },
  // Names are looked up, and where no port is named each Port is meant.
  printed: (value) =>
    /^(\d{1,3}(\.\d{1,3}){3}:|\[[0-9a-f:]+\]:)\d+$/.test(value.trim()) && !value.includes('[') ? [value.trim()] : null,
}

const FACILITIES = ['DAEMON', 'USER', 'AUTH', 'AUTHPRIV', ...Array.from({ length: 8 }, (_, i) => `LOCAL${i}`)]

const LEVELS: readonly Choice[] = [
  { value: 'QUIET', means: 'nothing' },
  { value: 'FATAL', means: 'what makes it stop' },
  { value: 'ERROR', means: 'errors' },
  { value: 'INFO', means: 'logins too' },
  { value: 'VERBOSE', means: 'each attempt too, with the fingerprint of its key' },
  { value: 'DEBUG', means: 'for finding faults: it tells what users do' },
  { value: 'DEBUG2', means: 'more of that' },
  { value: 'DEBUG3', means: 'all of that' },
]

const startups: Format = {
  of: 'text',
  choices: [],
  ...word(
    (text) => {
      const match = /^(\d+)(?::(\d+):(\d+))?$/.exec(text)
      if (!match) return say`it is a number, or start:percent:full, like 10:30:60`
      const [begin, rate, full] = [Number(match[1]), Number(match[2] ?? 30), Number(match[3] ?? match[1])]
      if (begin < 1) return say`it begins with 1 or more`
      if (rate < 1 || rate > 100) return say`the middle is a percentage from 1 to 100`
      return begin > full ? say`the last number is no less than the first` : null
    },
    (text) => (text.includes(':') ? text.split(':').map(Number).join(':') : `${Number(text)}:30:${Number(text)}`),
  ),
}

const PENALTIES = ['crash', 'authfail', 'invaliduser', 'noauth', 'grace-exceeded', 'refuseconnection', 'max', 'min']

function badPenalty(one: string): Safe | null {
  const [name = '', value = ''] = one.split(':')
  if (PENALTIES.includes(name)) return secondsOf(value) === null ? say`behind ${safe(name)}: comes a time` : null
  if (/^max-sources[46]$/.test(name))
    return /^[1-9]\d{0,8}$/.test(value) ? null : say`behind ${safe(name)}: comes a number`
  return /^overflow6?:(deny-all|permissive)$/.test(one) ? null : say`${safe(one)} is no penalty`
}

const blocks: Format = {
  of: 'text',
  choices: [],
  ...word(
    (text) => {
      const match = /^(\d+)(?::(\d+))?$/.exec(text)
      return match && Number(match[1]) <= 32 && Number(match[2] ?? 0) <= 128
        ? null
        : say`it is bits of IPv4, up to 32, and perhaps of IPv6, up to 128: like 32:64`
    },
    (text) => (text.includes(':') ? text.split(':').map(Number).join(':') : null),
  ),
}

const CRITERIA = /^(user|group|host|localaddress|localport|version|rdomain|address)$/i

const criteria: Format = {
  of: 'criteria',
  choices: [{ value: 'all', means: 'everybody' }],
  check: (value) => {
    const wrong = badLine(value)
    if (wrong) return wrong
    const all = wordsOf(value.replace(/(\w)=/g, '$1 ')).words
    if (/^all$/i.test(all[0] ?? '')) return all.length > 1 ? say`all stands alone` : null
    for (let i = 0; i < all.length; i += 2) {
      const name = all[i] as string
      if (/^invalid-user$/i.test(name)) i -= 1
      else if (!CRITERIA.test(name)) return say`${safe(name)} is nothing that a block can hold for`
      else if (!all[i + 1]) return say`behind ${safe(name)} a pattern is missing`
    }
    return null
  },
  printed: () => [],
}

const told = flag('told', 'not told')
/** Releases before have it and don't print it. */
const DEBIAN_BANNER: Format = {
  ...told,
  printed: (value, version = null) => (isBefore(version, '10.0') ? null : told.printed(value)),
}

/** What it listens on, how it logs, whom it turns away before a login (sshd_config(5)). */
export const SERVER: readonly Keyword[] = [
  keyword('Port', 'A port it listens on; several lines add up.', number(1, 65_535), SEVERAL),
  keyword(
    'ListenAddress',
    'An address it listens on, perhaps with a port; several lines add up.',
    listenAddress,
    SEVERAL,
  ),
  keyword(
    'AddressFamily',
    'Which kind of addresses it uses.',
    choice([
      { value: 'any', means: 'IPv4 and IPv6' },
      { value: 'inet', means: 'IPv4 alone' },
      { value: 'inet6', means: 'IPv6 alone' },
    ]),
  ),
  keyword(
    'MaxStartups',
    'How many connections may be about to log in: from when some are turned away, how many percent, and from when all.',
    startups,
    { firstSince: '10.1' },
  ),
  keyword(
    'PerSourceMaxStartups',
    'How many of those one source may have.',
    number(0, 2 ** 31 - 1, 'as many as MaxStartups'),
    { since: '8.5', firstSince: '9.5' },
  ),
  keyword('PerSourceNetBlockSize', 'How many bits of an address make one source.', blocks, {
    since: '8.5',
    firstSince: '10.1',
  }),
  keyword(
    'PerSourcePenalties',
    'For how long a source is turned away that failed to log in, or did worse.',
    {
      of: 'list',
      choices: [
        { value: 'yes', means: 'as sshd has it' },
        { value: 'no', means: 'nobody is turned away' },
      ],
      ...words(badPenalty, { alone: ['yes', 'no'] }),
      // Each penalty is printed, those that nobody set too.
      printed: (value) => (/^no$/i.test(value.trim()) ? ['no'] : null),
    },
    { ...SEVERAL, since: '9.8' },
  ),
  keyword('PerSourcePenaltyExemptList', 'Addresses that have no penalties.', addresses('none'), { since: '9.8' }),
  keyword(
    'UseDNS',
    'Whether the name of a client’s address is looked up, for patterns of names.',
    flag('looked up', 'addresses count'),
  ),
  keyword(
    'StrictModes',
    'Whether a login by key is refused where others could write its file or home.',
    flag('refused', 'let in'),
  ),
  keyword(
    'SyslogFacility',
    'Where in the system’s log its lines go.',
    choice(
      FACILITIES.map((value) => ({
        value,
        means: value === 'AUTHPRIV' || value === 'AUTH' ? 'with other logins' : 'there',
      })),
    ),
  ),
  keyword(
    'LogLevel',
    'How much it logs.',
    choice(LEVELS, {
      old: ['DEBUG1'],
      // Debian’s builds print QUIET as SILENT.
      prints: (value) => (value === 'QUIET' ? null : value === 'DEBUG1' ? 'DEBUG' : value),
    }),
    { ...IN_MATCH, inMatchSince: '7.6' },
  ),
  keyword(
    'LogVerbose',
    'Which places in its source log all they can, as file:function:line.',
    {
      of: 'list',
      choices: [{ value: 'none', means: 'none' }],
      ...words(() => null, { alone: ['none'] }),
    },
    { ...IN_MATCH, since: '8.5' },
  ),
  keyword(
    'VersionAddendum',
    'What it says behind its version to everybody who connects.',
    rest('text', 'nothing', () => null),
    {
      since: '6.1',
    },
  ),
  keyword('DebianBanner', 'Whether it tells everybody the version of Debian’s package.', DEBIAN_BANNER, {
    builds: 'Debian',
  }),
  keyword('PidFile', 'Where the number of its process is written.', path({ none: 'nowhere' })),
  keyword('SshdSessionPath', 'The program that serves a session.', path(), { since: '9.8' }),
  keyword('SshdAuthPath', 'The program that serves a login.', path(), { since: '10.0' }),
  keyword(
    'Include',
    'Files that are read in its place; patterns stand for several, in the order of their names.',
    {
      ...paths('none'),
      choices: [],
      ...words(() => null),
      printed: () => [],
    },
    { ...IN_MATCH, ...SEVERAL, since: '8.2' },
  ),
  keyword('Match', 'From here to the next Match, lines hold for those whom it names.', criteria, {
    ...IN_MATCH,
    ...SEVERAL,
  }),
]

const gone = (until: string, ...names: readonly string[]): readonly Keyword[] =>
  names.map((name) =>
    keyword(
      name,
      `Sshd reads past it since ${until}.`,
      { ...plain('text'), check: badLine, printed: () => [] },
      { until },
    ),
  )

/** Keywords that sshd still takes from old files, and reads past. */
export const GONE: readonly Keyword[] = [
  keyword(
    'Protocol',
    'Which protocol it speaks; since 7.4 there is 2 alone.',
    {
      of: 'choice',
      choices: [{ value: '2', means: 'the present one' }],
      ...word(
        (text) => (/^[12](,[12])?$/.test(text) ? null : say`it is 2`),
        (text) => text,
      ),
      printed: (value, version = null) => (version !== null && isBefore(version, '7.4') ? [value.trim()] : []),
    },
    { until: '7.4' },
  ),
  ...gone('7.5', 'UsePrivilegeSeparation'),
  ...gone(
    '7.4',
    'UseLogin',
    'ServerKeyBits',
    'KeyRegenerationInterval',
    'RSAAuthentication',
    'RhostsRSAAuthentication',
  ),
  ...gone('5.9', 'AuthorizedKeysFile2'),
  ...gone(
    '3.8',
    'RhostsAuthentication',
    'KerberosTgtPassing',
    'AFSTokenPassing',
    'CheckMail',
    'VerifyReverseMapping',
    'ReverseMappingCheck',
  ),
]
