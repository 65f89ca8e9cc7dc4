import { describe, expect, test } from 'vitest'
import { sshdEditing } from '../../../../src/services/areas/sshd/editing.ts'
import type { EditsByArea, FileEdit, StagedOf } from '../../../../src/services/model/areas.ts'
import type { Seen } from '../../../../src/services/model/editing.ts'
import { say } from '../../../../src/services/model/safe.ts'
import type { KeywordEdit, SshdFacts } from '../../../../src/services/model/sshd.ts'
import { someSshd } from '../../../support/make-plan.ts'
import { hostFacts, stagedFile, textChange } from '../../../support/plans.ts'
import { outputFrom } from '../../../support/probe-output.ts'
import { UNSEEN } from '../../../support/seen.ts'
import { someHost } from '../some-host.ts'
import { SETTINGS, someAccounts } from './accounts/some-accounts.ts'
import { DROP_IN, sshdOf } from './some-facts.ts'

const CONFIG = '/etc/ssh/sshd_config'
const edit = (path: string, text: string | null, was: string | null = 'old\n'): FileEdit => ({
  kind: 'file',
  ...textChange(path, text, was),
})
const part = (...edits: readonly FileEdit[]) =>
  sshdEditing.part({ base: someSshd, after: someSshd, conflicts: [] }, edits, {
    ...UNSEEN,
    host: hostFacts,
  })
const ports = (text: string | null, was: string | null = 'old\n') => part(edit(CONFIG, text, was)).newPorts

describe('a file of sshd', () => {
  test('makes it read its files again, and try them first', () => {
    expect(part(edit(CONFIG, 'x\n'))).toMatchObject({ sshd: 'reload', checks: ['sshd'], newPorts: [] })
    expect(part(edit('/etc/motd', 'x\n'), edit(CONFIG, 'x\n'))).toMatchObject({ sshd: 'reload' })
    expect(part(edit('/etc/motd', 'Port 2222\n'))).toEqual({ steps: expect.any(Array), blockers: [], whatIf: [] })
  })

  test('that brings a port tells it, once, and not the one that the operator is on', () => {
    expect(ports('Port 22\nPort 2222\n  port=2200\nPORT "2022"\nPort 2222\n')).toEqual([2222, 2200, 2022])
  })

  test.each(['#Port 2222\n', 'Port 0\n', 'Port 65536\n', 'GatewayPorts 2222\n', 'Ports 2222\n'])(
    'that says %j brings none',
    (text) => {
      expect(ports(text)).toEqual([])
    },
  )

  test.each([1, 65535])('may bring the port %d', (port) => {
    expect(ports(`Port ${port}\n`)).toEqual([port])
  })

  test('that goes, stays as it was or is not sshd’s brings none', () => {
    expect(ports(null, 'Port 2222\n')).toEqual([])
    expect(ports('Port 2222\n', 'Port 2222\n')).toEqual([])
    expect(part(edit('/etc/motd', 'Port 2222\n'), edit(CONFIG, 'x\n')).newPorts).toEqual([])
  })
})

test('what is staged of a file does not change what is known of sshd', () => {
  expect(sshdEditing.lay(someSshd, [edit(CONFIG, 'x\n')])).toEqual({ after: someSshd, conflicts: [] })
})

test('a file is folded into what is staged of it, and undone with its old text', () => {
  const change = (text: string, was: string) => stagedFile(textChange(CONFIG, text, was)) as StagedOf<'sshd'>
  expect(sshdEditing.fold([change('b', 'a')], change('c', 'b'), null).held).toMatchObject([
    { edit: { text: 'c', was: 'a' } },
  ])
  const past = { rules: [], files: [textChange(CONFIG, 'new', 'old')], units: [], accounts: [] }
  expect(sshdEditing.undo(past, null, () => 'x').edits).toEqual([edit(CONFIG, 'old', 'new')])
})

test('only files below /etc/ssh are sshd’s', () => {
  expect(sshdEditing.owns).toEqual({ accounts: true, file: expect.any(Function) })
  expect(sshdEditing.owns.file?.('/etc/ssh/sshd_config.d/x.conf')).toBe(true)
  expect(sshdEditing.owns.file?.('/srv/etc/ssh/x')).toBe(false)
})

const FILES = {
  [CONFIG]: 'Include /etc/ssh/sshd_config.d/*.conf\nX11Forwarding yes\nMatch User bob\n\tMaxAuthTries 2\n',
}
const STOCK = 'port 22\npermitrootlogin yes\nmaxauthtries 6\nx11forwarding yes\nallowusers ops'
const sshd = (files: Readonly<Record<string, string>> | null = FILES): SshdFacts =>
  sshdOf(
    [
      { settings: STOCK, sources: [`${CONFIG}:2 x11forwarding`] },
      {
        user: 'bob',
        matched: ['User bob'],
        settings: STOCK.replace('maxauthtries 6', 'maxauthtries 2'),
        sources: [`${CONFIG}:2 x11forwarding`, `match ${CONFIG}:4 maxauthtries`],
      },
    ],
    files,
    { groups: ['ops'] },
  )
const set = (keyword: string, value: string | null, match: string | null = null): KeywordEdit => ({
  kind: 'keyword',
  keyword,
  values: value === null ? null : value.split(' '),
  match,
})
const laid = (edits: readonly (KeywordEdit | FileEdit)[], facts = sshd()) => sshdEditing.lay(facts, edits)
const textsOf = ({ files }: SshdFacts) => Object.fromEntries(files ?? [])
const valueFor = (facts: SshdFacts, at: number, keyword: string) =>
  facts.views[at]?.settings.filter((one) => one.keyword === keyword).map(({ value }) => value)

describe('a keyword', () => {
  test('is written into the file that is read first, and holds for all but whom a Match block is for', () => {
    const { after, conflicts } = laid([set('MaxAuthTries', '4')])
    expect(conflicts).toEqual([])
    expect(textsOf(after)).toEqual({ ...FILES, [DROP_IN]: expect.stringMatching(/\nMaxAuthTries 4\n$/) })
    expect(valueFor(after, 0, 'maxauthtries')).toEqual(['4'])
    expect(valueFor(after, 1, 'maxauthtries')).toEqual(['2'])
    expect(after.settings).toBe(after.views[0]?.settings)
  })

  test('is set for a Match block where that stands, and for nobody else', () => {
    const { after } = laid([set('MaxAuthTries', '3', 'User bob')])
    expect(textsOf(after)[CONFIG]).toContain('\n\tMaxAuthTries 3\n')
    expect(valueFor(after, 0, 'maxauthtries')).toEqual(['6'])
    expect(valueFor(after, 1, 'maxauthtries')).toEqual(['3'])
  })

  test('is known as sshd prints it, and unknown once its line is out', () => {
    expect(valueFor(laid([set('PermitRootLogin', 'prohibit-password')]).after, 0, 'permitrootlogin')).toEqual([
      'without-password',
    ])
    expect(valueFor(laid([set('X11Forwarding', null)]).after, 0, 'x11forwarding')).toEqual([])
  })

  test('that can’t be written is a conflict with the reason', () => {
    const drop = '/etc/ssh/sshd_config.d/00-a.conf'
    const facts = sshdOf([{ settings: STOCK }], { ...FILES, [drop]: 'MaxAuthTries 9\n' }, { foreign: new Set([drop]) })
    const [conflict] = laid([set('MaxAuthTries', null)], facts).conflicts
    expect(conflict?.reason).toContain(drop)
    expect(laid([set('MaxAuthTries', '4')], sshd(null)).conflicts).toMatchObject([{ reason: 'not read' }])
  })

  test('holds where everybody whom it is for has it already', () => {
    expect(sshdEditing.holds?.(sshd(), set('PermitRootLogin', 'yes'))).toBe(true)
    expect(sshdEditing.holds?.(sshd(), set('PermitRootLogin', 'no'))).toBe(false)
    expect(sshdEditing.holds?.(sshd(), set('MaxAuthTries', '2', 'User bob'))).toBe(true)
    expect(sshdEditing.holds?.(sshd(), set('MaxAuthTries', '6', 'User bob'))).toBe(false)
    expect(sshdEditing.holds?.(sshd(), set('MaxAuthTries', '6', 'User nobody'))).toBe(false)
    expect(sshdEditing.holds?.(sshd(), set('X11Forwarding', null))).toBe(false)
  })

  const change = (id: string, of: KeywordEdit): StagedOf<'sshd'> => ({
    id,
    area: 'sshd',
    edit: of,
    target: say`x`,
    summary: say`x`,
    origin: 'operator',
  })

  test('is staged once for everybody and once a block, by whatever name, the last value in the first one’s place', () => {
    const held = [
      change('a', set('KbdInteractiveAuthentication', 'no')),
      change('b', set('MaxAuthTries', '3', 'User bob')),
    ]
    const ids = (added: KeywordEdit) => sshdEditing.fold(held, change('c', added), sshd()).held.map(({ id }) => id)
    expect(ids(set('ChallengeResponseAuthentication', 'yes'))).toEqual(['c', 'b'])
    expect(ids(set('MaxAuthTries', '4', 'User bob'))).toEqual(['a', 'c'])
    expect(ids(set('MaxAuthTries', '4'))).toEqual(['a', 'b', 'c'])
  })

  test('that comes back to what holds leaves nothing staged', () => {
    const held = [change('a', set('PermitRootLogin', 'no'))]
    expect(sshdEditing.fold(held, change('b', set('PermitRootLogin', 'yes')), sshd())).toEqual({
      held: [],
      idle: 'PermitRootLogin stays as it is on the server.',
    })
  })

  test('is told by its old and its new value, and by whom it is for', () => {
    const { after } = laid([])
    const words = (edit: KeywordEdit) => Object.values(sshdEditing.describe(edit, sshd(), after)).join(': ')
    expect(words(set('PermitRootLogin', 'no'))).toBe('sshd PermitRootLogin: yes → no')
    expect(words(set('MaxAuthTries', '3', 'User bob'))).toBe('sshd MaxAuthTries (Match User bob): 2 → 3')
    expect(words(set('Banner', '/etc/issue'))).toBe('sshd Banner: not set → /etc/issue')
    const long = sshdOf([{ settings: 'ciphers a,b,c,d' }], FILES)
    const list = (value: string) => sshdEditing.describe(set('Ciphers', value), long, long).summary
    expect([list('a,c,d,e'), list('b,a,c,d'), list('a')]).toEqual(['-b +e', 'in another order', 'a,b,c,d → a'])
    expect(words(set('X11Forwarding', null))).toBe('sshd X11Forwarding: yes → its lines taken out')
  })
})

describe('the plan of a keyword', () => {
  const SUM = 'a'.repeat(64)
  const answered = (answers: string) => () =>
    outputFrom('sshd-trial', `\n@@status\n0\n\n@@said\n=0\n\n@@answers\n${answers}\n\n@@end\n`)
  const planned = (edits: readonly KeywordEdit[], tried: Seen['tried']) => {
    const base = sshd()
    return sshdEditing.part({ base, ...sshdEditing.lay(base, edits) }, edits, {
      ...UNSEEN,
      host: hostFacts,
      tried,
    })
  }
  const both = (lines: string) => `>0 ${SUM} ${SUM}\n${lines}\n>1 ${SUM} ${SUM}`

  test('waits for the word of the server’s own sshd', () => {
    const { blockers, sshdAnswers } = planned([set('MaxAuthTries', '4')], () => null)
    expect(blockers).toMatchObject([{ kind: 'untried' }])
    expect(sshdAnswers).toEqual([])
  })

  test('is blocked by what sshd refuses', () => {
    const refused = () => outputFrom('sshd-trial', '\n@@status\n0\n\n@@said\n=255\n bad line\n\n@@end\n')
    expect(planned([set('MaxAuthTries', '4')], refused).blockers).toMatchObject([
      { kind: 'conflict', message: 'sshd refuses it: bad line.' },
    ])
  })

  test('carries what sshd shall answer then, for each who was asked', () => {
    const { blockers, sshdAnswers, steps } = planned(
      [set('MaxAuthTries', '4')],
      answered(both('-maxauthtries 6\n+maxauthtries 4')),
    )
    expect(blockers).toEqual([])
    expect(sshdAnswers).toEqual([
      { asked: 'user=ops,host=x,addr=y', sum: SUM },
      { asked: 'user=bob,host=x,addr=y', sum: SUM },
    ])
    expect(steps).toMatchObject([{ kind: 'file', path: DROP_IN, was: null }])
  })

  test('is blocked where sshd would change something else as well, but for what goes together', () => {
    const messages = (edit: KeywordEdit, lines: string) =>
      planned([edit], answered(both(lines))).blockers.map(({ message }) => message)
    expect(messages(set('MaxAuthTries', '4'), '-maxauthtries 6\n+maxauthtries 4\n-usepam yes\n+usepam no')).toEqual([
      'sshd would change UsePAM as well, which nobody staged.',
    ])
    expect(
      messages(set('Port', '2222'), '-port 22\n+port 2222\n-listenaddress [::]:22\n+listenaddress [::]:2222'),
    ).toEqual([])
  })

  test('tells the ports where sshd would listen anew, by its own word', () => {
    const lines = '-port 22\n+port 22\n+port 2222'
    expect(planned([set('Port', '22 2222')], answered(both(lines))).newPorts).toEqual([2222])
  })

  test('is blocked by what would lock the operator out', () => {
    expect(
      planned([set('AllowUsers', 'bob')], answered(both('-allowusers ops\n+allowusers bob'))).blockers,
    ).toMatchObject([{ kind: 'lock-out' }])
  })
})

describe('an administrator who is made', () => {
  const SUM = 'a'.repeat(64)
  const SUDOERS = '/etc/sudoers.d/hardtui-dora'
  const create: EditsByArea['sshd'] = {
    kind: 'account',
    change: { verb: 'create', name: 'dora', groups: [], shell: '/bin/sh', keys: [], password: false },
  }
  const file: FileEdit = {
    kind: 'file',
    ...textChange(SUDOERS, 'dora ALL=(ALL:ALL) NOPASSWD: ALL\n', null),
    mode: 0o440,
  }
  const base = sshdOf([{ settings: `${SETTINGS}allowusers ops` }], FILES, { accounts: someAccounts({}) })
  const planned = (edits: readonly EditsByArea['sshd'][], host = hostFacts, lines = '') =>
    sshdEditing.part({ base, ...sshdEditing.lay(base, edits) }, edits, {
      ...UNSEEN,
      host,
      tried: () =>
        outputFrom(
          'sshd-trial',
          `\n@@status\n0\n\n@@said\n=0\n\n@@answers\n>0 ${SUM} ${SUM}\n${lines}>1 ${SUM} ${SUM}\n${lines}\n@@end\n`,
        ),
    })
  const SHUT = '-permitrootlogin yes\n+permitrootlogin no\n'

  test('is an account and a file for sudo, of which sshd is told nothing', () => {
    const { sshd, steps, blockers, whatIf, checks } = planned([create, file])
    expect(steps).toMatchObject([{ kind: 'account' }, { kind: 'file', path: SUDOERS, was: null, mode: 0o440 }])
    expect([sshd, blockers, whatIf, checks]).toEqual([undefined, [], [], undefined])
    expect(sshdEditing.lay(base, [file])).toEqual({ after: base, conflicts: [] })
    const unread = { ...base, files: null }
    expect(sshdEditing.lay(unread, [file])).toEqual({ after: unread, conflicts: [] })
  })

  test('proves the change of root, and of nobody else', () => {
    expect(planned([create, file]).proofAs).toBe('dora')
    expect(planned([create, file], someHost())).not.toHaveProperty('proofAs')
    expect(planned([file])).not.toHaveProperty('proofAs')
    expect(planned([set('MaxAuthTries', '4')])).not.toHaveProperty('proofAs')
  })

  test('lets root shut himself out, with what sshd shall answer for those it knows', () => {
    const needs = {
      methods: ['publickey' as const],
      keys: [{ type: 'ssh-ed25519', bits: null, fingerprint: 'SHA256:x', line: 'ssh-ed25519 AAAA' }],
      ...{ offered: [], can: { hostKey: [], kex: [], cipher: [], hmac: [] } },
    }
    const open = sshdOf([{ settings: SETTINGS }], FILES, { accounts: someAccounts({}) })
    const edits = [create, file, set('PermitRootLogin', 'no')]
    const part = (some: readonly EditsByArea['sshd'][], answers: string) =>
      sshdEditing.part({ base: open, ...sshdEditing.lay(open, some) }, some, {
        ...UNSEEN,
        host: { ...hostFacts, needs },
        tried: () => outputFrom('sshd-trial', `\n@@status\n0\n\n@@said\n=0\n\n@@answers\n${answers}\n@@end\n`),
      })
    const made = part(edits, `>0 ${SUM} ${SUM}\n${SHUT}>1 ${SUM} ${SUM}\n${SHUT}`)
    expect(made.blockers).toEqual([])
    expect(made.proofAs).toBe('dora')
    // Who is made is in no group yet, by which a Match block may know him.
    expect(made.sshdAnswers?.map(({ asked }) => asked)).toEqual(['user=ops,host=x,addr=y'])
    // Unstaged, his own door is the only one again.
    const alone = part(edits.slice(1), `>0 ${SUM} ${SUM}\n${SHUT}`)
    expect(alone.blockers).toMatchObject([{ kind: 'lock-out', message: 'This locks you out: PermitRootLogin no.' }])
    expect(alone).not.toHaveProperty('proofAs')
  })

  test('does not hide what sshd would change beside what was meant', () => {
    const edits = [create, file, set('PermitRootLogin', 'no')]
    const { blockers } = planned(edits, hostFacts, `${SHUT}-usepam yes\n+usepam no\n`)
    expect(blockers.map(({ message }) => message)).toContain('sshd would change UsePAM as well, which nobody staged.')
  })

  test('has a file of sudo’s that is sshd’s to undo, and no other one of sudo’s is', () => {
    const owns = sshdEditing.owns.file
    expect(
      [SUDOERS, '/etc/sudoers.d/90-ours', '/etc/sudoers', '/srv/etc/sudoers.d/hardtui-x'].map((one) => owns?.(one)),
    ).toEqual([true, false, false, false])
  })
})

test('nothing is changed of an sshd whose files were not read, or that was started with others', () => {
  expect(sshdEditing.whyNot?.(sshd())).toBeNull()
  expect(sshdEditing.whyNot?.(sshd(null))).toBe("its files can't be changed from here: not read")
  expect(sshdEditing.whyNot?.({ ...sshd(), options: [say`-f`, say`/srv/sshd_config`] })).toMatch(
    /^sshd was started with -f/,
  )
})
