import { createConnect } from '../services/host/host.ts'
import { resolveTarget } from '../services/host/target.ts'
import type { Host, Target } from '../services/model/host.ts'
import { safe } from '../services/model/safe.ts'
import { type Arguments, type Options, readArguments, USAGE } from './arguments.ts'
import { createTerminalAsk, createTerminalYes } from './ask.ts'
import { exportRules } from './export.ts'
import { EXIT, finishPending, type PendingVerb } from './pending.ts'
import { transactionsOf } from './wiring.ts'

const version = typeof HARDTUI_VERSION === 'undefined' ? 'from source' : HARDTUI_VERSION

/** Runs hardtui: argv (without node and script) in, exit status out. Bad usage is one line and status 2. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = readArguments(argv)
  if (!parsed.ok) {
    process.stderr.write(`hardtui: ${safe(parsed.error)}\n`)
    return EXIT.usage
  }
  return run(parsed.value)
}

async function run(args: Arguments): Promise<number> {
  if (args.verb === 'help' || args.verb === 'version') {
    process.stdout.write(args.verb === 'help' ? `${USAGE}\n` : `hardtui ${version}\n`)
    return EXIT.done
  }
  if (args.verb === 'demo') return demo(args.options)
  if (args.verb === 'explain') return tell(args.id)
  // ssh -G takes its time in another process: what draws the console is loaded meanwhile.
  const asked = targetOf(args.destination, args.options)
  const drawn = import('./console.ts')
  const target = await asked
  if (!target) return EXIT.usage
  if (args.verb === 'export') return withHost(target, (host) => exportRules(host, new Date(), process))
  if (args.verb !== 'console') return pending(args.verb, target)
  const { openConsole } = await drawn
  return openConsole(target, args.options, version)
}

/** What a finding means, without any server. */
async function tell(id: string | null): Promise<number> {
  const { explain } = await import('./explain.ts')
  const text = explain(id)
  if (text === null) {
    process.stderr.write(`hardtui: no finding is called ${safe(id ?? '', 80)}; hardtui explain lists them.\n`)
    return EXIT.usage
  }
  process.stdout.write(text)
  return EXIT.done
}

async function targetOf(destination: string, options: Options): Promise<Target | null> {
  const target = await resolveTarget(destination, {
    ...(options.port === null ? {} : { port: options.port }),
    ...(options.user === null ? {} : { user: options.user }),
    identityFiles: options.identityFiles,
    ...(options.configFile === null ? {} : { configFile: options.configFile }),
    options: options.sshOptions,
  })
  if (target.ok) return target.value
  process.stderr.write(`hardtui: ${target.error}\n`)
  return null
}

/** The console on the practice server: everything but the server's tools is the real thing. */
async function demo(options: Options): Promise<number> {
  const [{ startPractice }, { openConsole }] = await Promise.all([
    import('../services/practice/practice.ts'),
    import('./console.ts'),
  ])
  const practice = await startPractice()
  try {
    return await openConsole(practice.target, options, version, createConnect({ dial: practice.dial }))
  } finally {
    await practice.stop()
  }
}

const pending = (verb: PendingVerb, target: Target): Promise<number> =>
  withHost(target, (host) =>
    finishPending(
      verb,
      host,
      // This login is itself newer than any change: there is nothing to wait for.
      (facts) => transactionsOf(host, facts, 0),
      (line) => void process.stdout.write(`${line}\n`),
      createTerminalYes(process.stdin, process.stderr),
    ),
  )

/** Logs in for a command that needs no console; what it asks and what fails is on standard error. */
async function withHost(target: Target, run: (host: Host) => Promise<number>): Promise<number> {
  const connected = await createConnect()(target, createTerminalAsk(process.stdin, process.stderr))
  if (!connected.ok) {
    process.stderr.write(`hardtui: ${connected.error.message} ${connected.error.next}\n`)
    return EXIT.failed
  }
  try {
    return await run(connected.value)
  } finally {
    connected.value.close()
  }
}
