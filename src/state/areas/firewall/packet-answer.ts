import { ask, type Leg, questionWords, readQuestion } from '../../../services/areas/firewall/walk/question.ts'
import { fail, ok, type Result } from '../../../services/model/errors.ts'
import type { FirewallFacts, RuleSet } from '../../../services/model/firewall.ts'
import type { HostFacts } from '../../../services/model/host.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { StagedRules } from './list.ts'

/** What the rules do to a connection: as they are now and, where changes are staged, as they would be. */
export type PacketAnswer = {
  readonly question: Safe
  readonly now: readonly Leg[]
  readonly staged: readonly Leg[] | null
}

/** Reads a question about a connection and answers it by the rules that were read last. The error says what is missing. */
export function packetAnswer(
  facts: FirewallFacts | null,
  host: HostFacts | null,
  v4: StagedRules | null,
  v6: StagedRules | null,
  line: string,
): Result<PacketAnswer, Safe> {
  if (!facts || !host) return fail(say`The rules have not been read.`)
  const read = readQuestion(line, { ...facts, session: host.session })
  if (!read.ok) return read
  const question = read.value
  const rules = question.family === 'v4' ? v4 : v6
  if (!rules) return fail(say`The rules of that family can't be read.`)
  const by = (ruleSet: RuleSet): readonly Leg[] => ask(ruleSet, question, facts.network)
  return ok({
    question: questionWords(question),
    now: by(rules.base),
    staged: rules.after === rules.base ? null : by(rules.after),
  })
}

/** A question to begin with: the operator's own way in. */
export function firstQuestion(state: ConsoleState): string {
  const session = state.connection.host?.session
  return session ? `from ${session.clientAddress} tcp ${session.serverPort}` : ''
}
