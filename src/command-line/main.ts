import { randomBytes } from 'node:crypto'
import { createConnect } from '../services/host/host.ts'
import { resolveTarget } from '../services/host/target.ts'
import type { Ask, Host, HostFacts, Target } from '../services/model/host.ts'
import type { Transactions } from '../services/model/transaction.ts'
import { createTransactions } from '../services/transaction/machine.ts'
import { type Arguments, type Options, readArguments, USAGE } from './arguments.ts'
import { createTerminalAsk } from './ask.ts'
import { EXIT, finishPending, type PendingVerb } from './pending.ts'

/** Runs hardtui: argv (without node and script) in, exit status out. Bad usage is one line and status 2. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = readArguments(argv)
  if (!parsed.ok) {
    process.stderr.write(`hardtui: ${parsed.error}\n`)
    return EXIT.usage
  }
  return run(parsed.value)
}

const version = typeof HARDTUI_VERSION === 'undefined' ? 'from source' : HARDTUI_VERSION

async function run(args: Arguments): Promise<number> {
  if (args.verb === 'help' || args.verb === 'version') {
    process.stdout.write(args.verb === 'help' ? `${USAGE}\n` : `hardtui ${version}\n`)
    return EXIT.done
  }
  if (args.verb === 'demo') return EXIT.failed
  const target = await targetOf(args.destination, args.options)
  if (!target) return EXIT.usage
  if (args.verb === 'console') return EXIT.failed
  return pending(args.verb, target)
}

async function targetOf(destination: string, options: Options): Promise<Target | null> {
  const target = await resolveTarget(destination, {
    ...(options.port === null ? {} : { port: options.port }),
    ...(options.user === null ? {} : { user: options.user }),
    identityFiles: options.identityFiles,
  })
  if (target.ok) return target.value
  process.stderr.write(`hardtui: ${target.error}\n`)
  return null
}

/** The clock, ids and settling time of a real run. */
const transactionsOf = (host: Host, facts: () => HostFacts | null, settleMs: number): Transactions =>
  createTransactions({
    host,
    facts,
    settleMs,
    newId: () => randomBytes(4).toString('hex'),
    clock: {
      now: () => Date.now(),
      after: (ms, then) => {
        const timer = setTimeout(then, ms)
        return () => clearTimeout(timer)
      },
    },
  })

async function pending(verb: PendingVerb, target: Target): Promise<number> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const ask: Ask = createTerminalAsk(process.stdin, process.stderr)
  const connected = await createConnect()(target, ask)
  if (!connected.ok) {
    process.stderr.write(`hardtui: ${connected.error.message} ${connected.error.next}\n`)
    return EXIT.failed
  }
  const host = connected.value
  try {
    return await finishPending(verb, host, (facts) => transactionsOf(host, facts, 0), print)
  } finally {
    host.close()
  }
}
