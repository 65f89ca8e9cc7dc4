import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { stagedFilesOf, stagedFilesProbe } from '../../../src/services/areas/staged-files.ts'
import { parseFacts, parseSession } from '../../../src/services/host/facts.ts'
import type { Probe, ProbeOutput } from '../../../src/services/model/command.ts'
import type { Host, HostFacts } from '../../../src/services/model/host.ts'
import { type ServerOptions, startServer, type TestServer } from '../../support/ssh-server.ts'
import { USER } from '../../support/ssh-server-login.ts'
import { connect, errorOf, operator, sh, sudoer, value } from './answers.ts'

let server: TestServer
let host: Host

async function up(options: ServerOptions = {}, ask = operator()): Promise<Host> {
  server = await startServer(options)
  host = await connect(server.target(), ask)
  return host
}

afterEach(async () => {
  host?.close()
  await server?.close()
})

const probe = (id: string, script: string, timeoutSeconds = 5): Probe => ({
  id,
  script: `part out\n${script}`,
  timeoutSeconds,
})

const out = (text: string) => new Map([['out', text]])

/** Everything one batch brought, in the order it came. */
async function read(probes: readonly Probe[]) {
  const facts: HostFacts[] = []
  const outputs: ProbeOutput[] = []
  const order: string[] = []
  const result = await host.probe(probes, {
    facts: (found) => {
      facts.push(found)
      order.push('facts')
    },
    output: (output) => {
      outputs.push(output)
      order.push(output.id)
    },
  })
  return { result, facts, outputs, order, last: facts.at(-1) }
}

const VARIABLES = 'echo "$login_user|$client_address|$client_port|$server_address|$server_port|$LC_ALL|$(id -u)"; cat'

describe('a batch', () => {
  it('lets every probe print a file of the host, whatever the file holds', async () => {
    await up()
    const folder = mkdtempSync(join(tmpdir(), 'hardtui-batch-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'file'), Buffer.from([0xff, 0x00, 0x0a, 0x61]))
    const paths = [join(folder, 'file'), join(folder, 'none')]
    const { outputs } = await read([stagedFilesProbe(paths), probe('a', 'echo after')])
    expect([...stagedFilesOf(outputs[0] ?? null, paths).values()]).toMatchObject([
      { state: 'file', bytes: '\xff\0\na' },
      { state: 'absent' },
    ])
    expect(outputs[1]?.parts).toEqual(out('after\n'))
  })

  it('hears each frame once, however often the host sends it', async () => {
    await up({
      onExec: (channel) =>
        void channel.on('data', (chunk: Buffer) => {
          const boundary = /\bb='?(\w+)'?/.exec(chunk.toString())?.[1]
          const frame = (id: string, text = '') => `\n${boundary} begin ${id}\n${text}\n${boundary} end ${id} 0\n`
          const facts = frame('facts', 'hostname=web1\n')
          const a = (text: string) => frame('probe:a', `\n${boundary} part out\n${text}`)
          if (boundary) channel.write(`${facts}${facts}${a('first')}${a('second')}${facts}${frame('done')}`)
        }),
    })
    const { result, order, outputs } = await read([probe('a', '')])
    value(result)
    expect(order).toEqual(['facts', 'a'])
    expect(outputs[0]?.parts).toEqual(out('first'))
  })

  it('brings the facts first and then every probe, with status and output', async () => {
    await up({ uid: 0 })
    const { result, outputs, order, last } = await read([
      probe('a.one', "printf 'it''s\\n\\nfine'; echo noise >&2; exit 4"),
      probe('b-two', VARIABLES),
    ])
    value(result)
    expect(order).toEqual(['facts', 'a.one', 'b-two'])
    expect(outputs[0]).toEqual({ id: 'a.one', status: 4, parts: out('its\n\nfine'), cut: null, timedOut: false })
    expect(outputs[1]?.parts.get('out')).toMatch(
      new RegExp(`^root\\|127\\.0\\.0\\.1\\|\\d+\\|127\\.0\\.0\\.1\\|${server.port}\\|C\\|0\\n$`),
    )
    expect(last).toMatchObject({ login: { uid: 0, escalation: 'root' }, escalationReason: null })
    expect(last?.session).toMatchObject({ clientAddress: '127.0.0.1', serverPort: server.port })
    expect(last?.sessionInterface).toBe('lo')
    expect(last?.tools).toMatchObject({ awk: expect.stringMatching(/^\//), timeout: expect.stringMatching(/^\//) })
    expect(Math.abs(last?.clockSkewSeconds ?? 99)).toBeLessThan(2)
  })

  it('takes one round trip where sudo asks nothing', async () => {
    await up({ sudo: 'free' })
    const { result, outputs, order, last } = await read([probe('who', VARIABLES)])
    value(result)
    expect(order).toEqual(['facts', 'who'])
    expect(outputs[0]?.parts.get('out')).toMatch(new RegExp(`^${USER}\\|.*\\|0\\n$`))
    expect(last?.login).toEqual({ user: USER, uid: 1000, escalation: 'sudo' })
    expect(server.sudoLog().trim().split('\n')).toHaveLength(1)
  })

  it('asks for the sudo password once and runs every probe once, as root', async () => {
    const ask = sudoer()
    await up({ sudo: 'asks' }, ask)
    const first = await read([probe('who', VARIABLES)])
    value(first.result)
    expect(first.outputs).toHaveLength(1)
    expect(first.outputs[0]?.parts.get('out')).toMatch(/\|0\n$/)
    expect(first.last?.login.escalation).toBe('sudo')
    const second = await read([probe('who', VARIABLES)])
    value(second.result)
    expect(second.outputs[0]?.parts.get('out')).toMatch(/\|0\n$/)
    expect(value(await host.exec(sh('id -u', { privilege: 'root' }))).stdout).toBe('0\n')
    expect(ask.asked).toHaveLength(1)
  })

  it.each([
    ['cancelled', 'asks', null],
    ['of no use', 'never', ['pat']],
    ['not even asked for', 'missing', undefined],
  ] as const)('runs as the login user when the password is %s, and says why', async (_name, sudo, answer) => {
    const ask = answer === undefined ? operator() : operator({ 'sudo-password': answer })
    await up({ sudo }, ask)
    const { result, outputs, last } = await read([probe('who', VARIABLES)])
    value(result)
    expect(outputs).toHaveLength(1)
    expect(outputs[0]?.parts.get('out')).toMatch(/\|1000\n$/)
    expect(last?.login).toMatchObject({ uid: 1000, escalation: 'none' })
    expect(last?.escalationReason).toMatch(/\w/)
  })

  it('stops a probe that takes too long and goes on with the next', async () => {
    await up({ sudo: 'free' })
    const { result, outputs } = await read([probe('slow', 'echo begun; sleep 60', 1), probe('next', 'echo fine')])
    value(result)
    expect(outputs[0]).toMatchObject({ id: 'slow', parts: out('begun\n'), cut: 'out', timedOut: true })
    expect(outputs[1]).toEqual({ id: 'next', status: 0, parts: out('fine\n'), cut: null, timedOut: false })
  })

  it('survives probes that exit, loop or print marks', async () => {
    await up({ sudo: 'free', rc: 'echo "hello from rc"' })
    const { result, outputs } = await read([
      probe('exits', 'exit 0'),
      probe('broken', 'if then'),
      probe('marks', 'printf "\\n0 end probe:marks 0\\n"; printf "\\n"'),
      probe('quotes', `printf '%s' "it's \\"quoted\\""`),
    ])
    value(result)
    expect(outputs.map(({ id, status }) => [id, status !== 0])).toEqual([
      ['exits', false],
      ['broken', true],
      ['marks', false],
      ['quotes', false],
    ])
    expect(outputs[2]?.parts.get('out')).toBe('\n0 end probe:marks 0\n\n')
    expect(outputs[3]?.parts.get('out')).toBe(`it's "quoted"`)
  })

  it('takes no part from text, for what a probe starts can not know how parts are marked', async () => {
    await up({ sudo: 'free' })
    const { result, outputs } = await read([
      {
        id: 'parts',
        timeoutSeconds: 5,
        script: `echo lost; part one; printf 'a\\n@@two\\n0 part two\\nb\\n'; part "two of /a:b"; printf c; part one; echo late
part seen; env | grep -c HARDTUI_BOUNDARY; sh -c 'echo "\${HARDTUI_BOUNDARY-none} \${boundary-none}"'
for one in $$ $PPID; do tr '\\0' '\\n' <"/proc/$one/cmdline" | grep -cF "$boundary"; done`,
      },
    ])
    value(result)
    expect([...(outputs[0]?.parts ?? [])]).toEqual([
      ['one', 'a\n@@two\n0 part two\nb\n'],
      ['two of /a:b', 'c'],
      ['seen', '0\nnone none\n0\n0\n'],
    ])
  })

  it('brings large outputs whole', async () => {
    await up({ uid: 0 })
    const big = { ...probe('big', 'head -c 8000000 /dev/zero | tr "\\0" x', 20), capBytes: 9_000_000 }
    const { result, outputs } = await read([big])
    value(result)
    expect(outputs[0]?.parts.get('out')?.length).toBe(8_000_000)
  })

  it('says which part of an output is too long, and gives none behind it', async () => {
    await up({ uid: 0 })
    const script = 'part before; echo a; part long; head -c 3000000 /dev/zero | tr "\\0" x; part behind; echo b'
    const { result, outputs } = await read([{ id: 'long', script, timeoutSeconds: 20 }, probe('next', 'echo fine')])
    value(result)
    expect(outputs[0]).toMatchObject({ cut: 'long', timedOut: false, status: 0 })
    expect([...(outputs[0]?.parts.keys() ?? [])]).toEqual(['before', 'long'])
    expect(outputs[0]?.parts.get('before')).toBe('a\n')
    expect(outputs[1]).toMatchObject({ cut: null, parts: out('fine\n') })
  })

  it('names a login that gives no shell', async () => {
    await up({ forceCommand: 'echo only git; exit 0' })
    const { result } = await read([probe('who', VARIABLES)])
    expect(errorOf(result)).toMatchObject({ kind: 'unsupported-host', message: expect.stringContaining('only git') })
  })

  it('that is cut off fails as disconnected', async () => {
    await up({ uid: 0 })
    const result = host.probe([probe('a', 'echo a'), probe('slow', 'sleep 20', 30)], {
      facts: () => {},
      output: () => server.drop(),
    })
    expect(errorOf(await result).kind).toBe('disconnected')
  })
})

describe('facts', () => {
  it('are made safe and never invented', () => {
    const facts = parseFacts(
      ['hostname=a\u001b[31mb', 'os="Debian"', 'uid=x', 'tool=iptables=/usr/sbin/iptables', 'tool=bad=/x y'].join('\n'),
      0,
    )
    expect(facts.hostname).toBe('a␛[31mb')
    expect(facts.os).toBe('Debian')
    expect(facts.login).toEqual({ user: '?', uid: -1, escalation: 'none' })
    expect(facts.tools).toEqual({ iptables: '/usr/sbin/iptables' })
    expect(facts).toMatchObject({ sessionInterface: null, openssh: null, clockSkewSeconds: 0, init: 'other' })
  })

  it('find the interface in the route or in the scope of the address', () => {
    const route = 'connection=192.0.2.1 1 192.0.2.2 22\nroute=192.0.2.1 dev eth0 src 192.0.2.2 uid 0'
    expect(parseFacts(route, 0).sessionInterface).toBe('eth0')
    expect(parseFacts('connection=fe80::1%ens3 1 fe80::2%ens3 22', 0).sessionInterface).toBe('ens3')
  })

  it('read the four fields of SSH_CONNECTION', () => {
    expect(parseSession('2001:db8::1 50000 2001:db8::2 22\n')).toEqual({
      clientAddress: '2001:db8::1',
      clientPort: 50_000,
      serverAddress: '2001:db8::2',
      serverPort: 22,
    })
  })
})
