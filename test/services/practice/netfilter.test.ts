import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { hasRealOne, openKernel, runReal, type Typed } from './netfilter-bench.ts'

const kernels: ReturnType<typeof openKernel>[] = []
const open = () => {
  const kernel = openKernel()
  kernels.push(kernel)
  return kernel
}
afterEach(() => {
  for (const kernel of kernels.splice(0)) kernel.close()
})

const lines = (text: string): readonly Typed[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ line: line.trim() }))
const input = (rules: string, options = '-n'): Typed => ({
  line: `iptables-restore ${options}`,
  stdin: `${rules.trim().replace(/^ +/gm, '')}\n`,
})
const show: Typed = { line: 'iptables-save -c' }

/** Sessions at the shell; what is printed and the status must be the real programs'. */
const SESSIONS: Readonly<Record<string, readonly Typed[]>> = {
  'chains and places': lines(`
    iptables-save
    iptables -A NOCHAIN -j ACCEPT
    iptables -I INPUT 7 -j ACCEPT
    iptables -I INPUT -j ACCEPT
    iptables -I INPUT 2 -j DROP
    iptables -I INPUT 1 -j RETURN
    iptables -D INPUT -j RETURN
    iptables -D INPUT -p tcp --dport 99 -j ACCEPT
    iptables -D INPUT 1
    iptables -N INPUT
    iptables -N a
    iptables -N a
    iptables -A a -j RETURN
    iptables -A INPUT -j a
    iptables -X a
    iptables -F a
    iptables -X a
    iptables -E a b
    iptables -C INPUT -j DROP
    iptables -C INPUT -p tcp -j DROP
    iptables -X nonesuch
    iptables -F nonesuch
    iptables -P b DROP
    iptables -P INPUT DROP
    iptables -P INPUT FOO
    iptables -S
    iptables -S INPUT
    iptables -w 5 -t filter -F
    iptables -X
    iptables-save
    iptables -N averyveryverylongchainnamethatexceeds
    iptables -t nosuch -S
    iptables --version
    ip6tables-save --version
    iptables-save --bogus
    iptables-save -t nosuch
    iptables-restore --bogus`),
  'rules that are refused': lines(`
    iptables -A INPUT --foo
    iptables -A INPUT -j DROP --foo
    iptables -A INPUT -j nosuch
    iptables -A INPUT -g nosuch
    iptables -A INPUT word
    iptables -A INPUT -p tcp --dport
    iptables -A INPUT -p tcp --dport 99999 -j ACCEPT
    iptables -A INPUT -p tcp --dport nosvc -j ACCEPT
    iptables -A INPUT -p tcp --dport 30:20 -j DROP
    iptables -A INPUT --dport 22 -j ACCEPT
    iptables -A INPUT -p nosuch -j ACCEPT
    iptables -A INPUT -p tcp -p udp -j DROP
    iptables -A INPUT -j ACCEPT -j DROP
    iptables -A INPUT -s 1.2.3.400 -j ACCEPT
    iptables -A INPUT -s 1.2.3.4/33 -j DROP
    iptables -A INPUT -o eth0 -j ACCEPT
    iptables -A OUTPUT -i eth0 -j ACCEPT
    iptables -A INPUT -m nosuch -j ACCEPT
    iptables -A INPUT -m conntrack --ctstate FOO -j ACCEPT
    iptables -A INPUT -m conntrack -j ACCEPT
    iptables -A INPUT -m multiport --dports 80 -j ACCEPT
    iptables -A INPUT -p tcp -m multiport -j ACCEPT
    iptables -A INPUT -m set --match-set x src -j DROP
    iptables -A INPUT -j REJECT --reject-with foo
    iptables -A INPUT -j REJECT --reject-with tcp-reset
    iptables -A INPUT -j MASQUERADE
    iptables -t nat -A INPUT -j REJECT
    iptables -j ACCEPT
    iptables
    iptables-save`),
  'rules in the kernel’s words': [
    ...lines(`
    iptables -A INPUT -s 10.0.0.5/8 -j ACCEPT
    iptables -A INPUT -s 10.0.0.5/255.255.0.0 -j ACCEPT
    iptables -A INPUT -s 0.0.0.0/0 -j ACCEPT
    iptables -A INPUT ! -s 10.0.0.5 -j ACCEPT
    iptables -A INPUT -s 1.1.1.1,2.2.2.2 -d 3.3.3.3 -j DROP
    iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
    iptables -A INPUT -p 6 --dport ssh -j ACCEPT
    iptables -A INPUT -p tcp ! --syn -m state --state NEW -j DROP
    iptables -A INPUT -p tcp --syn --dport 22 --sport 1024: -j DROP
    iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
    iptables -A INPUT -m conntrack --ctstate ESTABLISHED,NEW,RELATED,INVALID,UNTRACKED -j ACCEPT
    iptables -A INPUT -m conntrack ! --ctstate INVALID -j ACCEPT
    iptables -A INPUT -m limit --limit 5/minute -j LOG
    iptables -A INPUT -m limit --limit 60/min --limit-burst 5 -j LOG --log-level 4
    iptables -A INPUT -m limit --limit 7/min -j LOG
    iptables -A INPUT -m limit --limit 100/day -j LOG
    iptables -A INPUT -m limit --limit 3/second --limit-burst 10 -j LOG --log-level debug --log-prefix "a b: " --log-uid
    iptables -A INPUT -m limit --limit 1/hour -j LOG --log-prefix x: --log-tcp-options --log-ip-options --log-tcp-sequence
    iptables -A INPUT -m limit -j LOG
    iptables -A INPUT -p tcp -m multiport --dports 80,443,8000:8010 -j ACCEPT
    iptables -A INPUT -p tcp -m multiport --dports ssh,http -m comment --comment "x" -j ACCEPT
    iptables -A INPUT -m comment --comment "a.b" -j RETURN
    iptables -A INPUT -m comment --comment "it's" -j RETURN
    iptables -A INPUT -m comment --comment ab_c-9 -j RETURN
    iptables -A INPUT -j REJECT
    iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset
    iptables -A INPUT -p tcp --dport 22 -m recent --set --name SSH
    iptables -A INPUT -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 -j DROP
    iptables -A INPUT -p tcp --dport 22 -m connlimit --connlimit-above 3 -j DROP
    iptables -A INPUT -p tcp -m hashlimit --hashlimit-upto 4/min --hashlimit-name ssh --hashlimit-mode srcip -j ACCEPT
    iptables -A INPUT ! -i lo -p udp --sport 53 -j ACCEPT
    iptables -A INPUT -m mac --mac-source 00:11:22:aa:bb:cc -j ACCEPT
    iptables -A INPUT -m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT
    iptables -A INPUT -m addrtype --dst-type BROADCAST,MULTICAST -j DROP
    iptables -A INPUT -m pkttype --pkt-type broadcast -j DROP
    iptables -A INPUT -m mark --mark 1 -j DROP
    iptables -A INPUT -j MARK --set-mark 1
    iptables -A INPUT -j NFLOG --nflog-group 5 --nflog-prefix "x y"
    iptables -A INPUT -p all -j DROP
    iptables -A INPUT -p udp -m udp --dport 53
    iptables -A INPUT
    iptables -A INPUT -f -j DROP
    iptables -A INPUT -p tcp --dport :20 -j DROP
    iptables -A INPUT -p tcp --tcp-flags ALL NONE -j DROP
    iptables -A INPUT -p tcp --tcp-flags SYN,FIN SYN,FIN -j DROP
    iptables -A INPUT -p tcp -m tcp --destination-port 1 -j DROP
    iptables -A INPUT --proto tcp --src 1.2.3.4 --dst 4.3.2.1 --jump DROP
    iptables -A INPUT -p tcp --dpo 22 -j DROP
    iptables -A INPUT -p tcp --dport=23 -j DROP
    iptables -A INPUT -m length --length 100:200 -j DROP
    iptables -A INPUT -p icmpv6 -j DROP
    iptables -A INPUT -p 47 -j DROP
    iptables -A INPUT -p 253 -j DROP
    iptables -A INPUT ! -p tcp -j DROP
    iptables -A INPUT -p tcp ! --dport 22 -j DROP
    iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
    iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080
    iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to 8080
    iptables -t raw -A PREROUTING -p tcp --dport 1 -j NOTRACK
    iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
    iptables -S
    iptables -t nat -S
    iptables -t raw -S
    iptables -t mangle -S
    ip6tables -A INPUT -s 2001:DB8::1/64 -p icmpv6 --icmpv6-type echo-request -j ACCEPT
    ip6tables -A INPUT -s ::1 -j REJECT
    ip6tables -A INPUT -s ::/0 -p tcp --dport 22 -j ACCEPT
    ip6tables -A INPUT -s 1.2.3.4 -p tcp --dport 22 -j ACCEPT
    ip6tables -A INPUT -s fe80::/10 -p icmpv6 --icmpv6-type router-advertisement -j ACCEPT
    ip6tables-save`),
  ],
  'jumps in a circle, and jumps that go deep': lines(`
    iptables -N a
    iptables -N b
    iptables -A a -j b
    iptables -A b -j a
    iptables -A INPUT -j a
    iptables -A INPUT -g b
    iptables -F b
    iptables -A INPUT -j a
    iptables -A b -j b
    iptables -A b -p tcp -j a
    iptables-save
    ${Array.from({ length: 15 }, (_, i) => `iptables -N c${i}`).join('\n')}
    ${Array.from({ length: 14 }, (_, i) => `iptables -A c${i} -j c${i + 1}`).join('\n')}
    iptables -A b -j c0
    iptables -A b -j c1
    iptables -A b -j c2
    iptables -S b`),
  'restoring whole tables': [
    input('*filter\n:INPUT DROP [5:7]\n[3:4] -A INPUT -j ACCEPT\nCOMMIT', '-c'),
    show,
    input('*filter\n:INPUT DROP [5:7]\n[3:4] -A INPUT -j RETURN\nCOMMIT', ''),
    show,
    input('*filter\n-A INPUT -j ACCEPT\nCOMMIT', ''),
    show,
    input('*filter\n:INPUT - [0:0]\n:FORWARD DROP\nCOMMIT', ''),
    show,
    input('# nothing', ''),
    input('*filter\n-A INPUT -j DROP\nCOMMIT', '-w 5 --test'),
    show,
    input('*filter\n-A INPUT -p tcp --dport 22\nCOMMIT\n\n# c\n*nat\n-A INPUT -j MASQUERADE\nCOMMIT', ''),
    show,
    { line: 'iptables -t nat -S' },
  ],
  'restoring beside what is there': [
    input('*filter\n:mine - [0:0]\n-A mine -j DROP\n-A INPUT -j mine\nCOMMIT'),
    show,
    input('*filter\n:mine - [0:0]\n-A mine -j ACCEPT\nCOMMIT'),
    show,
    input('*filter\n:INPUT DROP [9:9]\n[3:4] -A INPUT -j RETURN\nCOMMIT', '-n -c'),
    show,
    input('*filter\n:INPUT ACCEPT [0:0]\n-F INPUT\n[1:2] -A INPUT -i lo -j ACCEPT\nCOMMIT', '-n -c'),
    show,
    input('*filter\n-P INPUT DROP\n-I INPUT 1 -p tcp --dport 22 -j ACCEPT\n-D INPUT 2\nCOMMIT'),
    show,
    input('*filter\n-A INPUT -m comment --comment "a \\"b\\" c" -j DROP\nCOMMIT'),
    show,
    input('*filter\n-A INPUT -s 1.1.1.1,2.2.2.2 -j DROP\n-D INPUT 1\nCOMMIT'),
    show,
  ],
  'tables that come and go': [
    input('*raw\nCOMMIT', ''),
    input('*raw\nCOMMIT'),
    show,
    ...lines(`
    iptables -t raw -N q
    iptables -t mangle -P INPUT DROP
    iptables -t nat -P PREROUTING DROP
    iptables -t nat -A PREROUTING -j DROP
    iptables -D INPUT 4
    iptables -A INPUT -j DROP
    iptables -D INPUT 4
    iptables -R INPUT 4 -j DROP
    iptables-save
    iptables-save -t raw
    iptables-save -t security
    iptables -t raw -X q
    iptables -F`),
    show,
    input('*filter\nCOMMIT', ''),
    input('*raw\n:PREROUTING ACCEPT [1:2]\nCOMMIT', '-c'),
    show,
  ],
  'input that is refused': [
    input('*filter\n-A INPUT --foo\nCOMMIT'),
    input('*filter\n-A INPUT -j nosuch\nCOMMIT'),
    input('*filter\n-A INPUT -j later\n:later - [0:0]\nCOMMIT'),
    input('*filter\n-A NOCH -j ACCEPT\nCOMMIT'),
    input('*filter\n-D INPUT 9\nCOMMIT'),
    input('*filter\n-R INPUT 9 -j DROP\nCOMMIT'),
    input('*filter\n-I INPUT 9 -j DROP\nCOMMIT'),
    input('*filter\n-F nonesuch\nCOMMIT'),
    input('*filter\n-D INPUT -s 2.2.2.2 -j DROP\nCOMMIT'),
    input('*filter\n-A INPUT -j ACCEPT'),
    input('COMMIT'),
    input('*nosuch\nCOMMIT'),
    input('*filter\n:new - [0:0]\n-A new -j ACCEPT\n-A INPUT -j MASQUERADE\nCOMMIT'),
    input('*filter\nrubbish\nCOMMIT'),
    input('*filter\n:INPUT FOO [0:0]\nCOMMIT'),
    input('*filter\n:averyveryverylongchainnamethatexceeds - [0:0]\nCOMMIT'),
    input('*filter\n-A INPUT -j DROP -t nat\nCOMMIT'),
    input('*filter\n-A INPUT -j ACCEPT\nCOMMIT\n*nat\n-A PREROUTING --foo\nCOMMIT'),
    { line: 'iptables -S' },
  ],
}

describe.runIf(hasRealOne)('beside the real programs', () => {
  test.each(Object.entries(SESSIONS))('%s: every word and status is theirs', (_name, typed) => {
    const { run } = open()
    const real = runReal(typed)
    const compared = typed.map((one, i) => [one.line, one.stdin ?? '', run(one), real[i]] as const)
    expect(compared.map(([line, stdin, ours]) => [line, stdin, ours])).toEqual(
      compared.map(([line, stdin, , theirs]) => [line, stdin, theirs]),
    )
  })
})

test('a table is committed whole or not at all, and those before a bad one stay', () => {
  const { run } = open()
  const bad =
    '*filter\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n*nat\n-A PREROUTING -j LOG\n-A PREROUTING --foo\nCOMMIT'
  expect(run(input(bad))).toBe(
    [
      'iptables-restore v1.8.9 (nf_tables): unknown option "--foo"',
      'Error occurred at line: 6',
      "Try `iptables-restore -h' or 'iptables-restore --help' for more information.",
      '= 2',
    ].join('\n'),
  )
  expect(run({ line: 'iptables-save' })).toBe(
    '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n= 0',
  )
})

test('a trial changes nothing', () => {
  const { run } = open()
  expect(run(input('*filter\n-A INPUT -j DROP\nCOMMIT', '--test'))).toBe('= 0')
  expect(run(show)).toBe('= 0')
})

test('both families have rules of their own', () => {
  const { run } = open()
  run({ line: 'ip6tables -A INPUT -p icmpv6 -j ACCEPT' })
  expect(run(show)).toBe('= 0')
  expect(run({ line: 'ip6tables -S INPUT' })).toBe('-P INPUT ACCEPT\n-A INPUT -p ipv6-icmp -j ACCEPT\n= 0')
})

test('nft lists the tables of both families, a table as it is, and takes one away', () => {
  const { run } = open()
  run({ line: 'iptables -A INPUT -j DROP' })
  run({ line: 'ip6tables -t raw -N x' })
  expect(run({ line: 'nft list tables' })).toBe('table ip filter\ntable ip6 raw\n= 0')
  expect(run({ line: 'nft -s list table ip filter' })).toContain('\tchain INPUT {\n\t\ttype filter')
  expect(run({ line: 'nft delete table ip filter' })).toBe('= 0')
  expect(run({ line: 'nft -s list table ip filter' })).toBe('Error: No such file or directory\n= 1')
  expect(run(show)).toBe('= 0')
})

test('a lock that a killed process left is taken over', () => {
  const { run, kernel } = open()
  writeFileSync(join(kernel, 'lock'), '')
  utimesSync(join(kernel, 'lock'), 1, 1)
  expect(run({ line: 'iptables -A INPUT -j DROP' })).toBe('= 0')
})
