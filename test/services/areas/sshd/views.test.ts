import { describe, expect, test } from 'vitest'
import { sshd } from '../../../../src/services/areas/sshd/area.ts'
import type { HostFacts } from '../../../../src/services/model/host.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import type { Listener } from '../../../../src/services/model/units.ts'
import { outputOf, someHost } from '../some-host.ts'
import { runProbe, SHELLS } from '../stand-in-host.ts'

const CLOSED = 'permitrootlogin no\npasswordauthentication no\nkbdinteractiveauthentication no\nusepam yes\n'

type Person = readonly [who: string, matched: readonly string[], settings: string]

/** What the probe prints where there are Match blocks. */
const probed = (own: string, matches: readonly string[], people: readonly Person[], parts = ''): string =>
  [
    '\n@@path\n/usr/sbin/sshd',
    '@@status\n0',
    `@@settings\n${own}`,
    parts,
    `@@matches\nread\n${matches.join('\n')}`,
    `@@views\n${people.map(([who, matched, text]) => `>${who}\n${matched.map((one) => `=${one}\n`).join('')}${text}`).join('\n')}`,
  ].join('\n\n')

const judge = (
  id: string,
  stdout: string,
  host: HostFacts = someHost(),
  listeners: readonly Listener[] | null = null,
): { readonly verdict: string; readonly details: readonly string[] } => {
  const facts = factsOf(sshd.parse(outputOf('sshd', stdout), host, 1))
  const check = sshd.checks.find((one) => one.id === id)
  if (!facts || !check) throw new Error(`no facts or no check ${id}`)
  const { outcome, observed, details } = check.judge(facts, host, { listeners })
  return { verdict: `${outcome} ${observed}`, details: details ?? [] }
}

const LAN = 'Address 198.51.100.0/24,10.0.0.0/8'
const OPEN = CLOSED.replace('passwordauthentication no', 'passwordauthentication yes')

describe('settings that a Match block opens for others', () => {
  const people: readonly Person[] = [
    ['anybody\t240.0.0.1\t-', [], CLOSED],
    ['root\t240.0.0.1\t-', [], CLOSED],
    [`anybody\t198.51.100.0\t${LAN}`, [LAN], OPEN],
    [`guest\t240.0.0.1\tUser guest`, ['User guest'], CLOSED],
    [`guest\t198.51.100.20\tUser guest`, [LAN, 'User guest'], OPEN],
  ]
  const stdout = probed(CLOSED, [LAN, 'User guest'], people)

  test('fail, with the block’s name and no other’s, where the operator’s own pass', () => {
    expect(judge('SSH-PasswordAuthentication', stdout)).toEqual({
      verdict: `fail yes for Match ${LAN}`,
      details: [
        'you (ops from 198.51.100.20): no',
        'anybody: no',
        `anybody from 198.51.100.0, by Match ${LAN}: yes (to fix)`,
        'guest from 240.0.0.1, by Match User guest: no',
        `guest from 198.51.100.20, by Match ${LAN} and Match User guest: yes (to fix)`,
      ],
    })
  })

  test('fail for anybody where a block keeps only the operator to keys', () => {
    const root = someHost({ user: someHost().login.user, uid: 0, escalation: 'root' })
    const keys = `${OPEN}authenticationmethods publickey\n`
    const own = probed(
      keys,
      ['User ops'],
      [['anybody\t240.0.0.1\t-', [], `${OPEN}-authenticationmethods\n`]],
      '@@own\nUser ops',
    )
    expect(judge('SSH-PasswordAuthentication', own, root).verdict).toBe('fail yes (not for Match User ops)')
  })

  test('of root count for root, and his password only where he may use one', () => {
    const rootOpen = `${OPEN.replace('permitrootlogin no', 'permitrootlogin yes')}`
    const only = (settings: string): string =>
      probed(
        CLOSED,
        ['User root'],
        [
          ['anybody\t240.0.0.1\t-', [], CLOSED],
          ['root\t240.0.0.1\tUser root', ['User root'], settings],
        ],
      )
    expect(judge('SSH-PermitRootLogin', only(rootOpen)).verdict).toBe('fail yes for Match User root')
    expect(judge('SSH-PasswordAuthentication', only(rootOpen)).verdict).toBe('fail yes for Match User root')
    expect(judge('SSH-PasswordAuthentication', only(OPEN)).verdict).toBe('pass no')
  })

  test.each([
    ['a block that nobody met', '', 'nobody was found whom it holds for'],
    ['a group that is not listed', '>!strange\t\tGroup x', 'its group is not listed on this host'],
    ['an answer that did not come', '>a\t240.0.0.1\tGroup x\n!', 'sshd did not answer for it'],
  ])('are unknown for %s', (_case, line, reason) => {
    const text = `${probed(CLOSED, ['Group x'], [['anybody\t240.0.0.1\t-', [], CLOSED]])}\n${line}`
    expect(judge('SSH-PasswordAuthentication', text).verdict).toBe(
      `unknown no, but Match Group x was not judged: ${reason}`,
    )
  })

  test('are none for a group that has no member, and Match all tells nobody apart', () => {
    const text = `${probed(CLOSED, ['Group x', 'all'], [['anybody\t240.0.0.1\t-', ['all'], CLOSED]])}\n>!empty\t\tGroup x`
    expect(judge('SSH-PasswordAuthentication', text).verdict).toBe('pass no')
  })

  test('are unknown where the blocks could not be read, but not what stands outside of them', () => {
    const text = probed(`${CLOSED}maxstartups 10:30:60\n`, [], []).replace('@@matches\nread', '@@matches\nunread')
    expect(judge('SSH-PasswordAuthentication', text).verdict).toBe('unknown no, but its Match blocks could not be read')
    expect(judge('SSH-MaxStartups', text).verdict).toBe('pass 10:30:60')
  })

  test('by AuthenticationMethods none no key is demanded, even with passwords off', () => {
    expect(judge('SSH-AuthenticationMethods', probed(`${CLOSED}authenticationmethods none\n`, [], [])).verdict).toBe(
      'fail none',
    )
  })
})

describe('keyboard-interactive without PAM', () => {
  test.each([
    ['kbdinteractiveauthentication yes\nusepam no', 'pass yes'],
    ['kbdinteractiveauthentication yes\nusepam yes', 'fail yes'],
    ['kbdinteractiveauthentication yes', 'fail yes'],
  ])('%j is %s', (settings, verdict) => {
    expect(judge('SSH-KbdInteractiveAuthentication', probed(settings, [], [])).verdict).toBe(verdict)
  })
})

describe('the operator’s next login', () => {
  const root = someHost({ user: 'root' as never, uid: 0, escalation: 'root' })
  test.each<[string, string, HostFacts, string]>([
    ['allowusers bob\ndenyusers alice', '', root, 'fail AllowUsers bob leaves out root'],
    ['denyusers a*\ndenyusers op?', '', someHost(), 'fail DenyUsers a* op? names ops'],
    ['allowusers ops@198.51.100.0/24', '', someHost(), 'pass let in'],
    [
      'allowusers ops@192.0.2.*,!198.51.100.20',
      '',
      someHost(),
      'fail AllowUsers ops@192.0.2.*,!198.51.100.20 leaves out ops',
    ],
    [
      'usedns yes\nallowusers ops@*.example.net',
      '',
      someHost(),
      "unknown whether AllowUsers ops@*.example.net covers ops can't be told from here",
    ],
    ['allowgroups wheel', '@@groups\nops\nsudo', someHost(), 'fail AllowGroups wheel leaves out ops'],
    ['allowgroups domain users', '@@groups\nops\ndomain users', someHost(), 'pass let in'],
    ['denygroups su*', '@@groups\nops\nsudo', someHost(), 'fail DenyGroups su* names ops'],
    ['allowgroups wheel', '', someHost(), "unknown whether AllowGroups wheel covers ops can't be told from here"],
    ['permitrootlogin no', '', root, 'fail PermitRootLogin no'],
    ['permitrootlogin no', '', someHost(), 'pass let in'],
    ['usepam no', '@@account\nlocked', someHost(), 'fail UsePAM no, and the password is locked'],
    ['usepam no', '@@account\nopen', someHost(), 'pass let in'],
    ['port 22', '', someHost(), 'pass let in'],
  ])('with %j and %j', (settings, parts, host, verdict) => {
    expect(judge('SSH-NextLogin', probed(settings, [], [], parts), host).verdict).toBe(verdict)
  })
})

describe('the port', () => {
  const listening = (parts: string, listeners: readonly Listener[] | null = null): string =>
    judge('SSH-Port', probed('port 22\nlistenaddress 0.0.0.0:22', [], [], parts), someHost(), listeners).verdict
  const socket = (port: number): string => `@@sockets\nListen=[::]:${port} (Stream)\nId=ssh.socket\nActiveState=active`
  const listener = (port: number, unit: string | null, process: string | null): Listener =>
    ({ protocol: 'tcp', address: '0.0.0.0', port, process, pid: null, unit }) as Listener

  test.each([
    ['the process', '@@listening\n51 22 22', 'pass 22'],
    ['the process, elsewhere', '@@listening\n51 2222', 'fail 2222 (sshd), settings say 22'],
    ['the one this session came in by', '@@listening\n40 2222\n51 22', 'pass 22'],
    ['the socket', socket(22), 'pass 22'],
    ['the socket, elsewhere', socket(2222), 'fail 2222 (ssh.socket), settings say 22'],
    [
      'the socket, which does not hold what it names',
      `@@open\n 22 80\n\n${socket(2222)}`,
      'unknown 22 by its settings; what listens was not seen',
    ],
    ['nobody', '', 'unknown 22 by its settings; what listens was not seen'],
  ])('is what %s holds', (_case, parts, verdict) => {
    expect(listening(parts)).toBe(verdict)
  })

  test('is looked up among the services’ listeners where the process was not seen', () => {
    expect(listening('', [listener(22, 'ssh.service', null), listener(8080, null, 'sshd-x')])).toBe('pass 22')
    expect(listening('', [listener(2222, null, 'sshd')])).toBe('fail 2222 (sshd), settings say 22')
  })
})

describe.each(SHELLS)('the probe of others under %s', (_name, shell) => {
  const script = sshd.probes[0]?.script ?? ''
  /** Stands in for an sshd with one block, which holds for addresses in 10/8. */
  const tool = (criteria: string): string => `
[ "$1" = -V ] && exit 1
spec=; for word; do spec=$word; done
case "$*" in *-ddd*)
  printf 'debug2: load_server_config: done config len = 9\\r\\n' >&2
  printf "debug3: checking syntax for 'Match %s' on line 4\\r\\n" '${criteria}' >&2
  printf "debug3: checking match for '%s' user x host y\\r\\n" '${criteria}' >&2
  case $spec in *addr=10.*) echo 'debug3: match found on line 4' >&2; hit=yes;; *) echo 'debug3: match not found on line 4' >&2;; esac
esac
echo "port 22"; echo "PasswordAuthentication \${hit:-no}"; echo "permitrootlogin no"; echo "banner $spec"`

  test('finds the block by sshd’s own word, and somebody whom it holds for', async () => {
    const stdout = await runProbe(shell, script, { sshd: tool('Address 10.0.0.0/8') })
    expect(judge('SSH-PasswordAuthentication', stdout).verdict).toBe('fail yes for Match Address 10.0.0.0/8')
  })

  test('says so where it found nobody', async () => {
    const stdout = await runProbe(shell, script, { sshd: tool('Group nosuchgroup') })
    expect(judge('SSH-PasswordAuthentication', stdout).verdict).toBe(
      'unknown no, but Match Group nosuchgroup was not judged: its group is not listed on this host',
    )
  })
})
