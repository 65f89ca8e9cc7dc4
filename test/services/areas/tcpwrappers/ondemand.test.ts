import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { askedWords } from '../../../../src/services/areas/tcpwrappers/ask.ts'
import { tcpwrappersChecks } from '../../../../src/services/areas/tcpwrappers/checks.ts'
import { onDemandOf } from '../../../../src/services/areas/tcpwrappers/daemons.ts'
import probeScript from '../../../../src/services/areas/tcpwrappers/probe.sh'
import { hostFacts } from '../../../support/plans.ts'
import { filesOf } from './some-files.ts'

const [, looked = ''] = /(# What inetd\(8\) and xinetd\(8\) start[\s\S]*)$/.exec(probeScript) ?? []

/** What the probe prints below a root with these files. */
function printed(shell: readonly string[], files: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'ondemand-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const [program = '', ...words] = shell
  const output = execFileSync(program, [...words, '-c', `part() { :; }\n${looked}`], {
    encoding: 'utf8',
    env: { ...process.env, HARDTUI_ROOT: root },
  })
  return output.trim().split('\n')
}

const service = (name: string, lines: readonly string[]): string =>
  `service ${name}\n{\n${lines.map((line) => `\t${line}\n`).join('')}}\n`

describe.each([['dash'], ['busybox', 'sh']])('what is started when somebody comes, read by %s', (...shell) => {
  test('is called what its server asks for it', () => {
    expect(
      printed(shell, {
        'etc/inetd.conf': [
          '# ftp stream tcp nowait root /usr/sbin/tcpd in.ftpd',
          'telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd -h',
          'daytime stream tcp nowait root internal',
          'x stream tcp nowait root /usr/sbin/in.xd in.xd',
          'finger stream tcp nowait nobody /usr/sbin/tcpd in.fingerd',
        ].join('\n'),
        'etc/xinetd.conf': 'defaults\n{\n\tinstances = 60\n}\nincludedir /etc/xinetd.d\n',
        'etc/xinetd.d/a': service('tftp', ['server = /usr/sbin/in.tftpd', 'server_args = -s /srv', 'disable = no']),
        'etc/xinetd.d/b': service('off', ['server = /usr/sbin/in.off', 'disable = yes']),
        'etc/xinetd.d/c': service('rsync', [
          'flags = NAMEINARGS',
          'server = /usr/bin/rsync',
          'server_args = rs --daemon',
        ]),
        'etc/xinetd.d/d': service('telnet', [
          ...['flags = REUSE NAMEINARGS', 'server = /usr/sbin/tcpd', 'server_args = /usr/sbin/in.telnetd'],
        ]),
        'etc/xinetd.d/e': service('free', ['flags += NOLIBWRAP', 'server = /usr/bin/free']),
        'etc/xinetd.d/f': service('named', ['libwrap = other', 'server = /usr/bin/named']),
        'etc/xinetd.d/g': service('web', ['redirect = 192.0.2.9 80']) + service('time', ['type = INTERNAL']),
        'etc/xinetd.d/h.rpmsave': service('old', ['server = /usr/bin/old']),
      }),
    ).toEqual([
      ...['inetd in.telnetd', 'inetd in.fingerd', 'xinetd in.tftpd', 'xinetd rs', 'tcpd in.telnetd', 'xinetd other'],
      ...['xinetd web', 'xinetd time', 'end'],
    ])
  })

  test('is not known where defaults say what is on, and is nothing without files', () => {
    expect(printed(shell, { 'etc/xinetd.conf': 'defaults\n{\n\tdisabled = tftp\n}\n' })).toEqual(['odd', 'end'])
    expect(printed(shell, { 'etc/hosts': '' })).toEqual(['end'])
  })
})

describe('it counts as asking', () => {
  const LINES = ['inetd in.telnetd', 'xinetd in.tftpd', 'tcpd in.fingerd', 'end']
  const counted = (...running: readonly string[]) =>
    onDemandOf([...running, 'all'], LINES)?.map(({ name, asks, by }) => `${name} ${asks} ${by}`)

  test('where what starts it runs, and has libwrap', () => {
    expect(counted('runs /usr/sbin/inetd')).toEqual(['in.telnetd true tcpd'])
    expect(counted('asks /usr/sbin/xinetd')).toEqual(['in.tftpd true xinetd', 'in.fingerd true tcpd'])
    expect(counted('without /usr/sbin/xinetd')).toEqual(['in.tftpd false xinetd', 'in.fingerd true tcpd'])
    expect(counted('unread /usr/sbin/xinetd')).toEqual(['in.tftpd null xinetd', 'in.fingerd true tcpd'])
    expect(counted()).toEqual([])
  })

  test('and not where the files were not read to their end, or are odd', () => {
    expect(onDemandOf(['runs /usr/sbin/inetd', 'all'], ['inetd x'])).toBeNull()
    expect(onDemandOf(['runs /usr/sbin/inetd', 'all'], ['inetd x', 'odd', 'end'])).toBeNull()
  })

  test('in words', () => {
    const daemons = onDemandOf(['runs /usr/sbin/inetd', 'all'], LINES)
    const facts = { ...filesOf('in.telnetd: ALL\n', null), daemons }
    expect(askedWords(facts, 'in.telnetd')).toBe('tcpd asks these files before it starts in.telnetd.')
    const said = (id: string) =>
      tcpwrappersChecks.find((one) => one.id === id)?.judge(facts, hostFacts, { listeners: [] })
    expect(said('TW-default-deny')?.details).toContain('started through tcpd or xinetd, which ask: in.telnetd')
    expect(said('TW-no-effect')).toMatchObject({ outcome: 'pass' })
  })
})
