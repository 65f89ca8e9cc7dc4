import type { Around, Check, Verdict } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import { say } from '../../model/safe.ts'
import type { Of, RestEdit, RestFacts, Subject } from './facts.ts'

export type RestCheck = Check<RestFacts, RestEdit>

/** Words of a check, with a judgement of what is known of its subject alone. */
export type SubjectCheck<F> = Omit<RestCheck, 'judge' | 'fix' | 'needs'> & {
  readonly judge: (facts: F, host: HostFacts, around: Around) => Verdict
  readonly fix?: (facts: F) => readonly RestEdit[] | null
}

/** Checks of one subject: what was not read of it is not known, with the reason. */
export const checksOf = <S extends Subject>(subject: S, checks: readonly SubjectCheck<Of<S>>[]): readonly RestCheck[] =>
  checks.map(({ judge, fix, ...words }) => ({
    ...words,
    judge: (facts, host, around) => {
      const known = facts[subject]
      if (known === null) return { outcome: 'unknown', observed: say`not read yet` }
      return known.ok ? judge(known.value as Of<S>, host, around) : { outcome: 'unknown', observed: known.error }
    },
    ...(fix ? { fix: (facts: RestFacts) => (facts[subject]?.ok ? fix(facts[subject].value as Of<S>) : null) } : {}),
  }))

/** What is not there at all: it is not shown. */
export const ABSENT: Verdict = { outcome: 'notapplicable', observed: say`not installed` }
