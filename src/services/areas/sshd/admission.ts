import type { HostFacts } from '../../model/host.ts'
import { matchesPattern } from '../../model/pattern.ts'
import { type Safe, say } from '../../model/safe.ts'
import type { SshdFacts } from '../../model/sshd.ts'
import { matchesAddresses } from './addresses.ts'
import { valuesOf } from './parse.ts'

/** Whether sshd would let this operator in again; `why` names the setting, or what could not be known. */
export type Admission = { readonly answer: 'yes' | 'no' | 'unknown'; readonly why: Safe }

type Match = 'yes' | 'no' | 'unknown'

/**
 * Judges the operator's next login by the settings that hold for it, in the order of sshd's allowed_user: DenyUsers,
 * AllowUsers, DenyGroups, AllowGroups, then what else there is. sshd -t accepts any of them, whoever is shut out.
 */
export function admission(facts: SshdFacts, host: HostFacts): Admission {
  const values = (keyword: string): readonly Safe[] => valuesOf(facts.settings, keyword).map(({ value }) => value)
  const user = (pattern: Safe): Match => matchesUser(pattern, host, values('usedns')[0] === 'yes')
  const group = (pattern: Safe): Match =>
    facts.groups === null ? 'unknown' : facts.groups.some((name) => matchesPattern(name, pattern)) ? 'yes' : 'no'
  const lists = [
    { keyword: say`DenyUsers`, patterns: values('denyusers'), matches: user, lets: false },
    { keyword: say`AllowUsers`, patterns: values('allowusers'), matches: user, lets: true },
    { keyword: say`DenyGroups`, patterns: values('denygroups'), matches: group, lets: false },
    { keyword: say`AllowGroups`, patterns: values('allowgroups'), matches: group, lets: true },
  ]
  const unsure: Safe[] = []
  for (const { keyword, patterns, matches, lets } of lists) {
    if (patterns.length === 0) continue
    const found = anyOf(patterns, matches)
    const names = patterns.reduce<Safe>((sum, one) => (sum === '' ? one : say`${sum} ${one}`), say``)
    if (found === 'unknown') unsure.push(say`${keyword} ${names}`)
    else if ((found === 'yes') !== lets)
      return { answer: 'no', why: say`${keyword} ${names} ${lets ? say`leaves out` : say`names`} ${host.login.user}` }
  }
  if (host.login.uid === 0 && values('permitrootlogin')[0] === 'no')
    return { answer: 'no', why: say`PermitRootLogin no` }
  if (values('usepam')[0] === 'no') {
    if (facts.account === 'locked') return { answer: 'no', why: say`UsePAM no, and the password is locked` }
    if (facts.account === null) unsure.push(say`UsePAM no (which keeps out locked passwords)`)
  }
  const [forSure] = unsure
  return forSure === undefined
    ? { answer: 'yes', why: say`let in` }
    : { answer: 'unknown', why: say`whether ${forSure} covers ${host.login.user} can't be told from here` }
}

const anyOf = (patterns: readonly Safe[], matches: (pattern: Safe) => Match): Match => {
  const found = patterns.map(matches)
  return found.includes('yes') ? 'yes' : found.includes('unknown') ? 'unknown' : 'no'
}

/** `user` or `user@from`: the part behind the last @ is a list of addresses, and of names where sshd looks them up. */
function matchesUser(pattern: Safe, { login, session }: HostFacts, looksUpNames: boolean): Match {
  const at = pattern.lastIndexOf('@')
  if (at < 0) return matchesPattern(login.user, pattern) ? 'yes' : 'no'
  if (!matchesPattern(login.user, pattern.slice(0, at))) return 'no'
  const from = pattern.slice(at + 1)
  if (matchesAddresses(session.clientAddress, from)) return 'yes'
  return looksUpNames && /[g-z]/i.test(from) ? 'unknown' : 'no'
}
