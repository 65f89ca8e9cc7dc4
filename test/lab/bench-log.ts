// The figures of the secure log, on a lab server: `npm run bench -- log`. A million lines of it, and floods of new ones.
import { readFileSync } from 'node:fs'
import { asFileLine, attackLog } from './attack-log.ts'
import { line, share } from './figures.ts'
import { up } from './lab.ts'
import type { Server } from './server.ts'
import { openTerminal, type Terminal } from './terminal.ts'

const LINES = 1_000_000
/** Clock ticks a second of /proc/PID/stat (proc(5)). */
const TICKS = 100

const memory = (pid: number, what: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** Seconds of processor that a process of this machine has used. */
function processor(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = rest.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** The same of all that a server runs for its logins, dead children too; not of who writes the log. */
const serverProcessor = async (server: Server): Promise<number> =>
  Number(
    await server.must(
      `cat /proc/[0-9]*/stat 2>/dev/null | awk '/\\((sshd|sshd-session|tail|awk|mawk|journalctl|sh|grep|sed)\\)/ {
         sub(/^.*\\) /, ""); sum += $12 + $13 + $14 + $15 } END { print sum / ${TICKS} }'`,
    ),
  )

/** Milliseconds from a key to the frame that it makes: the footer of a pane, which nothing else brings. */
async function answers(terminal: Terminal, keys: number, goesOn: () => boolean = () => true): Promise<number[]> {
  const times: number[] = []
  for (let nth = 0; nth < keys && goesOn(); nth++) {
    const [key, footer] = nth % 2 === 0 ? (['3', 'order'] as const) : (['4', 'who tried'] as const)
    const started = performance.now()
    // In the bytes, as they come: the emulator takes longer than the console.
    await new Promise<void>((resolve, reject) => {
      let came = ''
      const late = setTimeout(() => reject(new Error(`no answer:\n${terminal.screen()}`)), 5_000)
      const stop = terminal.listen((chunk) => {
        came += chunk.toString('latin1')
        if (!came.includes(footer)) return
        stop()
        clearTimeout(late)
        resolve()
      })
      terminal.press(key)
    })
    times.push(performance.now() - started)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  return times
}

const figures = (name: string, values: readonly number[]): void => {
  line(name, values, 'ms')
  console.log(`${''.padEnd(46)} 99th percentile ${share(values, 0.99).toFixed(1)} ms`)
}

/** Writes the log slice by slice, and gives how many lines it has: all of them at once would make this program slow. */
async function writeLog(server: Server): Promise<number> {
  const slices = 10
  await server.must('systemctl stop rsyslog; rm -f /var/log/auth.log*')
  let count = 0
  for (let slice = slices - 1; slice >= 0; slice--) {
    const until = new Date(Date.now() - slice * 9 * 86_400_000)
    const { lines } = attackLog(until, { tries: Math.ceil(LINES / 2.86 / slices), addresses: 20_000, days: 9 })
    count += lines.length
    const file = slice === 0 ? 'auth.log' : 'auth.log.1'
    const input = lines.map((one) => `${asFileLine(one)}\n`).join('')
    await server.must(`cat >> /var/log/${file}`, { input, timeoutMs: 60_000 })
  }
  await server.must(
    'systemctl start rsyslog; journalctl --rotate --vacuum-time=1s >/dev/null 2>&1; rm -rf /var/log/journal',
  )
  return count
}

async function wholeLog(server: Server): Promise<void> {
  const lines = await writeLog(server)
  const first: number[] = []
  for (let nth = 0; nth < 5; nth++) {
    const started = performance.now()
    const one = openTerminal(server, 'root')
    await one.waitFor('following')
    first.push(performance.now() - started)
    one.kill()
    await one.ended
  }
  line(`launch to the log followed, ${lines} lines`, first, 'ms')
  const terminal = openTerminal(server, 'root')
  await terminal.waitFor('following')
  terminal.press('4')
  const pid = terminal.pid() as number
  console.log(`memory before: ${memory(pid, 'VmRSS').toFixed(0)} MB, at most ${memory(pid, 'VmHWM').toFixed(0)} MB`)
  figures('key to frame, nothing going on', await answers(terminal, 200))
  const [cpu, serverCpu] = [processor(pid), await serverProcessor(server)]
  const started = performance.now()
  terminal.press('l')
  let isRead = false
  const going = new Promise<number>((resolve) => {
    let last = ''
    const stop = terminal.listen((chunk) => {
      last = (last + chunk.toString('latin1')).slice(-20_000)
      if (!/by all [\d.]+ (k|M) lines/.test(last)) return
      stop()
      isRead = true
      resolve(performance.now() - started)
    })
  })
  figures('key to frame, all of the log being read', await answers(terminal, 10_000, () => !isRead))
  console.log(`all of it read and counted: ${((await going) / 1000).toFixed(1)} s`)
  console.log(
    `processor: console ${(processor(pid) - cpu).toFixed(1)} s, server ${((await serverProcessor(server)) - serverCpu).toFixed(1)} s`,
  )
  console.log(`memory after: ${memory(pid, 'VmRSS').toFixed(0)} MB, at most ${memory(pid, 'VmHWM').toFixed(0)} MB`)
  terminal.kill()
  await terminal.ended
}

/** So many new lines a second, for as many seconds. */
async function flood(server: Server, aSecond: number, seconds: number): Promise<void> {
  const terminal = openTerminal(server, 'root')
  await terminal.waitFor('following')
  terminal.press('4')
  const pid = terminal.pid() as number
  const [cpu, serverCpu] = [processor(pid), await serverProcessor(server)]
  const started = performance.now()
  let isOver = false
  const writing = server
    .must(
      `awk 'function uptime(  at) { getline at < "/proc/uptime"; close("/proc/uptime"); return at + 0 }
         BEGIN {
           began = uptime()
           while ((now = uptime()) < began + ${seconds}) {
             for (due = int((now - began) * ${aSecond}); n < due; n++)
               printf "Nov 28 03:00:00 web1 sshd[%d]: Failed password for invalid user admin from 203.0.113.%d port %d ssh2\\n", n % 30000 + 1, n % 250 + 1, n % 40000 + 20000
             fflush()
             system("sleep 0.02")
           }
         }' >> /var/log/auth.log`,
      { timeoutMs: (seconds + 30) * 1000 },
    )
    .finally(() => {
      isOver = true
    })
  const times = await answers(terminal, 10_000, () => !isOver)
  await writing
  const took = (performance.now() - started) / 1000
  figures(`key to frame, ${aSecond} new lines a second`, times)
  const percent = (used: number): string => `${((used / took) * 100).toFixed(0)} %`
  const [used, serverUsed] = [processor(pid) - cpu, (await serverProcessor(server)) - serverCpu]
  console.log(
    `processor: console ${percent(used)}, server ${percent(serverUsed)}; memory ${memory(pid, 'VmRSS').toFixed(0)} MB, at most ${memory(pid, 'VmHWM').toFixed(0)} MB; ${await server.must('wc -l < /var/log/auth.log')} lines`,
  )
  terminal.kill()
  await terminal.ended
}

const server = await up({ flavour: 'debian12' })
try {
  if (!process.env.NOWHOLE) await wholeLog(server)
  for (const aSecond of [1_000, 20_000]) await flood(server, aSecond, 15)
} finally {
  await server.down()
}
