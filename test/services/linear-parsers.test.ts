// What a server sends may be made to cost time. No parser takes long for a megabyte of its worst; a new one is a row here.
import { expect, test } from 'vitest'
import { parseFtp, parseFtpHelper } from '../../src/services/areas/firewall/ftp.ts'
import { parseJails } from '../../src/services/areas/firewall/jails.ts'
import { layersOf } from '../../src/services/areas/firewall/layers.ts'
import { rulePorts } from '../../src/services/areas/firewall/listening.ts'
import { parseNetwork, parsePortNames } from '../../src/services/areas/firewall/network.ts'
import { readNftForms, readNftTable } from '../../src/services/areas/firewall/nft/read.ts'
import { parseRuleSet, unclosedRule } from '../../src/services/areas/firewall/parse.ts'
import { parseRulesFile } from '../../src/services/areas/firewall/rules-file.ts'
import { readMakers } from '../../src/services/areas/firewall/sets/makers.ts'
import { setsNamedIn } from '../../src/services/areas/firewall/sets/named.ts'
import { readSets } from '../../src/services/areas/firewall/sets/read.ts'
import { splitWords } from '../../src/services/areas/firewall/words.ts'
import { securelog } from '../../src/services/areas/securelog/area.ts'
import { journalLineReader } from '../../src/services/areas/securelog/journal.ts'
import { readFileLine, repeatsLast } from '../../src/services/areas/securelog/lines.ts'
import { meaningOf } from '../../src/services/areas/securelog/meaning.ts'
import { cursorOf } from '../../src/services/areas/securelog/piece.ts'
import { createSurvey } from '../../src/services/areas/securelog/survey.ts'
import { readKeys } from '../../src/services/areas/sshd/accounts/keys.ts'
import { parseAccounts } from '../../src/services/areas/sshd/accounts/parse.ts'
import { matchesAddresses } from '../../src/services/areas/sshd/addresses.ts'
import { readConfig } from '../../src/services/areas/sshd/config/read.ts'
import {
  parseListening,
  parseSettings,
  parseSockets as parseSshSockets,
  portsOf,
} from '../../src/services/areas/sshd/parse.ts'
import { readTrial } from '../../src/services/areas/sshd/trial.ts'
import { parseSources, parseViews } from '../../src/services/areas/sshd/views.ts'
import { eximBind } from '../../src/services/areas/units/binds/exim.ts'
import { postfixBind } from '../../src/services/areas/units/binds/postfix.ts'
import { EXIM_FILE, POSTFIX_FILE, POSTFIX_MASTER, parseLooked } from '../../src/services/areas/units/binds/read.ts'
import { parseOnDemand } from '../../src/services/areas/units/inetd.ts'
import { parseCgroups, parseNetstat, parseProc, parseSs } from '../../src/services/areas/units/listeners.ts'
import { parseSockets, parseSystemd } from '../../src/services/areas/units/systemd.ts'
import { parseSysvinit } from '../../src/services/areas/units/sysvinit.ts'
import { parseFacts } from '../../src/services/host/facts.ts'
import { createFrames } from '../../src/services/host/frames.ts'
import { matchesNames, parseKnownHosts } from '../../src/services/host/known-hosts.ts'
import { createLines } from '../../src/services/host/lines.ts'
import { parseSshConfig } from '../../src/services/host/ssh-config.ts'
import { ok } from '../../src/services/model/errors.ts'
import type { FileBytes } from '../../src/services/model/file-bytes.ts'
import { matchesPattern } from '../../src/services/model/pattern.ts'
import { safe, safeLines } from '../../src/services/model/safe.ts'
import type { Binds } from '../../src/services/model/units.ts'
import { pastOf, recordOf } from '../../src/services/transaction/history.ts'
import { busyWords, readMessages, readStatus } from '../../src/services/transaction/protocol.ts'
import { refusalOf } from '../../src/services/transaction/refusals.ts'
import { outputFrom } from '../support/probe-output.ts'
import { tooSlow } from '../support/too-slow.ts'
import { someHost } from './areas/some-host.ts'
import { sshdOf } from './areas/sshd/some-facts.ts'

/** No longer file is read (file-part.sh, and the firewall's probe.sh of what is saved). Bytes. */
const FILE_MOST = 262_144
const TRIED = sshdOf([{ settings: 'port 22' }])

type Row = readonly [name: string, parse: (text: string) => unknown, beginnings?: readonly string[]]

/** A host with these files of services, of which one has this text; no longer one is read. */
const fileIs = (text: string, path: string): Binds => ({
  files: new Map(
    [EXIM_FILE, POSTFIX_FILE, POSTFIX_MASTER].map((one) => [
      one,
      ok((one === path ? text.slice(0, FILE_MOST) : '') as FileBytes),
    ]),
  ),
  looked: new Map([['exim', { lines: [], files: [], why: null }]]),
  rpcbindSocket: null,
})

const BOUNDARY = '0123456789abcdef0123456789abcdef'
const partsAll = (text: string) => () => text
const framed = (text: string) => {
  const { feed } = createFrames(BOUNDARY, { part: () => {}, data: () => {}, end: () => {} })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 32_768) feed(bytes.subarray(at, at + 32_768))
}
const lined = (text: string) => {
  const { feed, finish } = createLines(() => {})
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 32_768) feed(bytes.subarray(at, at + 32_768))
  finish()
}
/** What the probe of accounts prints, with this text as one of its parts. */
const accountParts = (filled: string, text: string): string =>
  ['passwd', 'shadow', 'groups', 'runs', 'files', 'hostkeys', 'sudo', 'keys']
    .map((part) => `@@${part}\n${part === filled ? text : ''}\nend\n`)
    .join('\n')
const eachLine = (read: (line: string) => unknown) => (text: string) => text.split('\n').map(read)

const SSHD_BEGINNINGS = [
  'Accepted password for ',
  'Failed publickey for invalid user a from ',
  'Failed hostbased for root from 1.2.3.4 port 5 ssh2: ',
  'Invalid user ',
  'User a from ',
  'User a not allowed because shell ',
  'Connection closed by invalid user ',
  'Disconnected from user ',
  'PAM: Have exhausted ',
  'PAM: a for ',
  'message repeated 5 times: [ Failed password for ',
]

const ROWS: readonly Row[] = [
  ['facts', (text) => parseFacts(text, 0), ['reason=', 'os="', 'connection=', 'tool=a=/', 'route=']],
  ['frames', framed, [`\n${BOUNDARY} `, `\n${BOUNDARY.slice(0, 20)}`]],
  ['lines', lined],
  [
    'ss',
    parseSs,
    [
      'tcp LISTEN 0 128 ',
      'tcp LISTEN 0 0 *:1 *:* users:(("',
      'tcp LISTEN 0 0 *:1 *:* users:(("a",pid=1,fd=1),',
      'tcp LISTEN 0 0 *:1 *:* cgroup:/',
    ],
  ],
  [
    'netstat',
    parseNetstat,
    ['tcp        0      0 ', 'tcp        0      0 *:1 ', 'tcp        0      0 *:1 *:* LISTEN 1/'],
  ],
  [
    '/proc/net',
    parseProc,
    ['tcp   0: ', 'tcp   sl  local_address \nudp   sl  local_address \ntcp   0: 00000000:0016 '],
  ],
  ['cgroups', parseCgroups, ['proc/1/cgroup:0::/', 'proc/']],
  [
    'entries of inetd',
    (text) => parseOnDemand(outputFrom('inetd', `@@entries\n${text}`)),
    ['inetd\t/x\t1\ta\tb\tc\t', '\t'],
  ],
  ['lines about addresses', parseLooked, ['redis line /x 1 ', 'redis ']],
  ['exim4', (text) => eximBind(fileIs(text, EXIM_FILE), true), ["a='", 'a=b ', "dc_local_interfaces='", '  #']],
  ['main.cf', (text) => postfixBind(fileIs(text, POSTFIX_FILE)), ['inet_interfaces = ', 'a =', ' a']],
  ['master.cf', (text) => postfixBind(fileIs(text, POSTFIX_MASTER)), ['smtp inet ', '[::1]:smtp inet ', ' -o ']],
  ['units', (text) => parseSystemd(text, text), ['a.service loaded active ', 'a.service ', '\u25cf ']],
  ['sockets', parseSockets, ['[::]:', 'a.socket ']],
  [
    'init scripts',
    (text) => parseSysvinit(text, text, text),
    ['ssh\tenabled\t/usr/sbin/sshd\t1\t', '/proc/1 /', 'known\n'],
  ],
  ['rules', (text) => parseRuleSet('v4', text), ['*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ', ':INPUT ', '[0:0] -A ']],
  ['quotes of rules', unclosedRule, ['-A INPUT "', '[']],
  [
    'a file of rules',
    (text) => parseRulesFile('v4', text.slice(0, FILE_MOST), new Map()),
    [
      '*filter\n-A INPUT --comment ',
      '*filter\n-A INPUT -s ',
      '*filter\n-A INPUT --dport ',
      '*filter\n-A INPUT --limit ',
    ],
  ],
  ['words', eachLine(splitWords), ['-A INPUT "']],
  ['ports of a rule', eachLine(rulePorts), ['-p tcp --dport ', '-p tcp --dport 22 ! ', '-p tcp --dport "']],
  ['sets that a rule names', eachLine(setsNamedIn), ['-m set --match-set ']],
  [
    'nft',
    (text) => readNftTable('inet', 'a', text),
    ['{"nftables": [', '{"nftables": ["', '{"nftables": [{"rule": {"expr": ['],
  ],
  ['nft, forms', (text) => readNftForms('ip', 'filter', text), ['{"nftables": [']],
  ['layers', (text) => layersOf('v4', partsAll(text), { backend: 'nft', managers: [] }), ['table inet ', '# Table `']],
  [
    'network',
    (text) => parseNetwork(partsAll(text)),
    ['2: eth0    inet ', '2: eth0    inet 10.0.0.1 peer ', 'default via ', 'default dev '],
  ],
  ['names of ports', parsePortNames, ['tcp/22 ']],
  ['fail2ban', parseJails, ['.read\nsshd sshd\nsshd iptables ']],
  ['FTP', parseFtp, ['/etc/vsftpd.conf:pasv_min_port=', '/etc/vsftpd.conf:']],
  ['FTP helper', parseFtpHelper],
  [
    'sets',
    (text) => readSets(outputFrom('sets', `@@status\n0\n@@headers\n${text}\n@@members 1\n${text}`)),
    ['Name: a\nType: hash:ip\nHeader: ', 'create a hash:ip \nadd a ', 'Name: '],
  ],
  [
    'makers of sets',
    (text) => readMakers(outputFrom('sets', `@@makers\n${text}\n@@end\n`), { kind: 'none' }),
    ['by a\nwhen hook\nname ', 'by '],
  ],
  ['sshd -T', (text) => portsOf(parseSettings(text)), ['listenaddress ', 'port ']],
  [
    'sshd for others',
    (text) =>
      parseViews(text, text.split('\n').slice(0, 2_000), parseSettings(text.slice(0, 10_000)), '/etc/ssh/sshd_config'),
    ['>a\tb\t', '='],
  ],
  [
    'sshd, lines that hold',
    (text) => parseSources(text.split('\n'), '/etc/ssh/sshd_config'),
    ['@/etc/ssh/sshd_config:1 ', '@', '@:'],
  ],
  [
    'sshd, tried',
    (text) =>
      readTrial(outputFrom('sshd-trial', `@@status\n0\n@@said\n=0\n@@answers\n${text}\n@@end\n`), {
        base: TRIED,
        after: TRIED,
      }),
    [`>0 ${'a'.repeat(64)} ${'a'.repeat(64)}\n-port `, '>0 ', '-', '+'],
  ],
  [
    'sshd_config',
    (text) => readConfig(new Map([['/etc/ssh/sshd_config', text.slice(0, FILE_MOST) as FileBytes]])),
    ['Match ', 'Match user "', 'Port ', '"', 'Include ', 'a = "', '#'],
  ],
  [
    'authorized_keys',
    (text) => readKeys(text.slice(0, FILE_MOST) as FileBytes),
    ['ssh-rsa AAAA', 'command="', 'from="a,', 'ssh-ed25519 ', 'command="\\"'],
  ],
  ...(
    [
      ['passwd', ['a:shadowed:-:1:1:']],
      ['shadow', ['a:set:6:1:']],
      ['groups', ['a:1:']],
      ['runs', ['runs =']],
      ['files', ['path =', 'path =/a\nseen at 1 ']],
      ['hostkeys', ['key 1 ', 'path =']],
      ['sudo', ['all\naccount =a\n|', 'all\naccount =a\n']],
      ['keys', ['account =a\nfile =/a\nbytes ', 'account =a\nfile =/a\nseen ', 'account =']],
    ] as const
  ).map(
    ([part, beginnings]): Row => [
      `accounts, ${part}`,
      (text) => parseAccounts(outputFrom('accounts', accountParts(part, text)), []),
      beginnings,
    ],
  ),
  ['sshd, socket units', parseSshSockets, ['ActiveState=active\nListen=', 'Listen=']],
  ['sshd, listening', (text) => parseListening(text, 22), ['1 ']],
  ['lists of addresses', (text) => matchesAddresses('10.0.0.1', text), ['10.', '::', '*']],
  [
    'lines of the log',
    eachLine((line) => readFileLine(line, 0)),
    [
      'Nov 25 09:18:07 ',
      'Nov 25 09:18:07 web1 sshd[1]: ',
      '2026-11-23T09:14:02',
      '<1>1 2026-11-23T09:14:02Z a sshd 1 - [',
      '<1>1 2026-11-23T09:14:02Z a sshd 1 - ["',
    ],
  ],
  ['repeated lines', eachLine(repeatsLast), ['Nov 25 09:18:07 ']],
  ['sshd in the log', eachLine((line) => meaningOf('sshd', line)), SSHD_BEGINNINGS],
  [
    'PAM in the log',
    eachLine((line) => meaningOf('sshd(pam_unix)', line)),
    ['authentication failure; logname=', '1 more authentication failure; logname= uid=0 euid=0 tty= ruser= rhost= '],
  ],
  [
    'sudo in the log',
    eachLine((line) => meaningOf('sudo', line)),
    ['a : ', ' ', 'FAILED SU (to ', 'FAILED su for ', '(to ', 'a : TTY=', 'a : TTY=x ; USER=root'],
  ],
  ...(
    [
      ['doas', ['a ran command ', 'failed auth for ']],
      ['pkexec', ['a: Executing command [', 'a: ']],
      ['login', ['ROOT LOGIN ', "ROOT LOGIN on '", "FAILED LOGIN (1) on '", "FAILED LOGIN (1) on 'a' from '"]],
      ['useradd', ["add '", 'user ', 'new user: name=', "password for '", "group '"]],
      ['systemd-logind', ['New session a of user ']],
      ['fail2ban.actions', ['[a] Ban ', 'fail2ban.actions ']],
    ] as const
  ).map(
    ([program, beginnings]): Row => [`${program} in the log`, eachLine((line) => meaningOf(program, line)), beginnings],
  ),
  [
    'a whole log',
    (text) => {
      const survey = createSurvey(someHost(), 0)
      for (const line of ['= file 1 /var/log/auth.log', `= first ${text}`, `+${text}`, `= done ${text}`, text])
        survey.feed(line)
      survey.result()
    },
    ['Nov 25 09:18:07 web1 sshd[1]: ', '{"__CURSOR":"', '= file 1 '],
  ],
  ['the place of a piece', (text) => cursorOf(text), ['"__CURSOR":"', '"__CURSOR" : ', '"__CURSOR"']],
  ['journal', eachLine(journalLineReader({ minutes: 0, name: null })), ['{', '{"MESSAGE":"', '{"a":[']],
  [
    'secure log',
    (text) =>
      securelog.parse(
        () =>
          outputFrom(
            'securelog',
            `@@zone\n${text}\n@@journal\npresent\n@@file\n/var/log/auth.log\n@@entries\n${text}\n@@lines\n${text}`,
          ),
        someHost(),
        0,
      ),
    [
      'Nov 25 09:18:07 web1 sshd[1]: ',
      'Nov 25 09:18:07 web1 sshd[1]: Failed password for ',
      '{"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"',
    ],
  ],
  ['known_hosts', (text) => parseKnownHosts(text, 'a'), ['@revoked ', 'a ssh-rsa ', 'a ssh-rsa AAAA=']],
  ['names of hosts', (text) => matchesNames(text, 'web1.example.net'), ['|1|', '*.']],
  [
    'ssh -G',
    (text) => parseSshConfig(text, { home: '/root', user: 'root' }),
    ['proxyjump ', 'proxycommand ', 'identityfile ', 'identityagent $', 'userknownhostsfile '],
  ],
  ['patterns', (text) => matchesPattern('web1.example.net', text), ['*', 'web*']],
  ['messages', (text) => refusalOf(readMessages(text)), ['@refused ', '@busy ', '@moved ']],
  ['busy', busyWords],
  [
    'status',
    (text) => readStatus(`@state armed\n@id a\n${text}\n@end status`, 0, () => false),
    ['@summary ', '@note ', '@taken ', '@left '],
  ],
  [
    'history',
    (text) => pastOf(readMessages(text)),
    ['@record a confirmed ', '@record a confirmed a b c d yes\n@note ', '@record a confirmed a b c d yes\n@summary '],
  ],
  [
    'record',
    (text) => recordOf('a', readMessages(text)),
    ['@file 0 write /a\n@was 0 ', '@file 0 write /a\n', '@touch v4 ', '@unit '],
  ],
  ['one line to draw', (text) => safe(text, text.length)],
  ['lines to draw', safeLines],
]

for (const [name, parse, beginnings = []] of ROWS)
  test(`${name}: a megabyte is read in less than a second`, { timeout: 120_000 }, () => {
    expect(tooSlow(parse, beginnings)).toBeNull()
  })
