import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountChecks } from '../../../../src/services/areas/sshd/accounts/checks.ts'
import { ROWS } from '../../../../src/services/areas/sshd/advice/table.ts'
import { sshd } from '../../../../src/services/areas/sshd/area.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import { NOTHING_AROUND, outputOf, someHost } from '../some-host.ts'
import { runProbe, SHELLS } from '../stand-in-host.ts'

const debian = readFileSync(new URL('../../../fixtures/sshd/debian-12.txt', import.meta.url), 'utf8')

const probed = (settings: string, more = ''): string =>
  `\n@@path\n/usr/sbin/sshd\n\n@@version\nOpenSSH_9.2p1 Debian-2+deb12u3\n\n@@sockets\n${more}\n\n@@status\n0\n\n@@settings\n${settings}\n`

const read = (stdout: string, host = someHost()) => sshd.parse(outputOf('sshd', stdout), host, 1)

const judge = (id: string, settings: string, host = someHost()) => {
  const facts = factsOf(read(probed(settings), host))
  const check = sshd.checks.find((one) => one.id === id)
  if (!facts || !check) throw new Error(`no facts or no check ${id}`)
  const { outcome, observed } = check.judge(facts, host, NOTHING_AROUND)
  return `${outcome} ${observed}`
}

describe('reading sshd', () => {
  test('keeps every setting, those given several times too', () => {
    const facts = factsOf(read(probed(debian)))
    expect(facts?.version).toBe('OpenSSH_9.2p1 Debian-2+deb12u3')
    expect(
      facts?.settings.filter((setting) => setting.keyword === 'acceptenv').map((setting) => setting.value),
    ).toEqual(['LANG', 'LC_*'])
    expect(facts?.ports).toEqual([22])
    expect(facts?.socketActivated).toBe(false)
  })

  test('reads what releases from 10.4 on print, with its keywords as the manual spells them', () => {
    const camel = debian.replace(/^[a-z0-9]+/gm, (keyword) => `${keyword[0]?.toUpperCase()}${keyword.slice(1)}`)
    const [now, before] = [factsOf(read(probed(camel))), factsOf(read(probed(debian)))]
    expect(camel).toContain('Permitrootlogin')
    expect(now).toEqual(before)
  })

  test('takes the ports from the addresses, because Port is not used where an address has its own', () => {
    expect(factsOf(read(probed('port 22\nlistenaddress 10.0.0.1:10022\nlistenaddress [fe80::1]:22')))?.ports).toEqual([
      10022, 22,
    ])
    expect(factsOf(read(probed('port 22\nport 10022')))?.ports).toEqual([22, 10022])
  })

  test('takes the ports from ssh.socket where that holds the listener', () => {
    const sockets = 'Listen=0.0.0.0:2222 (Stream)\nListen=[::]:2222 (Stream)\nId=ssh.socket\nActiveState=active\n'
    const off = '\nId=sshd.socket\nActiveState=inactive\n'
    const facts = factsOf(read(probed(debian, sockets + off)))
    expect(facts).toMatchObject({ socketActivated: true, ports: [2222] })
    expect(factsOf(read(probed(debian, off)))).toMatchObject({ socketActivated: false, ports: [22] })
  })

  test('without sshd the area is absent', () => {
    expect(read('\n@@path\n\n').state).toBe('absent')
  })

  test('without root it says that root is what is missing, in sshd’s own words', () => {
    const stdout = '\n@@path\n/usr/sbin/sshd\n@@status\n1\n@@settings\nsshd: no hostkeys available -- exiting.\n'
    expect(read(stdout, someHost({ escalation: 'none' }))).toEqual({
      state: 'unreadable',
      reason: 'sshd -T needs root: sshd: no hostkeys available -- exiting.',
    })
    expect(read(stdout)).toEqual({ state: 'unreadable', reason: 'sshd: no hostkeys available -- exiting.' })
  })

  test('the reason is what sshd found, not that it gives up', () => {
    const text =
      '/etc/ssh/sshd_config: line 1: Bad configuration option: PATH\r\n/etc/ssh/sshd_config: terminating, 1 bad configuration options\r\n'
    expect(read(`\n@@path\n/usr/sbin/sshd\n@@status\n255\n@@settings\n${text}`)).toEqual({
      state: 'unreadable',
      reason: '/etc/ssh/sshd_config: line 1: Bad configuration option: PATH',
    })
  })

  test('hostile values are made visible', () => {
    const facts = factsOf(read(probed('port 22\nbanner /etc/\u001b]52;c;AAAA\u0007\u202e')))
    expect(facts?.settings[1]?.value).toBe('/etc/␛]52;c;AAAA␇\\u{202e}')
  })

  test('never throws, whatever the probe printed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, timedOut) => {
        sshd.parse(outputOf('sshd', text, { timedOut }), someHost(), 1)
        const facts = factsOf(read(probed(text)))
        for (const check of sshd.checks) if (facts) check.judge(facts, someHost(), NOTHING_AROUND)
      }),
    )
  })
})

describe('judging sshd', () => {
  test('ids are SSH- and the keyword of each row, between the next login and the port, then the accounts’', () => {
    const ids = sshd.checks.map((check) => check.id)
    expect(ids).toEqual([
      'SSH-NextLogin',
      ...ROWS.map(({ keyword }) => `SSH-${keyword}`),
      'SSH-Port',
      'SSH-offered',
      ...accountChecks.map(({ id }) => id),
    ])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(
      expect.arrayContaining(
        [
          ...['PermitRootLogin', 'PasswordAuthentication', 'KbdInteractiveAuthentication', 'PubkeyAuthentication'],
          ...['AuthenticationMethods', 'PermitEmptyPasswords', 'AllowUsers', 'MaxAuthTries', 'LoginGraceTime'],
          ...['MaxStartups', 'MaxSessions', 'LogLevel', 'X11Forwarding', 'Ciphers', 'KexAlgorithms', 'MACs'],
        ].map((keyword) => `SSH-${keyword}`),
      ),
    )
  })

  const table: readonly (readonly [id: string, settings: string, verdict: string])[] = [
    ['SSH-PermitRootLogin', 'permitrootlogin no', 'pass no'],
    ['SSH-PermitRootLogin', 'permitrootlogin yes', 'fail yes'],
    ['SSH-PermitRootLogin', 'permitrootlogin without-password', 'fail without-password'],
    ['SSH-PermitRootLogin', 'port 22', 'unknown this sshd does not name it'],
    ['SSH-PasswordAuthentication', 'passwordauthentication yes', 'fail yes'],
    ['SSH-PasswordAuthentication', 'passwordauthentication no', 'pass no'],
    ['SSH-PasswordAuthentication', 'passwordauthentication yes\nauthenticationmethods publickey', 'pass yes'],
    [
      'SSH-PasswordAuthentication',
      'passwordauthentication yes\nauthenticationmethods publickey,password password',
      'fail yes',
    ],
    ['SSH-KbdInteractiveAuthentication', 'challengeresponseauthentication yes', 'fail yes'],
    [
      'SSH-KbdInteractiveAuthentication',
      'kbdinteractiveauthentication yes\nauthenticationmethods publickey,keyboard-interactive',
      'pass yes',
    ],
    ['SSH-PubkeyAuthentication', 'pubkeyauthentication no', 'fail no'],
    ['SSH-AuthenticationMethods', 'authenticationmethods any', 'fail any'],
    [
      'SSH-AuthenticationMethods',
      'authenticationmethods any\npasswordauthentication no\nkbdinteractiveauthentication no',
      'pass any',
    ],
    ['SSH-AuthenticationMethods', 'port 22', 'fail any'],
    ['SSH-PermitEmptyPasswords', 'permitemptypasswords yes', 'fail yes'],
    ['SSH-AllowUsers', 'port 22', 'fail everyone'],
    ['SSH-AllowUsers', 'allowusers ops\nallowusers deploy@10.0.0.0/8', 'pass ops deploy@10.0.0.0/8'],
    ['SSH-AllowUsers', 'allowgroups ssh', 'pass ssh'],
    ['SSH-MaxAuthTries', 'maxauthtries 6', 'fail 6'],
    ['SSH-MaxAuthTries', 'maxauthtries 4', 'pass 4'],
    ['SSH-LoginGraceTime', 'logingracetime 0', 'fail 0'],
    ['SSH-LoginGraceTime', 'logingracetime 60', 'pass 60'],
    ['SSH-MaxStartups', 'maxstartups 10:30:100', 'fail 10:30:100'],
    ['SSH-MaxStartups', 'maxstartups 10:30:60', 'pass 10:30:60'],
    ['SSH-MaxStartups', 'maxstartups rubbish', 'fail rubbish'],
  ]
  test.each(table)('%s on %j is %s', (id, settings, verdict) => {
    expect(judge(id, settings)).toBe(verdict)
  })

  test('an operator who is root may keep the root login by key', () => {
    const root = someHost({ uid: 0, escalation: 'root' })
    expect(judge('SSH-PermitRootLogin', 'permitrootlogin without-password', root)).toBe('pass without-password')
    expect(judge('SSH-PermitRootLogin', 'permitrootlogin yes', root)).toBe('fail yes')
  })
})

describe.each(SHELLS)('the probe of sshd under %s', (_name, shell) => {
  const script = sshd.probes[0]?.script ?? ''
  const version = `[ "$1" = -V ] && { echo 'unknown option -- V' >&2; echo 'OpenSSH_8.4p1 Debian-5' >&2; exit 1; }`

  test('asks for the settings of this operator on this connection', async () => {
    const tool = `${version}\n[ "$1$2" = -T-C ] || exit 1\necho "port 22"\necho "banner $3"`
    const facts = factsOf(read(await runProbe(shell, script, { sshd: tool })))
    expect(facts?.version).toBe('OpenSSH_8.4p1 Debian-5')
    expect(facts?.settings[1]?.value).toBe('user=ops,host=198.51.100.20,addr=198.51.100.20,laddr=203.0.113.10,lport=22')
  })

  test('asks for less where a release does not know laddr', async () => {
    const tool = `${version}\ncase "$1 $3" in *laddr*) echo 'Invalid test mode specification' >&2; exit 1;; -T*) echo "banner $3";; *) exit 1;; esac`
    const facts = factsOf(read(await runProbe(shell, script, { sshd: tool })))
    expect(facts?.settings[0]?.value).toBe('user=ops,host=198.51.100.20,addr=198.51.100.20')
  })

  test('asks -G where the host keys can’t be read and no Match block could make a difference', async () => {
    const tool = `${version}\n[ "$*" = -G ] && echo "port 22"`
    const facts = factsOf(read(await runProbe(shell, script, { sshd: tool })))
    expect(facts?.settings).toEqual([{ keyword: 'port', value: '22' }])
  })

  test('says what the first attempt said when none works', async () => {
    const tool = `${version}\n[ "$1" = -T ] && echo "/etc/ssh/sshd_config: line 3: Bad configuration option: $2" >&2; exit 255`
    expect(read(await runProbe(shell, script, { sshd: tool }))).toEqual({
      state: 'unreadable',
      reason: '/etc/ssh/sshd_config: line 3: Bad configuration option: -C',
    })
  })
})
