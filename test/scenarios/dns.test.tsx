import { describe, expect, test } from 'vitest'
import type { AskDns, DnsAnswer, DnsWay } from '../../src/services/model/dns.ts'
import { say } from '../../src/services/model/safe.ts'
import { dnsParts } from '../services/areas/dns/configs.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { settled } from '../support/headless.ts'
import { someTexts } from '../support/probe-texts.ts'

const OPEN = 'options {\n\tallow-query { any; };\n};\n'
const NAMED = `udp UNCONN 0 0 192.0.2.10:53 0.0.0.0:* users:(("named",pid=7,fd=12)) cgroup:/system.slice/named.service <->
tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=500,fd=3)) cgroup:/system.slice/ssh.service <->`

/** The pane of name servers, on a host whose BIND has this configuration. */
async function onBind(text: string, options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const { units } = someTexts()
  const texts = { dns: dnsParts(text), units: { ...units, 'listeners-ss': NAMED } }
  const bench = await openConsole({ columns: 120, rows: 40, ...options, texts })
  await bench.press('6')
  return bench
}

const answering =
  (recursion: boolean, asked: DnsWay[] = []): AskDns =>
  async (_, way) => {
    asked.push(way)
    if (way.family === 'v6' && way.address === undefined) return { state: 'unreachable', reason: say`no such address` }
    const code = recursion ? say`NOERROR` : say`REFUSED`
    return { state: 'answered', recursion, authoritative: false, truncated: false, code, answers: 0, elapsedMs: 1 }
  }

describe('the pane of name servers', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])('says who may ask at %i × %i, and what was answered from here', async (columns, rows) => {
    const asked: DnsWay[] = []
    const bench = await onBind(OPEN, { columns, rows, askDns: answering(true, asked) })
    await bench.sees('✗ open-resolver', 'for everybody')
    await bench.press('Enter')
    await bench.sees(
      'by allow-query, which allow-recursion follows',
      '(/etc/bind/named.conf:2)',
      'over tcp v6: looks up names',
    )
    // It was named by its name: the other family goes to the address that it has itself.
    expect(asked.filter(({ family }) => family === 'v6').map(({ address }) => address)).toEqual([
      '2001:db8::10',
      '2001:db8::10',
    ])
  })

  test('an answer that comes after the server was read again is not taken for news', async () => {
    const late: ((answer: DnsAnswer) => void)[] = []
    let isLate = true
    const now = answering(false)
    const askDns: AskDns = (question, way) =>
      isLate ? new Promise((resolve) => void late.push(resolve)) : now(question, way)
    const bench = await onBind(OPEN, { askDns })
    await bench.sees('for everybody')
    isLate = false
    bench.clock.advance(1_000)
    await bench.press('R', 'Enter')
    await bench.sees('over udp v4: looks up nothing')
    for (const resolve of late)
      resolve(await answering(true)({ name: '.', type: 'NS', recursive: true }, { family: 'v4', transport: 'udp' }))
    await settled()
    await bench.lacks('over udp v4: looks up names')
  })

  test('t asks again, and says on the status line what came', async () => {
    const bench = await onBind('options { recursion no; };\n', { askDns: answering(false) })
    await bench.sees('✓ open-resolver')
    await bench.press('t')
    await bench.sees('asked from here over udp v4: looks up nothing (REFUSED)')
  })

  test('Space stages the list of its own networks, and the plan has the difference and the reload', async () => {
    const bench = await onBind(OPEN)
    await bench.press('Space')
    await bench.sees('fix staged')
    await bench.press('s')
    await bench.sees(
      '+ acl TRUSTSRC { localhost; 10.77.0.0/24; fd00:77::/64; };',
      '+ active (reload)',
      'systemctl reload named.service',
    )
  })

  test('a host that has no BIND is told so, and t says why it asks nobody', async () => {
    const bench = await openConsole({
      columns: 120,
      rows: 40,
      texts: { dns: { named: 'end\n', own: 'end\n', made: 'end\n', resolvers: 'end\n' } },
      askDns: answering(true),
    })
    await bench.press('6')
    await bench.sees('BIND is not installed', 'other-resolver')
    await bench.lacks('rate-limit')
    await bench.press('t')
    await bench.sees('nobody listens on port 53 for others than the host itself')
  })
})
