import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logicalLines, postfixBind } from '../../../../../src/services/areas/units/binds/postfix.ts'
import { fromBytes } from '../../../../../src/services/model/file-bytes.ts'
import { someBinds, written } from './some-binds.ts'

const MAIN = `# main.cf
myhostname = vm
relayhost =
  # in between
inet_interfaces = all
inet_protocols = all
`
const MASTER = 'smtp inet n - y - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n  -o mynetworks=127.0.0.0/8\n'
const bind = (main: string | undefined, master: string | undefined = MASTER) =>
  postfixBind(someBinds({ ...(main === undefined ? {} : { main }), ...(master === '' ? {} : { master }) }))

describe('the addresses of postfix', () => {
  test('are one keyword of main.cf, whose line is named and changed', () => {
    expect(bind(MAIN).at).toEqual(['/etc/postfix/main.cf, line 5: inet_interfaces = all'])
    expect(written(bind(MAIN))).toBe(MAIN.replace('inet_interfaces = all', 'inet_interfaces = loopback-only'))
  })

  test.each([
    ['inet_interfaces=all', 'inet_interfaces=loopback-only'],
    ['inet_interfaces\t=\t$myhostname, localhost', 'inet_interfaces\t=\tloopback-only'],
    ['inet_interfaces =', 'inet_interfaces =loopback-only'],
  ])('%j becomes %j', (line, next) => {
    const made = written(bind(MAIN.replace('inet_interfaces = all', line)))
    expect(made).toBe(MAIN.replace('inet_interfaces = all', next))
  })

  test('are written behind a file that does not say them, which means all', () => {
    const without = MAIN.replace('inet_interfaces = all\n', '')
    expect(bind(without).at).toEqual(['/etc/postfix/main.cf has no inet_interfaces: all addresses'])
    expect(written(bind(without.trimEnd()))).toBe(`${without}inet_interfaces = loopback-only\n`)
  })

  test.each<[string, string | undefined, string | undefined, RegExp]>([
    ['set twice', `${MAIN}inet_interfaces = localhost\n`, MASTER, /twice/],
    [
      'a line that goes on',
      MAIN.replace('= all\n', '= all,\n\n  # yes\n  192.0.2.1\n'),
      MASTER,
      /goes on over the line end/,
    ],
    ['loopback already', MAIN.replace('= all', '= localhost'), MASTER, /says loopback alone already/],
    ['several instances', `${MAIN}multi_instance_directories = /etc/postfix-two\n`, MASTER, /several instances/],
    [
      'an address in master.cf',
      MAIN,
      '192.0.2.1:smtp inet n - y - - smtpd\n',
      /master\.cf, line 1: .* names an address/,
    ],
    ['an IPv6 address in master.cf', MAIN, '[2001:db8::1]:smtp inet n - y - - smtpd\n', /names an address/],
    ['the keyword in master.cf', MAIN, 'smtp inet n - y - - smtpd\n  -o inet_interfaces=all\n', /sets it again/],
    ['no main.cf', undefined, MASTER, /there is no \/etc\/postfix\/main\.cf/],
  ])('are left alone with %s', (_name, main, master, why) => {
    expect(written(bind(main, master))).toMatch(why)
  })

  test('are left alone where master.cf was not read', () => {
    const binds = someBinds({ main: MAIN, master: MASTER })
    const files = new Map([...binds.files].filter(([path]) => path !== '/etc/postfix/master.cf'))
    expect(written(postfixBind({ ...binds, files }))).toBe('no: /etc/postfix/master.cf was not read')
  })
})

describe('a change of main.cf', () => {
  const line = fc.constantFrom('', '# a', 'a = b', 'a=b c', '\tof c', '  # d', 'é = ü', 'x', ' ')

  test('leaves every other line as it was, and is nothing a second time', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(line), fc.boolean(), (before, after, ended) => {
        fc.pre(!after.find((one) => one.trim() !== '' && !/^\s*#/.test(one))?.match(/^\s/))
        const text = [...before, 'inet_interfaces = all', ...after].join('\n') + (ended ? '\n' : '')
        const made = written(bind(text)).split('\n')
        expect(made.toSpliced(before.length, 1)).toEqual(text.split('\n').toSpliced(before.length, 1))
        expect(made[before.length]).toBe('inet_interfaces = loopback-only')
        expect(written(bind(made.join('\n')))).toMatch(/loopback alone already/)
      }),
    )
  })

  test('rests on lines that are read as postfix reads them, whatever bytes they have', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = fromBytes(bytes)
        for (const { at, raw } of logicalLines(text)) expect(text.split('\n')[at]).toBe(raw)
      }),
    )
    // 0xA0 is a blank for JavaScript, and none for postfix.
    expect(logicalLines(fromBytes(Uint8Array.of(0x61, 0x0a, 0xa0, 0x62)))).toHaveLength(2)
  })
})
