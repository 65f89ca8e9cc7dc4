import { sshd } from '../../../../../src/services/areas/sshd/area.ts'
import { parseSettings } from '../../../../../src/services/areas/sshd/parse.ts'
import type { HostFacts } from '../../../../../src/services/model/host.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import type { KeywordEdit, SshdFacts, SshdView } from '../../../../../src/services/model/sshd.ts'
import { someSshd } from '../../../../support/make-plan.ts'
import { NOTHING_AROUND, someHost } from '../../some-host.ts'

/** Somebody, by what holds for him: `keyword value` lines, the blocks he meets, and which keywords those set. */
export const person = (
  settings: string,
  matched: readonly string[] = [],
  inMatch: readonly string[] | null = [],
  more: Partial<SshdView> = {},
): SshdView => ({
  user: safe('anybody'),
  address: safe('240.0.0.1'),
  you: false,
  block: null,
  matched: matched.map((one) => safe(one)),
  settings: parseSettings(settings),
  asked: '',
  sources:
    inMatch === null
      ? []
      : ['port', ...inMatch].map((keyword, at) => ({ path: '/x', line: at + 1, keyword, inMatch: at > 0 })),
  ...more,
})

/** Facts with the operator's settings, and others where a test has some. */
export const facts = (
  settings: string,
  others: readonly SshdView[] = [],
  version: string | null = 'OpenSSH_9.2p1 Debian-2+deb12u3',
): SshdFacts => ({
  ...someSshd,
  settings: parseSettings(settings),
  views: [person(settings, [], [], { you: true, user: safe('ops') }), ...others],
  unjudged: [],
  version: version === null ? null : safe(version),
})

const checkOf = (id: string) => {
  const found = sshd.checks.find((one) => one.id === id)
  if (!found) throw new Error(`no check ${id}`)
  return found
}

export const verdictOn = (id: string, on: SshdFacts, host: HostFacts = someHost()): string => {
  const { outcome, observed } = checkOf(id).judge(on, host, NOTHING_AROUND)
  return `${outcome} ${observed}`
}

/** The edits of a check's fix, in short: `PermitRootLogin no`, `[User x] MaxAuthTries 4`. */
export const fixOn = (id: string, on: SshdFacts, host: HostFacts = someHost()): readonly string[] | null => {
  const edits = (checkOf(id).fix?.(on, host, NOTHING_AROUND) ?? null) as readonly KeywordEdit[] | null
  return (
    edits?.map(
      ({ keyword, values, match }) => `${match === null ? '' : `[${match}] `}${keyword} ${values?.join(' | ')}`,
    ) ?? null
  )
}
