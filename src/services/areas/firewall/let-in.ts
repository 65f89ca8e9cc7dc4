import type { FirewallFacts } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, say } from '../../model/safe.ts'
import { ruleSetOf } from './checks/about.ts'
import { ask, readQuestion } from './walk/question.ts'

type LetIn = { readonly answer: 'yes' | 'no' | 'unsure'; readonly because: Safe }

/** Whether a new connection from an address comes to the port of this session; null for what is no address or not readable. */
function letIn(facts: FirewallFacts, { session }: HostFacts, address: string): LetIn | null {
  const question = readQuestion(`from ${address} tcp ${session.serverPort}`, { ...facts, session })
  if (!question.ok) return null
  const ruleSet = ruleSetOf(facts, question.value.family)
  const [first] = ruleSet ? ask(ruleSet, question.value, facts.network) : []
  return first?.walked ?? null
}

/**
 * What the rules, as they were read, do to a new connection from an address to the port of this session: passed, kept out,
 * or not sure, with what decides. Null for what is no address, and where its rules can't be read.
 */
export function letInWords(facts: FirewallFacts, host: HostFacts, address: string): Safe | null {
  const found = letIn(facts, host, address)
  if (!found) return null
  const { answer, because } = found
  const { serverPort } = host.session
  if (answer === 'yes') return say`the rules let it come to port ${serverPort}: ${because}`
  return answer === 'no' ? say`the rules keep it out: ${because}` : say`the rules may let it in or not: ${because}`
}

/** How many of some addresses the rules keep out, of how many that it could be asked of, and of how many nobody is sure. */
export type KeptOut = { readonly asked: number; readonly out: number; readonly unsure: number }

/** Asks `letInWords`' question of many. */
export function keptOut(facts: FirewallFacts, host: HostFacts, addresses: readonly string[]): KeptOut {
  const answers = addresses.flatMap((address) => letIn(facts, host, address)?.answer ?? [])
  const count = (which: LetIn['answer']): number => answers.filter((answer) => answer === which).length
  return { asked: answers.length, out: count('no'), unsure: count('unsure') }
}
