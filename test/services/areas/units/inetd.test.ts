import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { unitChecks } from '../../../../src/services/areas/units/checks.ts'
import probeScript from '../../../../src/services/areas/units/inetd.sh'
import { entryOff, isLegacy, parseOnDemand } from '../../../../src/services/areas/units/inetd.ts'
import type { OnDemand } from '../../../../src/services/model/units.ts'
import { someUnits } from '../../../support/make-plan.ts'
import { hostFacts } from '../../../support/plans.ts'
import { outputFrom, readable, standalone } from '../../../support/probe-output.ts'
import { SHELLS } from '../stand-in-host.ts'

function found(shell: readonly string[], files: Readonly<Record<string, string>>): OnDemand {
  const root = mkdtempSync(join(tmpdir(), 'inetd-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const [program = '', ...words] = shell
  const env = { ...process.env, HARDTUI_ROOT: root }
  const printed = execFileSync(program, [...words, '-c', standalone(probeScript)], { encoding: 'utf8', env })
  return parseOnDemand(outputFrom('inetd', readable(printed)))
}
const inWords = ({ entries }: OnDemand) =>
  entries.map(
    ({ by, name, protocol, user, program, path, line }) =>
      `${by} ${name} ${protocol} ${user} ${program} ${path}:${line}`,
  )

const ECHO = `# default: off
service echo
{
	disable		= no
	type		= INTERNAL
	id		= echo-stream
	socket_type	= stream
	protocol	= tcp
	user		= root
	wait		= no
}
service echo
{
	disable		= yes
	protocol	= udp
}
`
const RSYNC =
  'service rsync\n{\n  socket_type=stream\n  user=nobody\n  server=/usr/bin/rsync\n  server_args=--daemon\n}\n'

describe.each(SHELLS)('what inetd starts, read by %s', (_name, shell) => {
  test('is every line of inetd.conf that is on', () => {
    const { why, ...all } = found(shell, {
      'etc/inetd.conf':
        '# x\n#ftp stream tcp nowait root /x y\ntelnet\tstream tcp nowait  telnetd /usr/sbin/tcpd /usr/sbin/in.telnetd\nhalf stream\n',
    })
    expect([inWords({ why, ...all }), why]).toEqual([
      ['inetd telnet tcp telnetd /usr/sbin/tcpd /etc/inetd.conf:3'],
      null,
    ])
  })

  test('is every service of xinetd that is not disabled', () => {
    const all = found(shell, {
      'etc/xinetd.conf': 'defaults\n{\n}\nincludedir /etc/xinetd.d\n',
      'etc/xinetd.d/echo': ECHO,
      'etc/xinetd.d/rsync': RSYNC,
      'etc/xinetd.d/rsync.rpmsave': RSYNC,
      'etc/xinetd.d/old~': RSYNC,
    })
    expect([inWords(all), all.why]).toEqual([
      [
        'xinetd echo tcp root internal /etc/xinetd.d/echo:2',
        'xinetd rsync tcp nobody /usr/bin/rsync /etc/xinetd.d/rsync:1',
      ],
      null,
    ])
  })

  test.each([
    ['defaults\n{\n  disabled = echo\n}\n', '/etc/xinetd.conf says in its defaults what is on'],
    ['includedir /etc/other\n', '/etc/xinetd.conf includes another folder'],
    ['service echo\n{\n  user = root\n', '/etc/xinetd.conf is not all understood'],
  ])('is not all known by %j', (text, why) => {
    expect(found(shell, { 'etc/xinetd.conf': text }).why).toBe(why)
  })

  test('is nothing where neither is there', () => {
    expect(found(shell, {})).toEqual({ entries: [], why: null })
  })
})

describe('the entries of inetd', () => {
  const parse = (text: string) => parseOnDemand(outputFrom('inetd', `@@entries\n${text}`))

  test('are not all known where they were cut off, or a line is odd', () => {
    expect(parse('inetd\t/etc/inetd.conf\t3\ttelnet\ttcp\troot\t/x\n').why).toBe(
      'what inetd starts was not read to its end',
    )
    expect(parse('inetd\t/etc/inetd.conf\nend\n').why).toBe('a line of what inetd starts is odd')
    expect(parse('odd\tit is so\u001b\nend\n').why).toBe('it is so␛')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(text)))
  })

  test('are turned off by hand, where they stand', () => {
    const [one, two] = parse(
      'inetd\t/etc/inetd.conf\t3\ttelnet\ttcp\troot\t/x\nxinetd\t/etc/xinetd.d/echo\t2\techo\ttcp\troot\tinternal\nend\n',
    ).entries.map(entryOff)
    expect([one, two]).toEqual([
      'put # before line 3 of /etc/inetd.conf, and reload inetd',
      'say disable = yes at line 2 of /etc/xinetd.d/echo, and reload xinetd',
    ])
  })

  test.each([
    ['telnet', true],
    ['127.0.0.1:tftp', true],
    ['echo-dgram', true],
    ['Finger', true],
    ['rsync', false],
    ['git', false],
  ])('%s is of the past: %s', (name, expected) => {
    const [entry] = parse(`inetd\t/etc/inetd.conf\t3\t${name}\ttcp\troot\t/x\nend\n`).entries
    expect(entry && isLegacy(entry)).toBe(expected)
  })

  test('fail where one is of the past and somebody serves it, with the line to change', () => {
    const judge = (onDemand: OnDemand | undefined, names: readonly string[] = ['openbsd-inetd.service']) =>
      unitChecks
        .find(({ id }) => id === 'SVC-inetd')
        ?.judge({ ...someUnits(names), ...(onDemand ? { onDemand } : {}) }, hostFacts, { listeners: null })
    const old = parse('inetd\t/etc/inetd.conf\t3\ttelnet\ttcp\troot\t/x\nend\n')
    expect(judge(old)).toEqual({
      outcome: 'fail',
      observed: 'inetd: telnet',
      details: ['/etc/inetd.conf, line 3: telnet by /x'],
      noFix: 'put # before line 3 of /etc/inetd.conf, and reload inetd',
    })
    expect(judge(old, [])).toMatchObject({ outcome: 'pass', observed: 'no inetd serves the entries that there are' })
    expect(judge(parse('end\n'))).toMatchObject({ outcome: 'pass' })
    expect(judge(parse('end\n'), [])).toMatchObject({ outcome: 'notapplicable' })
    expect(judge(parse(''))).toMatchObject({ outcome: 'unknown' })
    expect(judge(undefined)).toMatchObject({ outcome: 'unknown', observed: 'what inetd starts was not read' })
  })
})
