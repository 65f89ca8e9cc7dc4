import { createClipboard } from '../screens/clipboard.ts'
import { runConsole } from '../screens/run-console.tsx'
import { createLogReader } from '../services/areas/securelog/reader.ts'
import { followScript } from '../services/areas/securelog/scripts.ts'
import { dnsAsker } from '../services/host/dns-query.ts'
import { createConnect } from '../services/host/host.ts'
import { knocker } from '../services/host/knock.ts'
import { readOnlyHost } from '../services/host/read-only.ts'
import { ok } from '../services/model/errors.ts'
import type { Connect, Target } from '../services/model/host.ts'
import { createRehearse } from '../services/transaction/rehearse.ts'
import { systemClock } from '../state/clock.ts'
import { createConsole } from '../state/store.ts'
import type { Options } from './arguments.ts'
import { knownLogins } from './known-logins.ts'
import { saveScript } from './script-file.ts'
import { SETTLE_MS, transactionsOf } from './wiring.ts'

/** Opens the full-screen console on a server; gives the exit status once the operator has left. */
export async function openConsole(
  target: Target,
  options: Options,
  version: string,
  connect: Connect = createConnect(),
): Promise<number> {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) {
    process.stderr.write('hardtui: the console needs a terminal; hardtui status HOST works without one.\n')
    return 2
  }
  const env = options.color ? process.env : { ...process.env, NO_COLOR: '1' }
  const askDns = dnsAsker(target)
  const console = createConsole({
    target,
    connect: async (ask, signal) => {
      const connected = await connect(target, ask, signal)
      return connected.ok && options.readOnly ? ok(readOnlyHost(connected.value)) : connected
    },
    createTransactions: (host, facts, loginPort) => transactionsOf(host, facts, SETTLE_MS, loginPort, askDns),
    askDns,
    // Behind a proxy it would be another machine's ports that are seen.
    ...(target.proxyCommand === undefined ? { knock: knocker(target) } : {}),
    createRehearse,
    clock: systemClock,
    windowSeconds: options.windowSeconds,
    readOnly: options.readOnly,
    version,
    copy: createClipboard(stdout, env),
    saveScript: (script, kind) => saveScript(target.host, script, kind),
    knownLogins: knownLogins(target.host),
    log: { script: followScript, reader: createLogReader },
  })
  void console.actions.connect()
  return runConsole(console, { stdin, stdout, env })
}
