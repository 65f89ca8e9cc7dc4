import { afterEach } from 'vitest'
import { createConnect } from '../../../src/services/host/host.ts'
import type { Command } from '../../../src/services/model/command.ts'
import type { Result } from '../../../src/services/model/errors.ts'
import type { Ask, Host, Question, Target } from '../../../src/services/model/host.ts'
import { type ServerOptions, startServer, type TestServer } from '../../support/ssh-server.ts'
import { PASSWORD } from '../../support/ssh-server-login.ts'

/** An operator who answers by the kind of question and remembers what was asked. */
export function operator(
  answers: Partial<
    Record<Question['kind'], readonly string[] | null | ((question: Question) => readonly string[] | null)>
  > = {},
): Ask & { readonly asked: Question[] } {
  const asked: Question[] = []
  const ask: Ask = async (question) => {
    asked.push(question)
    const answer = answers[question.kind]
    if (answer === undefined) throw new Error(`nobody expected to be asked: ${JSON.stringify(question)}`)
    return typeof answer === 'function' ? answer(question) : answer
  }
  return Object.assign(ask, { asked })
}

/** Gives the sudo password when asked. */
export const sudoer = () => operator({ 'sudo-password': [PASSWORD] })

/** The value of a result that must be one; its error is the test's failure. */
export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(`${result.error.kind}: ${result.error.message} ${result.error.next}`)
}

/** The error of a result that must be one, checked for form. */
export function errorOf<T>(result: Result<T>) {
  if (result.ok) throw new Error(`no error but ${JSON.stringify(result.value)}`)
  for (const text of [result.error.message, result.error.next]) {
    if (!/^[^\n\u001b]+$/.test(text)) throw new Error(`not fit for the screen: ${JSON.stringify(text)}`)
  }
  return result.error
}

/** Connects; the test fails where that fails. */
export const connect = async (target: Target, ask: Ask = operator(), parts = {}): Promise<Host> =>
  value(await createConnect(parts)(target, ask))

export const command = (argv: readonly string[], change: Partial<Command> = {}): Command => ({
  argv,
  privilege: 'login',
  effect: 'read',
  timeoutMs: 10_000,
  ...change,
})

export const sh = (text: string, change: Partial<Command> = {}): Command => command(['sh', '-c', text], change)

/** A promise and the two ways to settle it. */
export function later<T>() {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}

/** Servers of one test file: each ends with its test, and so does what `also` is given. */
export function serversOfTests() {
  let cleanup: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of cleanup.reverse()) await end()
    cleanup = []
  })
  return {
    also: (end: () => unknown): void => void cleanup.push(end),
    up: async (options: ServerOptions = {}): Promise<TestServer> => {
      const server = await startServer(options)
      cleanup.push(server.close)
      return server
    },
  }
}
