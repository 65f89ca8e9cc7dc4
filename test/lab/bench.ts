// The figures: launch beside ssh(1) with the same probes, first frame, key to frame, and how late the timer is.
import { AREAS } from '../../src/state/areas/table.ts'
import { INPUT } from '../support/plans.ts'
import { line } from './figures.ts'
import { up } from './lab.ts'
import { logIn, phase } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { openTerminal, type Terminal } from './terminal.ts'

const FILLED = [/PermitRootLogin/, /INPUT +policy/, /ssh +running/, /following/]

async function launch(server: Server): Promise<{ first: number; filled: number }> {
  const started = performance.now()
  const terminal = openTerminal(server, 'root')
  let first = 0
  for (;;) {
    const now = performance.now() - started
    if (first === 0 && terminal.bytes().includes('hardtui')) first = now
    const screen = terminal.screen()
    if (FILLED.every((pattern) => pattern.test(screen))) {
      terminal.kill()
      await terminal.ended
      return { first, filled: performance.now() - started }
    }
    if (now > 20_000) throw new Error(`the panes were not filled:\n${screen}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

/** The same probes through the system's ssh: what the console is measured against. */
async function plainSsh(server: Server): Promise<number> {
  const address = server.client.address
  const head = `login_user=root client_address=${address} client_port=1 server_address=${server.address} server_port=22; export LC_ALL=C\n`
  const probes = Object.values(AREAS).flatMap((area) => area.probes)
  const script = head + probes.map((probe) => `( ${probe.script}\n) </dev/null 2>/dev/null\n`).join('')
  const started = performance.now()
  await server.client.ssh('sh -s', { input: script })
  return performance.now() - started
}

async function keyToFrame(terminal: Terminal, keys: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < keys; i++) {
    const before = terminal.bytes().length
    const started = performance.now()
    terminal.press(i % 2 === 0 ? 'j' : 'k')
    while (terminal.bytes().length === before && performance.now() - started < 1000)
      await new Promise((resolve) => setImmediate(resolve))
    times.push(performance.now() - started)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  return times
}

async function lateness(server: Server, firings: number): Promise<number[]> {
  const operator = await logIn(server, 'root', 0)
  const times: number[] = []
  for (let i = 0; i < firings; i++) {
    const plan = await operator.plan(() => [{ kind: 'policy', at: { ...INPUT, chain: 'FORWARD' }, policy: 'DROP' }], {
      windowSeconds: 3 + (i % 3),
    })
    const going = operator.transactions.apply(plan)
    const armed = async (): Promise<boolean> =>
      (await server.sh('test -e /var/lib/hardtui/current/state.armed')).status === 0
    await until('the arming', armed, { timeoutMs: 20_000, everyMs: 20 })
    const [deadline] = (await server.must('cat /var/lib/hardtui/current/deadline')).split(' ').map(Number)
    await until(
      'the rules to be back',
      async () => !(await server.must('iptables-save')).includes(':FORWARD DROP') && !(await armed()),
      {
        timeoutMs: 20_000,
        everyMs: 5,
      },
    )
    times.push((await server.uptime()) - (deadline as number) / 100)
    await going
    await phase(operator, 'rolled-back')
    operator.transactions.dismiss()
  }
  operator.close()
  return times
}

/** A rule set of so many rules: how long the server takes to print it, the console to show it, and a key to be drawn. */
async function manyRules(server: Server, count: number): Promise<void> {
  const rules = Array.from(
    { length: count },
    (_, i) => `-A INPUT -s 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 -p tcp -m tcp --dport 80 -j ACCEPT`,
  )
  await server.must('iptables-restore', {
    input: `*filter\n:INPUT ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`,
    timeoutMs: 120_000,
  })
  const name = `${count.toLocaleString('en')} rules`
  const [shown, printed]: [number[], number[]] = [[], []]
  for (let i = 0; i < 5; i++) {
    const started = performance.now()
    await server.must('iptables-save -c >/dev/null', { timeoutMs: 60_000 })
    printed.push(performance.now() - started)
    const asked = performance.now()
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor(new RegExp(`${name}|${count} rules`))
    shown.push(performance.now() - asked)
    terminal.kill()
    await terminal.ended
  }
  line(`iptables-save, ${name}`, printed, 'ms')
  line(`launch to the pane filled, ${name}`, shown, 'ms')
  const large = openTerminal(server, 'root', { columns: 200, rows: 50 })
  await large.waitFor(new RegExp(`${name}|${count} rules`))
  large.press('2')
  line(`key to frame, 200x50, ${name}`, await keyToFrame(large, 200), 'ms')
  large.kill()
  await large.ended
}

const server = await up()
try {
  const [first, filled, ssh, ratios]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let i = 0; i < 20; i++) {
    const one = await launch(server)
    const other = await plainSsh(server)
    first.push(one.first)
    filled.push(one.filled)
    ssh.push(other)
    ratios.push(one.filled / other)
  }
  line('launch to first frame', first, 'ms')
  line('launch to four panes filled', filled, 'ms')
  line('ssh HOST sh -s < the same probes', ssh, 'ms')
  line('four panes filled / ssh with the same probes', ratios, '')
  const small = openTerminal(server, 'root')
  await small.waitFor('following')
  line('key to frame, 120x40', await keyToFrame(small, 200), 'ms')
  small.kill()
  for (const count of [10_000, 100_000]) await manyRules(server, count)
  await server.must('iptables -F')
  line('rules back after the deadline', await lateness(server, 20), 's')
} finally {
  await server.down()
}
