import type { Command, Output } from '../../src/services/model/command.ts'
import { fail, ok, type Result } from '../../src/services/model/errors.ts'
import type { FreshLogin, Host, Link } from '../../src/services/model/host.ts'
import { say } from '../../src/services/model/safe.ts'
import type { Bench } from './guard-bench.ts'

/** What may go wrong on the way to the server, decided per command. */
export type Fault = 'never-sent' | 'answer-lost' | null

const lost = fail({ kind: 'disconnected' as const, message: say`The link was lost.`, next: say`Wait for it.` })

/**
 * A host whose commands really run on a bench. `fault` decides for each command whether it is never sent or its
 * answer is lost; `loginWorks` whether a new login gets through.
 */
export function benchHost(bench: Bench): Pick<Host, 'exec' | 'proveFreshLogin' | 'link' | 'onLink' | 'comeBackBy'> & {
  exec: Host['exec']
  fault: (command: Command) => Fault
  loginWorks: boolean
  /** New logins so far. */
  readonly logins: () => number
  readonly setLink: (link: Link) => void
} {
  const listeners = new Set<(link: Link) => void>()
  let link: Link = { state: 'up', roundTripMs: 1 }
  let logins = 0
  const exec =
    (connection: string) =>
    async (command: Command, onLine?: (line: string) => void): Promise<Result<Output>> => {
      const fault = self.fault(command)
      if (fault === 'never-sent') return lost
      const ran = await bench.run(command, connection)
      if (fault === 'answer-lost') return lost
      for (const line of ran.stdout.split('\n')) onLine?.(line)
      return ok({ status: ran.status ?? 1, stdout: ran.stdout, stderr: ran.stderr })
    }
  const self = {
    fault: (_: Command): Fault => null,
    loginWorks: true,
    logins: () => logins,
    link: () => link,
    onLink: (listener: (link: Link) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    setLink: (next: Link) => {
      link = next
      for (const listener of listeners) listener(next)
    },
    exec: exec('198.51.100.20 50022 192.0.2.10 22'),
    comeBackBy: () => {},
    proveFreshLogin: async (): Promise<Result<FreshLogin>> => {
      if (!self.loginWorks)
        return fail({ kind: 'timeout', message: say`:22 timed out (packets dropped).`, next: say`Roll back with X.` })
      logins++
      const session = {
        clientAddress: '198.51.100.20',
        clientPort: 50100 + logins,
        serverAddress: '192.0.2.10',
        serverPort: 22,
      }
      return ok({
        exec: exec(`198.51.100.20 ${session.clientPort} 192.0.2.10 22`),
        elapsedMs: 12,
        session,
        method: say`publickey`,
        close: () => {},
      })
    },
  }
  return self
}
