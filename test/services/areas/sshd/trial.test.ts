import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layAccount } from '../../../../src/services/areas/sshd/accounts/edits.ts'
import { isTooLong, newAdmins, readTrial, trialOf } from '../../../../src/services/areas/sshd/trial.ts'
import { bytesOf, type FileBytes } from '../../../../src/services/model/file-bytes.ts'
import { outputFrom } from '../../../support/probe-output.ts'
import { runProbe, SHELLS } from '../stand-in-host.ts'
import { someAccounts } from './accounts/some-accounts.ts'
import { MAIN, sshdOf } from './some-facts.ts'

const base = sshdOf(
  [{ settings: 'port 22\nmaxauthtries 6\nallowusers ops' }, { settings: 'port 22\nmaxauthtries 6\nallowusers ops' }],
  { [MAIN]: 'Port 22\n', '/etc/ssh/x.conf': 'old\n' },
)
const changedTo = (text: string | null) => {
  const files = new Map(base.files)
  if (text === null) files.delete(MAIN)
  else files.set(MAIN, bytesOf(text))
  return { base, after: { ...base, files } }
}
const [ONE, TWO] = ['1'.repeat(64), '2'.repeat(64)]
const output = (answers: string, said = '=0\n', status = '0') =>
  outputFrom('sshd-trial', `\n@@status\n${status}\n\n@@said\n${said}\n\n@@answers\n${answers}\n\n@@end\n`)

describe('the question', () => {
  test('is none where no file changes', () => {
    expect(trialOf({ base, after: base })).toBeNull()
  })

  test('is the same for the same files, and another one where any file was another one', () => {
    const script = trialOf(changedTo('Port 2222\n'))?.script
    expect(trialOf(changedTo('Port 2222\n'))?.script).toBe(script)
    expect(trialOf(changedTo('Port 2223\n'))?.script).not.toBe(script)
    const other = { ...base, files: new Map([...(base.files ?? []), ['/etc/ssh/x.conf', bytesOf('new\n')]]) }
    const files = new Map(other.files).set(MAIN, bytesOf('Port 2222\n'))
    expect(trialOf({ base: other, after: { ...other, files } })?.script).not.toBe(script)
  })

  test('can be too long to be put', () => {
    const question = trialOf(changedTo('x'.repeat(100_000)))
    expect(question && isTooLong(question)).toBe(true)
    const short = trialOf(changedTo('Port 2222\n'))
    expect(short && isTooLong(short)).toBe(false)
  })
})

describe('the answer', () => {
  test('is how each person’s settings change', () => {
    const read = readTrial(
      output(`>0 ${ONE} ${TWO}\n-maxauthtries 6\n+maxauthtries 4\n-allowusers ops\n>1 ${ONE} ${ONE}`),
      { base, after: base },
    )
    if (!read.ok) throw new Error(read.error)
    const [own, other] = read.value.people
    expect(own).toMatchObject({ sum: TWO, changed: ['maxauthtries', 'allowusers'] })
    expect(own?.after.map(({ keyword, value }) => `${keyword} ${value}`)).toEqual(['port 22', 'maxauthtries 4'])
    expect(own?.before.map(({ keyword, value }) => `${keyword} ${value}`).toSorted()).toEqual([
      'allowusers ops',
      'maxauthtries 6',
      'port 22',
    ])
    expect(other).toMatchObject({ sum: ONE, changed: [] })
  })

  test.each([
    [
      'sshd refuses the files',
      output(
        '',
        '=255\n /etc/ssh/sshd_config: line 3: Bad configuration option: Prot\n /etc/ssh/sshd_config: terminating, 1 bad configuration options\n',
      ),
      'sshd refuses it: /etc/ssh/sshd_config: line 3: Bad configuration option: Prot',
    ],
    [
      'no namespace can be had',
      output('', 'unshare: unshare failed: Operation not permitted\n', '1'),
      "sshd can't be asked beforehand on this server: unshare: unshare failed: Operation not permitted",
    ],
    ['somebody is missing', output(`>0 ${ONE} ${TWO}`), 'sshd did not answer for somebody whom it was asked about'],
    [
      'somebody got no answer',
      output(`>0 ${ONE} ${TWO}\n!1`),
      'sshd did not answer for somebody whom it was asked about',
    ],
    [
      'it was cut off',
      { ...output(`>0 ${ONE} ${TWO}\n>1 ${ONE} ${TWO}`), cut: 'answers' },
      'sshd on the server did not answer to the end',
    ],
    ['nothing came', null, 'sshd on the server did not answer to the end'],
    ['it said nothing about the files', output('', 'hello\n'), 'sshd refuses it: hello'],
  ])('is none where %s', (_case, given, words) => {
    expect(readTrial(given, { base, after: base })).toEqual({ ok: false, error: words })
  })

  test('is never made up, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = readTrial(output(text), { base, after: base })
        expect(read.ok && !text.includes('>')).toBe(false)
      }),
    )
  })
})

// busybox has programs of its own for most of these names, and would ask nobody else.
describe.each(SHELLS.filter(([name]) => !name.startsWith('busybox')))('the script under %s', (_name, shell) => {
  /** Stands in for a namespace: nothing is mounted, and sshd finds the changed file by the variable. */
  const tools = {
    unshare: 'shift; case $3 in *"mount --bind"*) export TRIED=yes ;; esac; exec "$@"',
    ln: 'exit 0',
    sh: 'exec /bin/sh "$@"',
    mount: 'exit 0',
    cp: 'exit 0',
    mkdir: 'exit 0',
    rm: 'exit 0',
    sha256sum: `cat >/dev/null; echo "${'0'.repeat(64)}  -"`,
    cut: 'read -r one rest; echo "$one"',
    base64: 'exit 0',
    sshd: `case $1 in
      -t) exit 0 ;;
      -T) echo "port 22"; [ -n "\${TRIED:-}" ] && echo "maxauthtries 4" || { echo "maxauthtries 6"; echo "asked $3"; } ;;
    esac`,
  }

  test('asks now and then for each person, and prints what differs alone', async () => {
    const script = trialOf(changedTo(null))?.script ?? ''
    const printed = await runProbe(shell, script, tools)
    expect(printed).toContain('@@status\n0')
    expect(printed).toContain('@@said\n=0')
    const [own] = base.views
    expect(printed).toContain(`-maxauthtries 6\n+maxauthtries 4\n-asked ${own?.asked}\n>1 `)
    expect(printed).not.toContain('port 22')
    const read = readTrial(outputFrom('sshd-trial', printed), { base, after: base })
    expect(read.ok && read.value.people.map(({ changed }) => changed)).toEqual([
      ['maxauthtries', 'asked'],
      ['maxauthtries', 'asked'],
    ])
  })

  test('says what stood in the way of asking', async () => {
    const script = trialOf(changedTo(null))?.script ?? ''
    const printed = await runProbe(shell, script, { ...tools, unshare: 'echo "unshare: not permitted" >&2; exit 1' })
    expect(readTrial(outputFrom('sshd-trial', printed), { base, after: base })).toEqual({
      ok: false,
      error: "sshd can't be asked beforehand on this server: unshare: not permitted",
    })
  })
})

test('bytes travel as they are', () => {
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, at) => at).filter((at) => at !== 0)) as FileBytes
  const files = new Map(base.files).set(MAIN, bytes)
  const script = trialOf({ base, after: { ...base, files } })?.script ?? ''
  expect(script).toContain(Buffer.from(bytes, 'latin1').toString('base64'))
})

describe('an account that is made', () => {
  const before = someAccounts({ pat: {} })
  const withNew = (name: string, accounts = before) => {
    const change = { verb: 'create', name, groups: [], shell: '/bin/sh', keys: [], password: false } as const
    const laid = layAccount(accounts, change)
    if (!laid.ok) throw new Error(laid.error)
    return laid.value
  }
  const known = { ...base, accounts: before }
  const { after } = changedTo('Port 2222\n')
  const laid = { base: known, after: { ...after, accounts: withNew('erin', withNew('dora')) } }
  const [own, other] = base.views
  const answers = (...numbers: readonly number[]) => output(numbers.map((at) => `>${at} ${ONE} ${TWO}`).join('\n'))

  test('is every one that was not there, and no other', () => {
    expect(newAdmins(laid)).toEqual(['dora', 'erin'])
    expect(newAdmins({ base: known, after: known })).toEqual([])
    expect(newAdmins({ base: known, after: { ...known, accounts: null } })).toEqual([])
  })

  test('is asked about behind the others, as coming from where the operator does', () => {
    const script = trialOf(laid)?.script ?? ''
    const people = /^people='([^']*)'$/m.exec(script)?.[1]?.split('\n')
    expect(people).toEqual([own?.asked, other?.asked, 'user=dora,host=x,addr=y', 'user=erin,host=x,addr=y'])
  })

  test('has the settings that sshd gives for it, and is not the operator', () => {
    const read = readTrial(output(`>0 ${ONE} ${ONE}\n>1 ${ONE} ${ONE}\n>2 ${ONE} ${TWO}\n+x y\n>3 ${ONE} ${ONE}`), laid)
    if (!read.ok) throw new Error(read.error)
    expect(read.value.people.map(({ view, sum }) => [view.user, view.you, view.asked, sum])).toEqual([
      ['ops', true, own?.asked, ONE],
      ['anybody', false, other?.asked, ONE],
      ['dora', false, 'user=dora,host=x,addr=y', TWO],
      ['erin', false, 'user=erin,host=x,addr=y', ONE],
    ])
    expect(read.value.people[2]?.after).toContainEqual({ keyword: 'x', value: 'y' })
  })

  test('has to be answered for as well', () => {
    expect(readTrial(answers(0, 1, 2, 3), laid).ok).toBe(true)
    expect(readTrial(answers(0, 1, 2), laid)).toMatchObject({ ok: false, error: expect.stringContaining('somebody') })
  })

  test('is not asked about where it is not known how the operator was', () => {
    const unasked = { ...known, views: known.views.map((view) => ({ ...view, asked: view.you ? '' : view.asked })) }
    expect(readTrial(answers(0), { base: unasked, after: { ...unasked, accounts: laid.after.accounts } }).ok).toBe(true)
  })
})
