import type { FirewallFacts } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, say } from '../../model/safe.ts'
import { ruleSetOf } from './checks/about.ts'
import { ask, readQuestion } from './walk/question.ts'

/**
 * What the rules, as they were read, do to a new connection from an address to the port of this session: passed, kept out,
 * or not sure, with what decides. Null for what is no address, and where its rules can't be read.
 */
export function letInWords(facts: FirewallFacts, { session }: HostFacts, address: string): Safe | null {
  const question = readQuestion(`from ${address} tcp ${session.serverPort}`, { ...facts, session })
  if (!question.ok) return null
  const ruleSet = ruleSetOf(facts, question.value.family)
  const [first] = ruleSet ? ask(ruleSet, question.value, facts.network) : []
  if (!first) return null
  const { answer, because } = first.walked
  if (answer === 'yes') return say`the rules let it come to port ${session.serverPort}: ${because}`
  return answer === 'no' ? say`the rules keep it out: ${because}` : say`the rules may let it in or not: ${because}`
}
