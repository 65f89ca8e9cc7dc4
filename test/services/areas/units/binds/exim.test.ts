import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eximBind, readEximFile } from '../../../../../src/services/areas/units/binds/exim.ts'
import { fromBytes } from '../../../../../src/services/model/file-bytes.ts'
import { type SomeFiles, someBinds, written } from './some-binds.ts'

const FILE = `# what Debian asks
dc_eximconfig_configtype='internet'
dc_other_hostnames='vm'
dc_local_interfaces=''
dc_use_split_config='false'
`
const LOOKED = `exim line /etc/exim4/exim4.conf.template 67 .ifdef MAIN_LOCAL_INTERFACES
exim line /etc/exim4/exim4.conf.template 68 local_interfaces = MAIN_LOCAL_INTERFACES
exim file /etc/exim4/exim4.conf.template
exim end
`
const bind = (exim: string | undefined, more: SomeFiles = {}, v6 = true) =>
  eximBind(someBinds({ looked: LOOKED, ...(exim === undefined ? {} : { exim }), ...more }), v6)

describe('the addresses of exim4', () => {
  test('are one keyword of Debian’s file, whose line is named and changed', () => {
    expect(bind(FILE).at).toEqual(["/etc/exim4/update-exim4.conf.conf, line 4: dc_local_interfaces=''"])
    expect(written(bind(FILE))).toBe(FILE.replace("dc_local_interfaces=''", "dc_local_interfaces='127.0.0.1 ; ::1'"))
  })

  test('are those of IPv4 alone where nobody hears IPv6', () => {
    expect(written(bind(FILE, {}, false))).toContain("\ndc_local_interfaces='127.0.0.1'\n")
  })

  test.each([
    ['  dc_local_interfaces=0.0.0.0   # all', "  dc_local_interfaces='127.0.0.1 ; ::1'   # all"],
    ['dc_local_interfaces="192.0.2.1"', "dc_local_interfaces='127.0.0.1 ; ::1'"],
    ["dc_local_interfaces='192.0.2.1 ; 127.0.0.1' ", "dc_local_interfaces='127.0.0.1 ; ::1' "],
    [
      "#dc_local_interfaces='127.0.0.1'\ndc_local_interfaces=",
      "#dc_local_interfaces='127.0.0.1'\ndc_local_interfaces='127.0.0.1 ; ::1'",
    ],
  ])('%s becomes %s', (line, next) => {
    expect(written(bind(FILE.replace("dc_local_interfaces=''", line)))).toBe(
      FILE.replace("dc_local_interfaces=''", next),
    )
  })

  test('are written behind a file that does not say them, which means all', () => {
    const without = FILE.replace("dc_local_interfaces=''\n", '')
    expect(bind(without).at).toEqual(['/etc/exim4/update-exim4.conf.conf has no dc_local_interfaces: all addresses'])
    expect(written(bind(without))).toBe(`${without}dc_local_interfaces='127.0.0.1 ; ::1'\n`)
    expect(written(bind(without.trimEnd()))).toBe(`${without}dc_local_interfaces='127.0.0.1 ; ::1'\n`)
  })

  test.each<[string, string | undefined, SomeFiles, RegExp]>([
    ['set twice', `${FILE}dc_local_interfaces=x\n`, {}, /sets dc_local_interfaces twice/],
    ['loopback already', FILE.replace("=''\n", "='127.0.0.1 ; ::1'\n"), {}, /says loopback alone already/],
    ['an open quote', FILE.replace("'vm'", "'vm\nx'"), {}, /line 3: dc_other_hostnames='vm is no plain setting/],
    ['a line that goes on', FILE.replace("'vm'", "'vm' \\"), {}, /is no plain setting/],
    ['a command', `${FILE}. /etc/exim4/more\n`, {}, /line 6: \. \/etc\/exim4\/more is no plain setting/],
    ['a value that is expanded', FILE.replace("=''", '="$HOME"'), {}, /is no plain setting/],
    ['two settings on a line', FILE.replace("=''", "='' dc_readhost=''"), {}, /is no plain setting/],
    ['a split configuration', FILE.replace("'false'", "'true'"), {}, /split over \/etc\/exim4\/conf\.d/],
    ['no configuration of Debian’s', FILE.replace("'internet'", "'none'"), {}, /make no configuration/],
    [
      'exim’s own file',
      FILE,
      { looked: 'exim file /etc/exim4/exim4.conf\nexim end\n' },
      /exim reads \/etc\/exim4\/exim4\.conf/,
    ],
    ['no file of Debian’s', undefined, {}, /there is no/],
    [
      'a macro of the host’s own',
      FILE,
      { looked: 'exim line /etc/exim4/exim4.conf.localmacros 2 MAIN_LOCAL_INTERFACES=<; 0.0.0.0\nexim end\n' },
      /beside Debian's file too: .*localmacros, line 2/,
    ],
    [
      'an option',
      FILE,
      { looked: "exim line /etc/default/exim4 9 SMTPLISTENEROPTIONS='-oX 25'\nexim end\n" },
      /-oX 25/,
    ],
    ['what was not all read', FILE, { looked: 'exim line /x 1 y\n' }, /what else sets it is not known/],
    [
      'a file that nobody may read',
      FILE,
      { looked: 'exim unread /etc/default/exim4\nexim end\n' },
      /\/etc\/default\/exim4 can't be read/,
    ],
  ])('are left alone with %s', (_name, exim, more, why) => {
    expect(written(bind(exim, more))).toMatch(why)
  })

  test('are found in exim’s own file where that decides', () => {
    const looked =
      'exim line /etc/exim4/exim4.conf 12 local_interfaces = 0.0.0.0\nexim file /etc/exim4/exim4.conf\nexim end\n'
    expect(bind(undefined, { looked }).at).toEqual(['/etc/exim4/exim4.conf, line 12: local_interfaces = 0.0.0.0'])
  })
})

describe('a change of the file', () => {
  const value = fc.constantFrom("''", '""', "'0.0.0.0'", '192.0.2.1', '', "'a ; b'")
  const line = fc.oneof(
    fc.constantFrom('', '# a comment', '   ', "x='y' # z", 'a=b', '\t# é'),
    fc.tuple(fc.stringMatching(/^[a-z_]{1,9}$/), value).map(([name, set]) => `${name}=${set}`),
  )

  test('leaves every other byte as it was, and says loopback alone', () => {
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(line),
        value,
        fc.constantFrom('', ' ', ' # é'),
        fc.boolean(),
        (before, after, set, behind, ended) => {
          const [own, kind] = [`dc_local_interfaces=${set}${behind}`, "dc_eximconfig_configtype='local'"]
          const text = [kind, ...before, own, ...after].join('\n') + (ended ? '\n' : '')
          const made = written(bind(text)).split('\n')
          const was = text.split('\n')
          const at = before.length + 1
          expect(made.toSpliced(at, 1)).toEqual(was.toSpliced(at, 1))
          expect(made[at]).toBe(`dc_local_interfaces='127.0.0.1 ; ::1'${behind}`)
          expect(written(bind(made.join('\n')))).toMatch(/loopback alone already/)
        },
      ),
    )
  })

  test('is never made of a file that a shell could take otherwise, and reading one never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const read = readEximFile(fromBytes(bytes))
        if (read.ok) for (const { value: one } of read.value) expect(one).not.toMatch(/[$`\\\n]/)
      }),
    )
  })
})
