import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ruleComment } from '../../../../../src/services/areas/firewall/export/rule-comment.ts'
import { exportScript } from '../../../../../src/services/areas/firewall/export/script.ts'
import { FOREIGN_CHAINS, ownerOf, part } from '../../../../../src/services/areas/firewall/foreign-chains.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Table } from '../../../../../src/services/model/firewall.ts'
import { isPlain, printing } from '../../../../../src/services/model/here-document.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { anySave, anyText, exportedOf, quoted } from './nasty.ts'

const SHELLS = [['dash'], ['busybox', 'sh'], ['bash', '--posix']].filter(
  ([program]) => spawnSync(program as string, ['--help']).error === undefined,
)
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0

/** Runs shell text; gives what it prints. */
function printed([shell = '', ...args]: readonly string[], text: string): string {
  const { status, stdout, stderr } = spawnSync(shell, [...args, '-s'], { input: text, env: { PATH: process.env.PATH } })
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`)
  return stdout.toString()
}

const complaints = ([shell = '', ...args]: readonly string[], script: string): string =>
  spawnSync(shell, [...args, '-n'], { input: script }).stderr.toString()

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))('under %s', (_, shell) => {
  test('looks for programs in the system’s own directories first, and so does what puts back', () => {
    const paths = exportScript(exportedOf('', '')).match(/^PATH=.*$/gm)
    expect(paths).toEqual(Array(2).fill('PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH'))
  })

  test('lines come out of the script byte for byte, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 60 }), (texts) => {
        const lines = texts.map((text) => `-A INPUT -m comment --comment ${quoted(text)}`)
        expect(printed(shell, `${printing(lines, 'RULES')}\n`)).toBe(lines.map((line) => `${line}\n`).join(''))
      }),
      { numRuns: 15 },
    )
  })

  test('whatever the rules and the host are called, the script is one, and prints the rules it was made of', () => {
    fc.assert(
      fc.property(anySave, anySave, anyText, (v4, v6, hostname) => {
        const script = exportScript(exportedOf(v4, v6, { hostname }))
        expect(complaints(shell, script)).toBe('')
        const out = printed(shell, script.replace('\nmain "$@"\n', '\nrules_v4; rules_v6\n'))
        expect(out.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual(
          [v4, v6].flatMap((text, at) => parseRuleSet(at === 0 ? 'v4' : 'v6', text).tables.flatMap(own)),
        )
      }),
      { numRuns: 12 },
    )
  })
})

/** The lines of a table that its script must print. */
const own = (table: Table): readonly string[] => {
  const { chains } = part(table).own
  return [
    `*${table.name}`,
    ...chains.map((chain) => `:${chain.name} ${chain.policy ?? '-'} [0:0]`),
    ...chains.flatMap((chain) => chain.rules.map(({ text }) => `-A ${chain.name}${text === '' ? '' : ` ${text}`}`)),
    'COMMIT',
  ]
}

test('no line of a script moves a terminal or hides anything, whatever the server says', () => {
  fc.assert(
    fc.property(anySave, anyText, (save, text) => {
      const script = exportScript(exportedOf(save, save, { hostname: text, address: text }))
      expect(script.split('\n').filter((line) => !isPlain(line))).toEqual([])
    }),
  )
})

test.runIf(hasShellcheck)('scripts are clean under shellcheck', { timeout: 240_000 }, () => {
  const nasty = fc.sample(fc.tuple(anySave, anySave, anyText), { numRuns: 8, seed: 1 })
  for (const [v4, v6, hostname] of [['', '', 'web1'], ...nasty] as const) {
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-'], {
      input: exportScript(exportedOf(v4, v6, { hostname })),
      env: { ...process.env, LANG: 'C.UTF-8' },
    })
    expect(stdout.toString()).toBe('')
  }
})

describe('the head of a script', () => {
  const head = (more: Parameters<typeof exportedOf>[2]): string =>
    exportScript(exportedOf('', '', more)).split('set -eu')[0] ?? ''

  test('says which host, when, and how to run it', () => {
    const text = head({})
    expect(text).toMatch(/^#!\/bin\/sh\n# The firewall rules of web1 \(web1\.example\.net\),/)
    expect(text).toContain('2026-11-24T10:11:12Z, as they were on the server.')
    for (const option of ['--keep', '--back', '--now']) expect(text).toContain(`sh set_iptables.sh ${option}`)
  })

  test('says what is not in it', () => {
    expect(head({})).toContain('NOT in this script: native nftables tables')
    const { families } = exportedOf('', '').firewall
    const text = head({
      firewall: { families: { ...families, v6: { state: 'unreadable', reason: say`not installed` } } },
    })
    expect(text).toContain('NOT in this script: The IPv6 rules could not be read: not installed')
  })

  test('says of staged rules that the server may never have had them', () => {
    expect(head({ source: 'staged' })).toContain('as they were staged: the server may never have had them')
  })

  test('holds no line of the host’s making', () => {
    expect(head({ hostname: 'x\nrm -rf /\r\u001b[2J' })).toContain('rules of x␊rm -rf /␍␛[2J (web1.example.net), as')
  })
})

describe('a rule', () => {
  test('that iptables-save prints on several lines is left out, and said to be', () => {
    const script = exportScript(
      exportedOf('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "a\nb" -j ACCEPT\nCOMMIT\n'),
    )
    expect(script).toContain('\n# LEFT OUT: iptables-save prints this rule on several lines')
    expect(script).not.toMatch(/^-A INPUT/m)
  })

  test('whose bytes are no text is marked', () => {
    const script = exportScript(
      exportedOf('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "\ufffd" -j ACCEPT\nCOMMIT\n'),
    )
    expect(script).toContain('# it holds bytes that are no text')
  })

  test.each([
    ['-i lo -j ACCEPT', 'loopback: this host talking to itself'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', 'connections that are established already'],
    ['-p tcp -m conntrack --ctstate NEW -m tcp --dport 10022 -j ACCEPT', null],
    ['-p tcp -m tcp --dport 22 -j ACCEPT', '22 SSH'],
    ['-p tcp -m multiport --dports 80,443,8081 -j ACCEPT', '80 HTTP, 443 HTTPS'],
    ['-p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -j ACCEPT', 'echo request (ping); no more often than that'],
    ['-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT', 'neighbour solicitation: without it nobody finds this host'],
    ['-s 10.0.0.0/8 -i eth0 -j DROP', 'forged: such addresses have no business on that interface'],
    ['-p tcp -m tcp --dport 22 -m comment --comment "the way in" -j ACCEPT', null],
    ['-j LOG --log-prefix "-i lo -j ACCEPT "', 'logged, and on to the next rule'],
    ['-j REJECT --reject-with icmp-port-unreachable', 'what has come this far is refused'],
    ['-j web', null],
    ['', null],
  ])('“%s” is explained as %j', (text, words) => {
    expect(ruleComment(text)).toBe(words)
  })

  test('of any text is explained in words of this program', () => {
    const texts = fc
      .tuple(anyText, fc.constantFrom(' --dport 22', ' -m limit -j LOG', ' -j CT --helper ftp'))
      .map(([a, b]) => a + b)
    fc.assert(
      fc.property(texts, (text) => {
        expect(ruleComment(text) ?? '').toMatch(/^[\w ,.:;()]*$/)
      }),
    )
  })
})

describe('what belongs to other programs', () => {
  const table = (...lines: readonly string[]): Table => {
    const [first] = parseRuleSet('v4', `*filter\n${lines.join('\n')}\nCOMMIT\n`).tables
    return first as Table
  }

  test.each([
    'DOCKER-USER',
    'f2b-sshd',
    'KUBE-SERVICES',
    'cali-INPUT',
    'CNI-FORWARD',
    'FLANNEL-FWD',
    'ufw-before-input',
    'ufw6-before-input',
    'LIBVIRT_INP',
    'INPUT_direct',
    'FORWARD_IN_ZONES',
    'sshguard',
    'crowdsec_x',
    'ts-input',
  ])('includes the chain %s, here as in the pane', (name) => {
    expect(ownerOf(name, { chains: [] })).not.toBeNull()
    expect(new RegExp(FOREIGN_CHAINS).test(name)).toBe(true)
  })

  test.each(['web', 'INPUT', 'my-f2b-sshd', 'IN_web', 'docker'])('does not include the chain %s', (name) => {
    expect(ownerOf(name, { chains: [] })).toBeNull()
    expect(new RegExp(FOREIGN_CHAINS).test(name)).toBe(false)
  })

  test('includes zones of firewalld only where firewalld is', () => {
    expect(ownerOf('IN_public', table(':INPUT_ZONES - [0:0]', ':IN_public - [0:0]'))).toBe('firewalld')
    expect(ownerOf('IN_public', table(':INPUT ACCEPT [0:0]', ':IN_public - [0:0]'))).toBeNull()
  })

  test('is left out with the rules that lead there, and named', () => {
    const save = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
:f2b-sshd - [0:0]
:web - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A INPUT -m comment --comment "not -j f2b-sshd " -j web
-A DOCKER-USER -i eth0 -p tcp -j DROP
-A DOCKER-USER -j RETURN
-A FORWARD -j DOCKER-USER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i br-0123456789ab -j ACCEPT
-A FORWARD -i br-lan -j ACCEPT
-A DOCKER -d 172.17.0.2/32 -j ACCEPT
-A f2b-sshd -j RETURN
-A web -g f2b-sshd
COMMIT
`
    const script = exportScript(exportedOf(save))
    expect(script.match(/^-A .*$/gm)).toEqual([
      '-A INPUT -m comment --comment "not -j f2b-sshd " -j web',
      '-A FORWARD -i br-lan -j ACCEPT',
    ])
    expect(script.match(/^:.*$/gm)).toEqual([':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':web - [0:0]'])
    expect(script).toContain('#   chains of docker (DOCKER, DOCKER-USER)\n#   chains of fail2ban (f2b-sshd)\n')
    expect(script).toContain('#   rules of theirs in the chains below: 5\n')
    expect(script).toContain('load them once Docker runs:\n#   -A DOCKER-USER -i eth0 -p tcp -j DROP\n*filter\n')
  })
})
