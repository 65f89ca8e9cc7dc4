// A user without any rights calls his processes what he likes; what the console says of the others must not change by it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { firewall } from '../../src/services/areas/firewall/area.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import { quote, words } from '../../src/services/model/shell.ts'
import lib from '../../src/services/transaction/server/lib.sh'
import sshd from '../../src/services/transaction/server/sshd.sh'
import { aroundOf, listenersOf } from '../../src/state/slices/readings.ts'
import { audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { closeOperators, logIn } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'

/** Listens as guest on a port of his, in a process of this name (perlvar(1), $0), until it is stopped. */
const LISTEN = String.raw`use Socket; my ($name, $type, $port) = @ARGV; $name =~ s/\\n/\n/g;
socket(S, PF_INET, $type eq "udp" ? SOCK_DGRAM : SOCK_STREAM, 0) && bind(S, sockaddr_in($port, INADDR_ANY)) or die;
listen(S, 1) if $type eq "tcp"; $0 = $name; sleep 600`

/** The same, and becomes su(1) by a link that is called sshd, with the socket still open: a process of root's. */
const BECOME = `$^F = 9; use Socket;
socket(S, PF_INET, SOCK_STREAM, 0) && bind(S, sockaddr_in(8022, INADDR_ANY)) && listen(S, 1) or die;
pipe(R, W) && open(STDIN, "<&R"); exec { "/home/guest/sshd" } "sshd"`

describe.skipIf(whyNoLab() !== null)('fault 82: names that a user of debian12 chooses', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour: 'debian12' })
    await server.must(
      `iptables -A INPUT -p tcp --dport 80 -j ACCEPT; iptables -A INPUT -p tcp --dport 81 -j ACCEPT
       setsid perl -MSocket -e '${LISTEN}' web tcp 80 </dev/null >/dev/null 2>&1 &`,
    )
    await listening('tcp', 80)
  })
  afterAll(() => server?.down())
  afterEach(async () => {
    // By the real user, whatever program of root's runs for him.
    await server.sh('pkill -KILL -U guest; rm -f /home/guest/sshd')
    await closeOperators()
  })

  const listening = (type: string, port: number) =>
    until(
      `${type} ${port}`,
      async () => (await server.sh(`ss -ln${type === 'udp' ? 'u' : 't'} | grep -q ':${port} '`)).status === 0,
    )
  const asGuest = (perl: string, ...args: readonly string[]) => {
    const command = words(['perl', '-e', perl, ...args])
    return server.must(`setsid su guest -s /bin/sh -c ${quote(command)} </dev/null >/dev/null 2>&1 &`)
  }

  /** Who listens, and what the finding about idle rules says and would delete. */
  async function look() {
    const { host } = await logIn(server)
    const { reading } = await audit(host, 'units')
    const rules = await audit(host, 'firewall')
    const facts = factsOf(rules.reading)
    const idle = firewall.checks.find(({ id }) => id === 'FW-nobody-listens-v4')
    if (!facts || !idle) throw new Error('there is nothing to judge')
    const around = aroundOf(reading)
    return {
      whyNot: factsOf(reading)?.whyNoListeners ?? null,
      ports: new Set(listenersOf(reading)?.map(({ port }) => port)),
      verdict: idle.judge(facts, rules.host, around),
      fix: idle.fix?.(facts, rules.host, around) ?? null,
    }
  }

  it('are no matter where they are plain', async () => {
    await asGuest(LISTEN, 'plain', 'udp', '8053')
    await listening('udp', 8053)
    const { whyNot, ports, verdict, fix } = await look()
    expect(whyNot).toBeNull()
    expect([22, 80, 8053].every((port) => ports.has(port))).toBe(true)
    expect(verdict).toMatchObject({ outcome: 'fail', observed: '1 rule' })
    expect(fix).toHaveLength(1)
  })

  it.each(['a\\n@@cgroups\\nb', '\\n@@manager\\nno', 'x",pid=1,fd=1)', '\\n', '"sshd",pid='])(
    'hide no listener and delete no rule: %j',
    async (name) => {
      // ss prints UDP first, so everything else comes behind it.
      await asGuest(LISTEN, name, 'udp', '8053')
      await listening('udp', 8053)
      const { whyNot, verdict, fix } = await look()
      expect(fix).toBeNull()
      expect(verdict.outcome).toBe('unknown')
      expect(verdict.observed).toContain("ss(8) printed a line that can't be read")
      expect(whyNot).toContain('8053')
    },
  )

  it('make no port sshd’s for the guard, not even of a process of root’s', async () => {
    await server.must('ln -s /usr/bin/su /home/guest/sshd')
    await asGuest(BECOME)
    await listening('tcp', 8022)
    expect(
      await server.must("ps -o comm=,euser= -p \"$(ss -lntp 'sport = 8022' | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p')\""),
    ).toMatch(/^sshd +root$/m)
    const found = await server.must('sh', { input: `${lib}\n${sshd}\nsshd_listeners\n` })
    expect(
      found
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['22'])
  })
})
