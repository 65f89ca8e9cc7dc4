import { readEnd } from '../../model/addresses.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { byWords } from './checks.ts'
import { type Decision, decide } from './decide.ts'
import type { TcpwrappersFacts } from './facts.ts'
import { commandsOf } from './rules.ts'

/** Who would talk to what: a daemon by the name that it gives hosts_access(3), and the address of a client. */
export type AccessQuestion = { readonly daemon: string; readonly client: string }

/** Reads `sshd 192.0.2.7` or `sshd from 2001:db8::7`. The error says what is missing. */
export function readAccessQuestion(line: string): Result<AccessQuestion, Safe> {
  const words = line
    .trim()
    .split(/[\s,]+/)
    .filter((word) => word !== '' && word.toLowerCase() !== 'from')
  const [daemon, client, more] = words
  if (daemon === undefined) return fail(say`Type a daemon and an address: sshd 192.0.2.7`)
  if (!/^[\w.+-]+$/.test(daemon)) return fail(say`A daemon is one name: sshd, rpcbind, vsftpd`)
  if (client === undefined) return fail(say`And from which address?`)
  const address = client.replace(/^\[(.*)\]$/, '$1')
  if (readEnd(address) === null)
    return fail(say`${safe(client, 60)} is no address. Names are not looked up from here: type the address.`)
  if (more !== undefined) return fail(say`One daemon and one address are all there is to ask.`)
  return ok({ daemon, client: address })
}

/** What the files answer, and by which rule: `let in by /etc/hosts.allow, sshd: 192.0.2.7`. */
export function accessAnswer(facts: TcpwrappersFacts, { daemon, client }: AccessQuestion): readonly Safe[] {
  const decision = decide(facts, daemon, client)
  const command = commandOf(decision)
  return [answerWords(decision), ...(command ? [say`That rule runs a command on the server: ${command}`] : [])]
}

function answerWords(decision: Decision): Safe {
  const because = byWords(decision)
  if (decision.answer === 'depends')
    return say`depends on ${because}: on names, users or options that are not known here`
  if (decision.by === null) return say`let in: ${because}`
  return decision.answer === 'in' ? say`let in by ${because}` : say`kept out by ${because}`
}

function commandOf({ by }: Decision): Safe | null {
  const [command] = by && by.rule !== 'broken' ? commandsOf(by.rule) : []
  return command === undefined ? null : safe(command, 200)
}

/** Whether the answer means anything: whether a program of that name asks these files here. */
export function askedWords({ sshdAsks, daemons }: TcpwrappersFacts, daemon: string): Safe {
  const name = safe(daemon)
  const running = daemons?.filter((one) => one.name.toLowerCase() === daemon.toLowerCase()) ?? []
  const isSshd = daemon.toLowerCase() === 'sshd'
  const asks = isSshd ? [sshdAsks] : running.map((one) => one.asks)
  const by = running.find((one) => one.asks && one.by)?.by
  if (by) return say`${safe(by)} asks these files before it starts ${name}.`
  if (asks.includes(true))
    return isSshd
      ? say`${name} asks these files at every connection.`
      : say`${name} runs here with libwrap, and asks these files unless its own settings say otherwise.`
  if (asks.length > 0 && asks.every((one) => one === false))
    return say`${name} is built without libwrap: it never asks, and these files keep nobody out of it.`
  if (asks.includes(null)) return say`Whether ${name} asks these files could not be read.`
  return daemons
    ? say`No program of that name that is known to ask runs here; one that inetd starts through tcpd would ask.`
    : say`Whether a program of that name runs here and asks could not be read.`
}
