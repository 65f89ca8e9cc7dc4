// What is said of a client, held against tcpdmatch(8), which asks libwrap itself. HARDTUI_PAIRS says of how many pairs of
// files, HARDTUI_SEED of which.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decide } from '../../src/services/areas/tcpwrappers/decide.ts'
import { ruleFault } from '../../src/services/areas/tcpwrappers/fault.ts'
import { bytesOf } from '../../src/services/model/file-bytes.ts'
import { up, whyNoLab } from './lab.ts'
import type { Server } from './server.ts'

const V4 = '192.0.2.3'
const V6 = '2001:db8::3'
/** Whom the generated files are asked about, each as the daemon beside him. */
const CLIENTS = [V4, '198.51.100.20', V6]
const DAEMONS = ['sshd', 'vsftpd', 'sshd']
const PAIRS = Number(process.env.HARDTUI_PAIRS ?? 320)
const SEED = Number(process.env.HARDTUI_SEED ?? 1)

/** Writes both files, and asks tcpdmatch(8) once for each line of its input. */
const ASK = `
  $/ = "\\n";
  my $last = "";
  while (<STDIN>) {
    chomp;
    my ($allow, $deny, $daemon, $client) = split / /;
    if ($last ne "$allow $deny") {
      for (["allow", $allow], ["deny", $deny]) {
        open my $file, ">", "hosts.$_->[0]" or die; print $file pack "H*", substr $_->[1], 1; close $file or die;
      }
      $last = "$allow $deny";
    }
    open my $asked, "-|", "tcpdmatch", "-d", $daemon, $client or die;
    my $said = join "", <$asked>;
    print $said =~ /^access: +(\\w+)$/m ? "$1\\n" : "no answer\\n";
  }`
const WORDS: ReadonlyMap<string, string> = new Map([
  ['granted', 'in'],
  ['denied', 'out'],
])

/** A line of one byte more than libwrap reads. */
const LONG = `#${'x'.repeat(2046)}`

/** Options, sound or not. */
const OPTIONS = [
  'allow',
  'deny',
  'DENY',
  'allow 3',
  'deny=3',
  'nice',
  'nice 5',
  'nice 5 5',
  'nice=x',
  'severity info',
  '',
  'severity auth.info',
  'severity nonsense',
  'severity',
  'umask 022',
  'umask zzz',
  'umask',
  'user nosuch',
  'group nosuch',
  'linger',
  'linger 3',
  'keepalive',
  'keepalive 3',
  'setenv A b',
  'banners /nowhere',
  'banners',
  'rfc931',
  'rfc931 0',
  'foo',
  'spawn',
  'spawn true',
  'twist true',
  'allow\r',
  'a\\:b',
  'allow ',
  'umask 0777',
  'umask 1777',
  'umask 888',
  'nice -5',
  'linger x',
  'rfc931 x',
  'severity local9.info',
  'severity auth',
  'deny now',
  'twist',
  'aclexec',
  'aclexec true',
  'SPAWN=true',
  'banners=/nowhere',
  'setenv',
  'keepalive=',
  'setenv A',
]

/** Rules as they are meant to be, over one line or several. */
function soundFiles(): fc.Arbitrary<string> {
  const between = fc.constantFrom(' ', ' ', ', ', ',', ' \\\n\t')
  const some = (word: fc.Arbitrary<string>) =>
    fc.array(fc.tuple(word, between), { minLength: 1, maxLength: 3 }).map((words) => words.flat().slice(0, -1).join(''))
  const list = (word: fc.Arbitrary<string>) =>
    fc
      .tuple(some(word), fc.array(some(word), { maxLength: 2 }), fc.constantFrom(1, 0, 0))
      .map(([first, excepted, any]) => [first, ...(any ? excepted : [])].join(' EXCEPT '))
  const daemon = fc.constantFrom('sshd', 'sshd', 'SSHD', 'ALL', 'vsftpd', 'in.telnetd', 'sshd@192.0.2.10')
  const client = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.constantFrom(
        ...['ALL', V4, `${V4}/32`, '192.0.2.', '192.0.', '198.', '192.0.2.0/24', '192.0.2.0/255.255.255.0'],
        ...[
          '198.51.100.0/25',
          '198.51.100.0/255.255.255.240',
          '128.0.0.0/1',
          '192.0.2.8/29',
          `${V4}/24`,
          '198.51.100.20',
        ],
        ...[`[${V6}]`, '[2001:db8::]/64', '[2001:db8:1::]/48', '[2001:db8::]/127', '[2000::]/3', '[2001:DB8:0::3]'],
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('LOCAL', 'KNOWN', 'UNKNOWN', 'PARANOID', '.example.net', `pat@${V4}`, '@admins'),
    },
  )
  const options = fc.constantFrom(
    ...['', '', '', '', ' : allow', ': DENY', ' : severity auth.info : deny', ': nice 5:allow', ' :', ' : umask 022'],
  )
  const rule = fc
    .tuple(list(daemon), list(client), options)
    .map(([daemons, clients, more]) => `${daemons}: ${clients}${more}`)
  const line = fc.oneof(
    { weight: 6, arbitrary: rule },
    { weight: 1, arbitrary: fc.constantFrom('', '# a: b', 'ALL: ALL') },
  )
  return fc.array(line, { maxLength: 5 }).map((lines) => lines.map((one) => `${one}\n`).join(''))
}

/** Whatever may stand there. */
function oddFiles(): fc.Arbitrary<string> {
  const word = fc.constantFrom(
    ...'ALL all EXCEPT EXCEPT sshd vsftpd LOCAL KNOWN UNKNOWN PARANOID . ... * '.split(' '),
    ...[V4, `${V4}/24`, `${V4}/`, `${V4}/32`, '192.0.2.', '192.0.2', '192.0.2.*', '192.0.2.003', '192.', '0.0.0.0/0'],
    ...['192.0.2.0/33', '192.0.2.0/024', '192.0.2.0/255.255.255.1', '192.0.2.0/24/24', '192.0.2.2/31', '128.0.0.0/1'],
    ...[`[${V4}]`, '[192.0.2.0]/24', `[::ffff:${V4}]`, `[${V4}`, `${V4}]`, V6, `[${V6}]`, `[${V6}]/64`, `[${V6}/64]`],
    ...['[2001:db8::]/64', '[2001:db8::]/129', '[::]/0', '[2001:db8:*', '[fe80::1%eth0]', '[2001:DB8::3]', '@admins'],
    ...['/root/none', `pat@${V4}`, 'sshd@192.0.2.10', '.example.net', 'localhost', '255.255.255.255', 'é'],
  )
  const list = fc
    .array(fc.tuple(word, fc.constantFrom(' ', ', ', ',', '\t', ' \\\n ')), { minLength: 1, maxLength: 4 })
    .map((words) => words.flat().join(''))
  const option = fc.constantFrom(...OPTIONS)
  const line = fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(list, list, fc.array(option, { maxLength: 2 })).map((all) => all.flat().join(':')),
    },
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constantFrom('sshd', 'SSHD', 'ALL', 'vsftpd'), word).map(([a, b]) => `${a}: ${b}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...['', '# a', ' # a', 'ALL', ':', 'sshd:', LONG, '\\', 'ss\0', '\0x', 'a\\\\']),
    },
  )
  return fc
    .tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom('\n', '\n', '\n', '\n', '\n', ''))
    .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end))
}

describe.skipIf(whyNoLab() !== null)('who is let in, as libwrap has it', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['tcpd'] })
    // There is no resolver to ask for names: without this, each of them would be waited for.
    await server.must("sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf; mkdir -p /root/wrapped")
  })
  afterAll(() => server?.down())

  type Question = { readonly allow: string; readonly deny: string; readonly daemon: string; readonly client: string }
  const hex = (text: string): string => Buffer.from(text).toString('hex')

  /** What libwrap answers to each, all asked by one process. */
  const truths = async (questions: readonly Question[]): Promise<readonly string[]> => {
    const input = questions.map(({ allow, deny, daemon, client }) =>
      [`a${hex(allow)}`, `d${hex(deny)}`, daemon, client].join(' '),
    )
    const output = await server.must(`cd /root/wrapped; perl -e '${ASK}' 2>/dev/null`, {
      input: `${input.join('\n')}\n`,
      timeoutMs: 120_000,
    })
    return output.split('\n').map((word) => WORDS.get(word) ?? word)
  }
  const saidOf = ({ allow, deny, daemon, client }: Question): string =>
    decide({ files: { allow: bytesOf(allow), deny: bytesOf(deny) }, sshdAsks: true, daemons: [] }, daemon, client)
      .answer

  const FILES: readonly (readonly [allow: string, deny: string])[] = [
    ['', ''],
    ['', `sshd: ${V4}\n`],
    [`sshd: ${V4.replace(/\d+$/, '')}\n`, 'sshd: ALL\n'],
    [`sshd: ${V4}`, `sshd: ${V4}\n`],
    ['sshd: 192.0.2.0/255.255.255.0\n', 'sshd: ALL\n'],
    [`sshd ${V4}\n`, `SSHD: ${V4}\n`],
    ['', 'vsftpd: 192.0.2.1'],
    ['', 'vsftpd: 192.0.2.1 \\\n'],
    ['', 'vsftpd: 192.0.2.1 \\\n\n'],
    ['', `#${'x'.repeat(2045)}\n`],
    ['', `${LONG}\n`],
    ['', `#${'é'.repeat(1022)}\n`],
    ['', `#${'é'.repeat(1023)}\n`],
    ['', '# a NUL \0\n'],
    [`sshd: ALL\n${LONG}\n`, 'ALL: ALL\n'],
    [`${LONG}\nsshd: ALL\n`, 'ALL: ALL\n'],
    ['# \\\nsshd: ALL\n', 'ALL: ALL\n'],
    [`sshd: ${V4} : severity auth.info\n`, 'ALL: ALL\n'],
    [`sshd: ${V4} : umask 022 : allow\n`, 'ALL: ALL\n'],
    [`sshd: ${V4}/24\n`, 'ALL: ALL\n'],
    [`sshd: ${V4}/255.255.255.0\n`, 'ALL: ALL\n'],
    [`sshd: ${V4}/32\n`, 'ALL: ALL\n'],
    ['sshd: 0.0.0.0/0.0.0.0\n', 'ALL: ALL\n'],
    ['', `sshd: ${V4} : ALLOW\nALL: ALL\n`],
    ['', 'ALL EXCEPT sshd: ALL\n'],
    ['', `ALL: ALL EXCEPT 192.0.2. EXCEPT ${V4}\n`],
    ['ALL: ALL\n', 'ALL: ALL\n'],
    ['ALL: ALL\r\n', 'ALL: ALL\r\n'],
  ]
  test('is said of an IPv4 client', async () => {
    const questions = FILES.map(([allow, deny]) => ({ allow, deny, daemon: 'sshd', client: V4 }))
    expect(questions.map(saidOf)).toEqual(await truths(questions))
  })

  test('is said of an IPv6 client', async () => {
    const words = [`[${V6}]`, '[2001:db8::]/64', `[${V6}]/64`, '[::]/0', '[2001:db8::]', '192.0.2.0/24']
    const questions = words.map((word) => ({
      allow: `sshd: ${word}\n`,
      deny: 'ALL: ALL\n',
      daemon: 'sshd',
      client: V6,
    }))
    expect(questions.map(saidOf)).toEqual(await truths(questions))
  })

  test('is refused to whoever meets an option that is called no sound one', async () => {
    const known = OPTIONS.filter((option) => !/^(user|group) /.test(option))
    const rules = known.flatMap((option) => [option, `${option}: allow`])
    const questions = rules.map((option) => ({ allow: `sshd: ALL: ${option}\n`, deny: '', daemon: 'sshd', client: V4 }))
    const answers = await truths(questions)
    // What allows, hands over or runs a command of its own is not refused; deny is.
    const isWrong = (option: string, answer = ''): boolean =>
      ruleFault(`sshd: ALL: ${option}`) === null
        ? answer === 'out' && !/^(deny|aclexec)/i.test(option)
        : answer !== 'out'
    expect(rules.flatMap((option, at) => (isWrong(option, answers[at]) ? [[option, answers[at]]] : []))).toEqual([])
  })

  test('is never said otherwise, whatever stands there, to whichever client', async () => {
    const file = fc.oneof({ weight: 3, arbitrary: soundFiles() }, { weight: 1, arbitrary: oddFiles() })
    const pairs = fc.sample(fc.tuple(file, file), { numRuns: PAIRS, seed: SEED })
    const questions = pairs.flatMap(([allow, deny]) =>
      CLIENTS.map((client, at) => ({ allow, deny, daemon: DAEMONS[at] ?? 'sshd', client })),
    )
    const answers = await truths(questions)
    const found = questions.map((one, at) => ({ ...one, said: saidOf(one), truth: answers[at] ?? 'nothing' }))
    const sure = found.filter(({ said }) => said !== 'depends')
    expect(sure.filter(({ said, truth }) => said !== truth).slice(0, 3)).toEqual([])
    // Nothing would be wrong of what always depends, or always says the same.
    for (const answer of ['in', 'out'])
      expect(sure.filter(({ said }) => said === answer).length).toBeGreaterThan(questions.length / 8)
  })
})
