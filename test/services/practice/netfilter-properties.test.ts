import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { delta } from '../../../src/services/areas/firewall/delta.ts'
import { quoteWord } from '../../../src/services/areas/firewall/words.ts'
import { ruleSetOf, saveText, withoutCounters } from '../../support/rule-sets.ts'
import { hasRealOne, openKernel, runReal, type Typed } from './netfilter-bench.ts'

const kernels: ReturnType<typeof openKernel>[] = []
const open = () => {
  const kernel = openKernel()
  kernels.push(kernel)
  return kernel
}
afterAll(() => {
  for (const kernel of kernels) kernel.close()
})

/** Pieces of rules, some of which don't go together: what comes of it is the real program's to say. */
const protocol = fc.constantFrom('', '-p tcp', '-p udp', '-p icmp', '! -p tcp', '-p 47')
const address = fc.constantFrom(
  '',
  '-s 198.51.100.7',
  '! -s 10.1.2.3/8',
  '-d 203.0.113.0/255.255.255.0',
  '-s 0/0',
  '-s 1.2.3.4,5.6.7.8',
)
const device = fc.constantFrom('', '-i lo', '! -i eth+', '-o eth0')
const match = fc.constantFrom(
  '--dport 22',
  '--sport :1023',
  '! --dport https',
  '--syn',
  '--icmp-type 8/0',
  '--icmp-type echo-reply',
  '-m multiport --dports 22,80:90,https',
  '-m multiport ! --ports 1,2',
  '-m conntrack --ctstate NEW,ESTABLISHED',
  '-m state --state RELATED,NEW',
  '-m limit --limit 30/hour --limit-burst 7',
  '-m limit --limit 90/minute',
  '-m comment --comment "a, b (c)"',
  '-m tcp --tcp-flags SYN,ACK,FIN ACK,SYN',
  '-m udp --dport 53',
  '-m recent --rcheck --seconds 5 --rdest --name x',
  '-m addrtype --src-type LOCAL',
  '-m mark ! --mark 0x10/0xf0',
)
const target = fc.constantFrom(
  '',
  '-j ACCEPT',
  '-j DROP',
  '-j RETURN',
  '-j mine',
  '-g mine',
  '-j theirs',
  '-j REJECT',
  '-j REJECT --reject-with icmp-host-prohibited',
  '-j LOG --log-prefix "in: " --log-level info',
  '-j MARK --set-xmark 0x1/0xf',
  '-j MASQUERADE',
)
const rule = fc
  .tuple(device, protocol, address, fc.array(match, { maxLength: 2 }), target)
  .map(([a, b, c, matches, last]) => [a, b, c, ...matches, last].filter((part) => part !== '').join(' '))
const command = fc
  .tuple(fc.constantFrom('-A INPUT', '-I INPUT 1', '-A OUTPUT', '-A mine', '-I FORWARD', '-C INPUT', '-D INPUT'), rule)
  .map(([verb, text]): Typed => ({ line: `iptables ${verb} ${text}` }))

test.runIf(hasRealOne)('whatever rule is typed, the answer and the rules in the end are the real program’s', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 40 }), (commands) => {
      const typed = [{ line: 'iptables -N mine' }, ...commands, { line: 'iptables-save' }]
      const { run } = open()
      expect(typed.map((one) => [one.line, run(one)])).toEqual(runReal(typed).map((left, i) => [typed[i]?.line, left]))
    }),
    // A fixed seed: what is imitated is finite, and this is no place for a surprise.
    { numRuns: 6, seed: 1, endOnFailure: true },
  )
})

test('a delta gives what was staged, and touches no other chain', () => {
  fc.assert(
    fc.property(saveText, saveText, (from, to) => {
      const { run } = open()
      const input = from + delta(ruleSetOf(from), ruleSetOf(to))
      expect(run({ line: 'iptables-restore --noflush -c', stdin: input })).toBe('= 0')
      expect(withoutCounters(run({ line: 'iptables-save' }))).toBe(`${withoutCounters(to)}\n= 0`)
    }),
    { numRuns: 50 },
  )
})

test('what is saved restores to the same, counters too', () => {
  fc.assert(
    fc.property(saveText, (text) => {
      const { run } = open()
      run({ line: 'iptables-restore -c', stdin: text })
      const saved = run({ line: 'iptables-save -c' })
      const other = open()
      other.run({ line: 'iptables-restore -c', stdin: saved.replace(/= 0$/, '') })
      expect(other.run({ line: 'iptables-save -c' })).toBe(saved)
    }),
    { numRuns: 50 },
  )
})

test('no input makes a program fall over', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '-A',
      '-D',
      '-R',
      '-E',
      '-P',
      'INPUT',
      '1',
      '-t',
      'nat',
      '-m',
      'tcp',
      '-p',
      '-j',
      '!',
      '--dport',
      '*filter',
    ),
    fc.string({ unit: 'binary' }).filter((text) => !/[\0\n]/.test(text)),
  )
  const { run } = open()
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const text = words.map(quoteWord).join(' ')
      for (const program of ['iptables', 'ip6tables-save', 'iptables-restore', 'nft'])
        expect(run({ line: `${program} ${text}`, stdin: `*filter\n${text}\nCOMMIT\n` })).toMatch(/= \d+$/)
    }),
    { numRuns: 100 },
  )
})
