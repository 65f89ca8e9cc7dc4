import { describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Interface } from '../../../../../src/services/model/firewall.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { factsOfScene, filter, fixOf, judged, said } from '../../../../support/firewall-checks.ts'
import { listener } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'

const SSH = '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'
const LO = '-A INPUT -i lo -j ACCEPT'
const EST = '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const STRICT = filter('INPUT DROP', LO, EST, SSH)
const web = listener('tcp', '0.0.0.0', 80, 'nginx')
const sshd = listener('tcp', '0.0.0.0', 22, 'sshd')
const database = listener('tcp', '0.0.0.0', 3306, 'mariadbd')

describe('policies', () => {
  test('INPUT that accepts the rest is a finding, and one that drops it is none, by policy or by its last rule', () => {
    expect(said('FW-default-deny-v4', { v4: filter(SSH) })).toBe('fail: policy ACCEPT')
    expect(said('FW-default-deny-v4', { v4: STRICT })).toBe('pass: policy DROP')
    expect(said('FW-default-deny-v4', { v4: filter(SSH, '-A INPUT -j REJECT') })).toMatch(/^pass/)
  })

  test('names the ports that would be closed', () => {
    expect(judged('FW-default-deny-v4', { v4: filter(SSH), listeners: [web, sshd] }).details).toEqual([
      'the fix closes these:',
      'tcp 80 (nginx)',
    ])
  })

  test('IPv6 open beside strict IPv4 is one of its own', () => {
    expect(said('FW-v6-open', { v4: STRICT })).toBe('fail: v4 closed, v6 open')
    expect(said('FW-v6-open', { v4: filter(SSH) })).toMatch(/^notapplicable/)
    expect(said('FW-v6-open', { v4: STRICT, v6: STRICT })).toMatch(/^pass/)
  })

  test('FORWARD matters on a host that forwards', () => {
    const { network } = factsOfScene({})
    expect(said('FW-forward-v4', { v4: STRICT })).toMatch(/^notapplicable/)
    const forwards = { network: { ...network, forwards: { v4: true, v6: false } } }
    expect(said('FW-forward-v4', { v4: STRICT, facts: forwards })).toBe('fail: policy ACCEPT')
    expect(said('FW-forward-v4', { v4: filter('FORWARD DROP'), facts: forwards })).toMatch(/^pass/)
  })

  test('OUTPUT, and no rules at all', () => {
    expect(said('FW-output-v4', { v4: STRICT })).toBe('fail: policy ACCEPT')
    expect(said('FW-empty-v4', {})).toBe('fail: none')
    expect(said('FW-empty-v4', { v4: filter('INPUT DROP') })).toBe('pass: policies alone')
  })

  test('what can not be read is unknown', () => {
    const { families } = factsOfScene({})
    const facts = { families: { ...families, v4: { state: 'unreadable', reason: say`no` } as const } }
    for (const id of ['FW-default-deny-v4', 'FW-loopback-v4', 'FW-shadowed-v4', 'FW-ssh-rate-v4', 'FW-v6-open'])
      expect(said(id, { facts })).toBe('unknown: not readable')
  })
})

describe('what must pass', () => {
  test('is walked for, whatever accepts it', () => {
    expect(said('FW-loopback-v4', { v4: STRICT })).toMatch(/^pass/)
    expect(said('FW-loopback-v4', { v4: filter('INPUT DROP', EST, SSH) })).toBe('fail: dropped by INPUT')
    expect(said('FW-loopback-v4', { v4: filter('INPUT DROP', '-A INPUT ! -i eth0 -j ACCEPT') })).toMatch(/^pass/)
    expect(said('FW-loopback-v4', { v4: filter(LO, 'OUTPUT DROP') })).toBe('fail: dropped by OUTPUT')
    expect(
      said('FW-loopback-v4', { v4: filter('INPUT DROP', ':mine', '-A INPUT -j mine', '-A mine -i lo -j ACCEPT') }),
    ).toMatch(/^pass/)
  })

  test('answers of running connections too, by -m state as well as by conntrack', () => {
    expect(said('FW-established-v4', { v4: filter('INPUT DROP', LO, SSH) })).toBe('fail: dropped by INPUT')
    expect(
      said('FW-established-v4', {
        v4: filter('INPUT DROP', '-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT'),
      }),
    ).toMatch(/^pass/)
    expect(said('FW-established-v4', { v4: filter('INPUT DROP', EST, 'OUTPUT DROP') })).toBe('fail: dropped by OUTPUT')
  })
})

describe('ports', () => {
  test('that only the policy opens are named', () => {
    const scene = { v4: filter(SSH), listeners: [sshd, web, database, listener('tcp', '127.0.0.1', 25, 'exim4')] }
    expect(said('FW-open-by-policy-v4', scene)).toBe('fail: tcp 80 (nginx), tcp 3306 (mariadbd)')
    expect(said('FW-open-by-policy-v4', { ...scene, v4: STRICT })).toBe('pass: none')
    expect(said('FW-open-by-policy-v4', { ...scene, listeners: null })).toMatch(/^unknown/)
  })

  test('that listen and that nobody is let in to are named', () => {
    expect(said('FW-listening-closed-v4', { v4: STRICT, listeners: [sshd, web] })).toBe('fail: tcp 80 (nginx)')
  })

  test('that rules open and where nothing listens are named, but no ranges', () => {
    const v4 = filter(
      'INPUT DROP',
      SSH,
      '-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
      '-A INPUT -p udp -m udp --dport 60000:61000 -j ACCEPT',
      '-A INPUT -p tcp -m tcp --dport 8443 -m comment --comment "--dport 22" -j ACCEPT',
    )
    expect(said('FW-nobody-listens-v4', { v4, listeners: [sshd, web] })).toBe('fail: 1 rule')
    expect(judged('FW-nobody-listens-v4', { v4, listeners: [sshd, web] }).details?.[0]).toMatch(/^filter INPUT 4: /)
  })

  test('what is forwarded is for others, who listen elsewhere', () => {
    const chain = (...jumps: readonly string[]) => ({
      v4: filter(
        'INPUT DROP',
        SSH,
        ':mine',
        ':deep',
        ...jumps,
        '-A mine -j deep',
        '-A deep -p tcp -m tcp --dport 8443 -j ACCEPT',
      ),
      listeners: [sshd],
    })
    expect(said('FW-nobody-listens-v4', chain('-A FORWARD -i eth1 -j mine'))).toBe('pass: none')
    expect(said('FW-nobody-listens-v4', chain('-A FORWARD -i eth1 -g deep', '-A INPUT -j mine'))).toBe('pass: none')
    expect(said('FW-nobody-listens-v4', chain())).toBe('pass: none')
    expect(said('FW-nobody-listens-v4', chain('-A INPUT -j mine'))).toBe('fail: 1 rule')
    expect(fixOf('FW-nobody-listens-v4', chain('-A FORWARD -i eth1 -j mine'))).toBeNull()
  })
})

describe('neighbours in a private network', () => {
  const interfaces: readonly Interface[] = [
    { name: 'lo', addresses: [{ family: 'v4', address: '127.0.0.1', prefix: 8 }] },
    { name: 'eth0', addresses: [{ family: 'v4', address: '192.0.2.10', prefix: 24 }] },
    { name: 'eth1', addresses: [{ family: 'v4', address: '10.3.0.2', prefix: 24 }] },
    { name: 'docker0', addresses: [{ family: 'v4', address: '172.17.0.1', prefix: 16 }] },
  ]
  const facts = { network: { ...factsOfScene({}).network, interfaces } }
  const listeners = [
    sshd,
    web,
    listener('tcp', '10.3.0.2', 3306, 'mariadbd'),
    listener('tcp', '192.0.2.10', 9100, 'node'),
  ]

  test('are a finding where they reach what no rule is about', () => {
    const { details, observed } = judged('FW-neighbours-v4', { v4: filter(SSH), facts, listeners })
    expect(`${observed}`).toBe('tcp 80 (nginx), tcp 3306 (mariadbd)')
    expect(details?.at(-1)?.trim()).toBe('-s 10.3.0.0/24 -i eth1 -p tcp -m tcp --dport 3306 -j DROP')
  })

  test('are one where rules let in the private network alone', () => {
    const v4 = filter('INPUT DROP', LO, EST, SSH, '-A INPUT -i eth1 -j ACCEPT')
    expect(judged('FW-neighbours-v4', { v4, facts, listeners }).details?.join()).toContain('reached by them alone')
  })

  test('are none where they reach what everybody is let in to', () => {
    expect(said('FW-neighbours-v4', { v4: STRICT, facts, listeners })).toMatch(/^pass/)
    expect(said('FW-neighbours-v4', { v4: filter(SSH), listeners })).toMatch(/^notapplicable/)
  })
})

describe('SSH', () => {
  test('open to everyone, and without a limit on attempts', () => {
    expect(said('FW-ssh-source-v4', { v4: STRICT })).toBe('fail: port 22 is open to everyone')
    expect(said('FW-ssh-rate-v4', { v4: STRICT })).toBe('fail: none')
  })

  test('limited to addresses needs no limit on attempts', () => {
    const v4 = filter('INPUT DROP', LO, EST, '-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -j ACCEPT')
    expect(said('FW-ssh-source-v4', { v4 })).toMatch(/^pass/)
    expect(said('FW-ssh-rate-v4', { v4 })).toMatch(/^notapplicable/)
  })

  test('limited by rules, or watched by fail2ban', () => {
    const rate =
      '-A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-above 9/min --hashlimit-mode srcip --hashlimit-name x -j DROP'
    expect(said('FW-ssh-rate-v4', { v4: filter('INPUT DROP', rate, SSH) })).toBe('pass: limited')
    expect(said('FW-ssh-rate-v4', { v4: filter('INPUT DROP', rate.replace('22', '80'), SSH) })).toMatch(/^fail/)
    expect(said('FW-ssh-rate-v4', { v4: STRICT, facts: { managers: [say`fail2ban`] } })).toBe(
      'pass: fail2ban bans who fails',
    )
  })

  test.each<[string, readonly string[], RegExp]>([
    [
      'ufw’s limit',
      [
        ':limit',
        '-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource',
        '-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource -j limit',
        SSH,
        '-A limit -j REJECT',
      ],
      /^pass: limited/,
    ],
    [
      'a list that nobody is put on',
      ['-A INPUT -p tcp --dport 22 -m recent --rcheck --seconds 60 --hitcount 4 --name x --rsource -j DROP', SSH],
      /^fail: none/,
    ],
    [
      'a limit that is behind the accept',
      [SSH, '-A INPUT -p tcp --dport 22 -m connlimit --connlimit-above 4 -j DROP'],
      /^fail: none/,
    ],
    ['as many as are let in', ['-A INPUT -p tcp --dport 22 -m connlimit --connlimit-above 4 -j REJECT', SSH], /^pass/],
    [
      'a limit on accepting',
      ['INPUT DROP', EST, '-A INPUT -p tcp --dport 22 -m limit --limit 3/min -j ACCEPT'],
      /^pass/,
    ],
    [
      'a limit that nobody comes to',
      [
        '-A INPUT -p tcp --syn -m hashlimit --hashlimit-above 50/sec --hashlimit-burst 100 --hashlimit-mode srcip --hashlimit-name s -j DROP',
        SSH,
      ],
      /^fail: none/,
    ],
    ['one for logging', ['-A INPUT -p tcp --dport 22 -m limit --limit 3/min -j LOG', SSH], /^fail: none/],
    ['a set nobody can see into', ['-A INPUT -p tcp --dport 22 -m set --match-set bad src -j DROP', SSH], /^unknown: /],
  ])('a burst of logins meets %s', (_, rules, words) => {
    expect(said('FW-ssh-rate-v4', { v4: filter(...rules) })).toMatch(words)
  })

  test('fail2ban counts where a jail bans from the port of this session', () => {
    const managers = [say`fail2ban`]
    const jail = (ports: string) => ({ managers, jails: [{ name: say`sshd`, ports }] })
    const host = { session: { ...hostFacts.session, serverPort: 2222 } }
    expect(said('FW-ssh-rate-v4', { v4: '', facts: jail('ssh') })).toMatch(/^pass/)
    expect(said('FW-ssh-rate-v4', { v4: '', host, facts: jail('ssh') })).toBe(
      'fail: fail2ban runs, and watches no port 2222',
    )
    expect(said('FW-ssh-rate-v4', { v4: '', host, facts: jail('ssh,2222') })).toMatch(/^pass/)
    expect(said('FW-ssh-rate-v4', { v4: '', host, facts: jail('0:65535') })).toMatch(/^pass/)
    expect(said('FW-ssh-rate-v4', { v4: '', host, facts: { managers, jails: null } })).toMatch(/^unknown/)
    const jump = filter(':f2b-sshd', '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd')
    expect(said('FW-ssh-rate-v4', { v4: jump })).toMatch(/^pass: another program/)
    expect(said('FW-ssh-rate-v4', { v4: jump, host })).toBe('fail: none')
  })
})

describe('rules that do nothing', () => {
  test('never hit, summed up in one', () => {
    const v4 = filter('INPUT DROP', '[200000:7] -A INPUT -i lo -j ACCEPT', SSH, '-A INPUT -j LOG')
    expect(said('FW-never-hit-v4', { v4 })).toBe('fail: 2 of 3 rules')
    expect(said('FW-never-hit-v4', { v4: STRICT })).toMatch(/^notapplicable: .* 0 packets only so far/)
  })

  test('shadowed, the first of them named', () => {
    const v4 = filter('INPUT DROP', SSH, '-A INPUT -s 192.0.2.7/32 -p tcp -m tcp --dport 22 -j DROP')
    expect(said('FW-shadowed-v4', { v4 })).toBe('fail: 1 rule, first INPUT 2')
    expect(judged('FW-shadowed-v4', { v4 }).details?.[0]).toMatch(/^filter INPUT 2, shadowed by 1: /)
  })
})

describe('programs', () => {
  test('two managers', () => {
    expect(said('FW-managers', { facts: { managers: [say`ufw`, say`firewalld`, say`docker`] } })).toBe(
      'fail: ufw, firewalld',
    )
    expect(said('FW-managers', { facts: { managers: [say`nftables`, say`netfilter-persistent`] } })).toMatch(/^fail/)
    expect(said('FW-managers', { facts: { managers: [say`ufw`, say`fail2ban`] } })).toBe('pass: ufw')
    expect(said('FW-legacy-tables', {})).toMatch(/^pass/)
  })
})

describe('what the next boot loads', () => {
  const persistence = {
    kind: 'netfilter-persistent',
    v4: '/etc/iptables/rules.v4',
    v6: '/etc/iptables/rules.v6',
  } as const
  const withSaved = (text: string) => ({
    persistence,
    saved: { v4: { state: 'present', ruleSet: parseRuleSet('v4', text) }, v6: { state: 'absent' } } as const,
  })

  test('is nothing, or a file that is not there', () => {
    expect(said('FW-persistent', {})).toBe('fail: nothing')
    expect(said('FW-saved-v4', { v4: STRICT })).toMatch(/^notapplicable/)
    const { saved } = firewallFacts('')
    expect(said('FW-saved-v4', { v4: STRICT, facts: { persistence, saved } })).toBe(
      'fail: /etc/iptables/rules.v4 does not exist',
    )
    expect(said('FW-saved-v6', { v4: STRICT, facts: { persistence, saved } })).toBe('pass: no rules, no file')
    const unknown = { v4: { state: 'unknown' }, v6: { state: 'absent' } } as const
    expect(said('FW-saved-v4', { v4: STRICT, facts: { persistence, saved: unknown } })).toMatch(/^unknown/)
  })

  test('is as it is now, whatever the counters, the order of tables, and what other programs have', () => {
    const nat =
      '*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n'
    const live = `${filter('INPUT DROP', ':f2b-sshd', '[9:9] -A INPUT -p tcp -j f2b-sshd', '[3:3] -A INPUT -i lo -j ACCEPT', '-A f2b-sshd -j RETURN')}${nat}`
    expect(said('FW-saved-v4', { v4: live, facts: withSaved(nat + filter('INPUT DROP', LO)) })).toMatch(/^pass/)
  })

  test('differs, and says how many rules and which side has more', () => {
    expect(said('FW-saved-v4', { v4: STRICT, facts: withSaved(filter('INPUT DROP', LO)) })).toBe(
      'fail: 2 rules differ, more live',
    )
    const { details } = judged('FW-saved-v4', { v4: filter('INPUT DROP', LO), facts: withSaved(STRICT) })
    expect(details?.slice(0, 2)).toEqual([
      '0 rules live only, 2 in /etc/iptables/rules.v4 only',
      '- saved only: filter INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ])
    expect(said('FW-saved-v4', { v4: STRICT, facts: withSaved(filter('INPUT DROP', EST, LO, SSH)) })).toBe(
      'fail: another order in 1 chain',
    )
    expect(said('FW-saved-v4', { v4: STRICT, facts: withSaved(filter(LO, EST, SSH)) })).toBe('fail: 1 policy differs')
  })
})

describe('an FTP server', () => {
  const ftp = [{ program: 'vsftpd', port: 21, passive: { from: 10030, to: 10049 } }] as const
  const listeners = [listener('tcp', '*', 21, 'vsftpd')]
  const open = filter('INPUT DROP', EST, SSH, '-A INPUT -p tcp -m tcp --dport 21 -j ACCEPT')

  test('needs its passive range', () => {
    expect(said('FW-ftp-v4', { v4: open, facts: { ftp }, listeners })).toBe('fail: vsftpd: 10030:10049 is closed')
    const v4 = filter(
      'INPUT DROP',
      EST,
      '-A INPUT -p tcp -m tcp --dport 21 -j ACCEPT',
      '-A INPUT -p tcp -m tcp --dport 10030:10049 -j ACCEPT',
    )
    expect(said('FW-ftp-v4', { v4, facts: { ftp }, listeners })).toMatch(/^pass/)
  })

  test('or a helper that is named and loaded', () => {
    const raw = '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp\nCOMMIT\n'
    const helper = { ftp, ftpHelper: { loaded: true, atBoot: false } }
    expect(said('FW-ftp-v4', { v4: open + raw, facts: helper, listeners })).toMatch(/^pass/)
    expect(said('FW-ftp-v4', { v4: open, facts: helper, listeners })).toMatch(/^fail/)
  })

  test('does not matter where none listens', () => {
    expect(said('FW-ftp-v4', { v4: open, facts: { ftp } })).toMatch(/^notapplicable/)
  })
})
