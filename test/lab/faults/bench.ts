// What the tests of faults share: an sshd that is set up anew, a login with everything in the test's hands.
import { readFileSync } from 'node:fs'
import type { Dial } from '../../../src/services/host/dial.ts'
import type { ConnectParts } from '../../../src/services/host/host.ts'
import { createConnect } from '../../../src/services/host/host.ts'
import type { Result } from '../../../src/services/model/errors.ts'
import type { Ask, Host, Target } from '../../../src/services/model/host.ts'
import { operator, value } from '../../services/host/answers.ts'
import { targetOf } from '../operator.ts'
import type { Result as Ended } from '../run.ts'
import type { Server } from '../server.ts'
import { PROGRAM } from '../terminal.ts'
import type { User } from '../users.ts'

const DROP_IN = '/etc/ssh/sshd_config.d/00-fault.conf'

/**
 * Gives sshd these lines before all others, and no longer those of the last call. A restart and not a reload: it ends
 * when the new one listens, forgets every penalty, and leaves the sessions that are open alone (KillMode=process).
 */
export async function setSshd(server: Server, ...lines: readonly string[]): Promise<void> {
  await server.must(`cat >${DROP_IN}; systemctl reset-failed ssh; systemctl restart ssh`, {
    input: `${lines.join('\n')}\n`,
  })
  await server.waitForSshd()
}

/** A stream from the operator's machine to whatever address and port the target names. */
export const dialFrom =
  (server: Server): Dial =>
  ({ host, port }, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true })
      server.client.connect({ host, port }).then(resolve, reject)
    })

export type LoginParts = {
  readonly target?: Partial<Target>
  readonly ask?: Ask
  readonly parts?: ConnectParts
  readonly signal?: AbortSignal
}

/** One attempt of the product to log in; nothing may be asked unless the test brings the answers. */
export const attempt = (server: Server, user: User, given: LoginParts = {}): Promise<Result<Host>> =>
  createConnect({ dial: dialFrom(server), ...given.parts })(
    { ...targetOf(server, user), ...given.target },
    given.ask ?? operator(),
    given.signal,
  )

/** As `attempt`; the test fails where the login does. */
export const login = async (server: Server, user: User, given: LoginParts = {}): Promise<Host> =>
  value(await attempt(server, user, given))

/** Runs `hardtui status` on the operator's machine, the shortest run there is of the bundle. */
export const status = (server: Server, destination: string, args: readonly string[] = []): Promise<Ended> =>
  server.client.run(
    [
      ...[process.execPath, PROGRAM, 'status', '-i', server.key],
      ...['-o', `UserKnownHostsFile=${server.knownHosts}`, ...args, destination],
    ],
    { env: server.client.env() },
  )

/** What sshd wrote to the journal since a moment of `now`. */
export const sshdSince = (server: Server, since: string): Promise<string> =>
  server.must(`journalctl -q --no-pager -o cat --since '@${since}' -t sshd -t sshd-session -t sshd-auth`)

/** The server's own time, for `sshdSince`. An entry counts from when the journal took it in: it has to be done with older ones. */
export const now = (server: Server): Promise<string> => server.must('journalctl --sync; date +%s.%N')

/** Memory of a process in MB: what it holds now, and the most it ever held. */
export function memoryOf(pid: number): { readonly now: number; readonly most: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024
  return { now: read('VmRSS'), most: read('VmHWM') }
}
