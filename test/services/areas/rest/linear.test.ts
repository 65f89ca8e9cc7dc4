import { expect, test } from 'vitest'
import { parseFail2ban } from '../../../../src/services/areas/rest/fail2ban/read.ts'
import { parseFtp } from '../../../../src/services/areas/rest/ftp/read.ts'
import { parseKernel } from '../../../../src/services/areas/rest/kernel/read.ts'
import { decidesAtBoot, readSysctlLine } from '../../../../src/services/areas/rest/kernel/sysctl-files.ts'
import { itemsOf } from '../../../../src/services/areas/rest/mail/checks.ts'
import { parseMail } from '../../../../src/services/areas/rest/mail/read.ts'
import { sectionsOf } from '../../../../src/services/areas/rest/sections.ts'
import { parseServices } from '../../../../src/services/areas/rest/services/read.ts'
import { parseSystem } from '../../../../src/services/areas/rest/system/read.ts'
import { parseUpdates } from '../../../../src/services/areas/rest/updates/read.ts'
import { nginxTree } from '../../../../src/services/areas/rest/web/nginx-tree.ts'
import { parseWeb } from '../../../../src/services/areas/rest/web/read.ts'
import type { ProbeOutput } from '../../../../src/services/model/command.ts'
import { outputFrom } from '../../../support/probe-output.ts'
import { tooSlow } from '../../../support/too-slow.ts'

/** What a probe prints, with a text as one of its parts. */
const inPart = (parse: (output: ProbeOutput) => unknown, parts: readonly string[], filled: string) => (text: string) =>
  parse(outputFrom('rest', parts.map((part) => `@@${part}\n${part === filled ? text : ''}\nend\n`).join('\n')))

const KERNEL = ['values', 'files', 'lines', 'links', 'routes']
const UPDATES = ['tools', 'apt-config', 'dnf', 'timers', 'lists', 'reboot', 'pending']
const SYSTEM = ['mac', 'clock']
const SERVICES = ['postfix', 'vsftpd', 'ages']

const WEB = ['apache', 'nginx', 'nginx-lines', 'pages', 'openssl']
/** A file that includes itself as often as it says. */
const asNginx = (text: string): unknown =>
  nginxTree({ main: '/a', texts: new Map([['/a', text]]), included: new Map([['/a', ['/a']]]) })

/** The name of a setting is as long as a path may be. */
const asPattern = (text: string): unknown => {
  const line = readSysctlLine('/a', 1, `net/*a*b*${text.slice(0, 4096)}*c=1`)
  return decidesAtBoot(`net/${text.slice(0, 4096)}`, { reader: 'systemd', paths: ['/a'], lines: line ? [line] : [] })
}

type Row = readonly [name: string, parse: (text: string) => unknown, beginnings: readonly string[]]
const ROWS: readonly Row[] = [
  ...KERNEL.map(
    (part): Row => [
      `the kernel's ${part}`,
      inPart(parseKernel, KERNEL, part),
      ['/proc/sys/net/ipv4/conf/', 'file /etc/sysctl.d/', '0: from all lookup local '],
    ],
  ),
  ['a line of sysctl.d', (text) => readSysctlLine('/a', 1, text), ['-net.ipv4.', 'net/ipv4 = ', '*']],
  ['a pattern of sysctl.d', asPattern, []],
  ...UPDATES.map(
    (part): Row => [
      `updates' ${part}`,
      inPart(parseUpdates, UPDATES, part),
      ['Inst a [1] (2 ', 'A::B "', 'Id=a', '/a:1:apply_updates = '],
    ],
  ),
  ...['status', 'jails', 'lines'].map(
    (part): Row => [
      `fail2ban's ${part}`,
      inPart(parseFail2ban, ['status', 'jails', 'lines'], part),
      ['installed\nstatus 0\nJail list: ', 'port sshd a ', 'action a ', '/etc/a:1:['],
    ],
  ),
  ...SERVICES.map(
    (part): Row => [
      `services' ${part}`,
      inPart(parseServices, SERVICES, part),
      ['mynetworks = ', 'service ', '/a:1:ssl_enable=', 'aide 1 /'],
    ],
  ),
  ...WEB.map(
    (part): Row => [
      `web servers' ${part}`,
      inPart(parseWeb, WEB, part),
      ['in /a\n1 <A>\n', '1 A "', 'args a -k start ', 'of a /a\nfile /a', '/a:1:', 'page own /', 'level /a 1 '],
    ],
  ),
  ['sections', (text) => sectionsOf(text.split('\n').map((line) => `1 ${line}`)), ['<A ', 'A "', "A '"]],
  ['nginx’s files', asNginx, ['a { ', "a 'b", 'include /a;', '{', '$']],
  ...['exim', 'session'].map(
    (part): Row => [
      `exim's ${part}`,
      inPart(parseMail, ['exim', 'session'], part),
      ['program exim4\n', 'says hostlist a = ', 'line /a:1:', '250 '],
    ],
  ),
  ['a list of exim’s', itemsOf, ['<; ', ':: ']],
  ...['proftpd', 'pure-ftpd'].map(
    (part): Row => [
      `${part}'s lines`,
      inPart(parseFtp, ['proftpd', 'pure-ftpd'], part),
      [
        'in /a\n1 <A>\n',
        'of /a /a\n',
        'main /a\nin /a\n1 Include /a\nof /a /a\nof /a /a\n',
        'option ',
        'line /a:1:TLS ',
      ],
    ],
  ),
  ...SYSTEM.map(
    (part): Row => [
      `the system's ${part}`,
      inPart(parseSystem, SYSTEM, part),
      ['  1 profile ', 'modules ', 'config 1:SELINUX=', 'Id=', 'chrony ,'],
    ],
  ),
]

for (const [name, parse, beginnings] of ROWS)
  test(`${name}: a megabyte is read in less than a second`, { timeout: 120_000 }, () => {
    expect(tooSlow(parse, beginnings)).toBeNull()
  })
