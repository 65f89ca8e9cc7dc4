import type { Command } from '../model/command.ts'
import { fail } from '../model/errors.ts'
import type { FreshLogin, Host } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import { failure } from './failures.ts'

type Exec = Pick<Host, 'exec'>['exec']

const refusal = ({ argv }: Command) =>
  fail(
    failure(
      'no-privilege',
      say`This console was started with --read-only: ${safe(argv[0] ?? 'a command', 40)} would change the server and was not sent.`,
      say`Start hardtui without --read-only to change anything.`,
    ),
  )

const guarded =
  (exec: Exec): Exec =>
  async (command, onLine) =>
    command.effect === 'write' ? refusal(command) : exec(command, onLine)

/**
 * The same host, by which nothing can be changed: a command with effect `write` is refused before anything is sent, over
 * this connection and over every login made to prove something. Everything else passes through.
 */
export const readOnlyHost = (host: Host): Host => ({
  ...host,
  exec: guarded(host.exec),
  proveFreshLogin: async (options) => {
    const made = await host.proveFreshLogin(options)
    if (!made.ok) return made
    const login: FreshLogin = { ...made.value, exec: guarded(made.value.exec) }
    return { ...made, value: login }
  },
})
