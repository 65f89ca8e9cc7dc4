import type { Around, Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { EximFacts, MailFacts } from '../facts.ts'
import { reachOf, within } from '../reach.ts'

/** Networks so wide are everybody, or nearly. */
const WIDEST = 7

/** The items of a list of exim's: parted by `:` (doubled where it is meant), or by the mark that it begins with. */
export function itemsOf(list: string): readonly string[] {
  const [, mark, rest] = /^\s*<(\S)(.*)$/s.exec(list) ?? []
  const [by, text] = mark === undefined ? [':', list] : [mark, rest ?? '']
  const hidden = '\u0001'
  return text
    .replaceAll(by + by, hidden)
    .split(by)
    .map((item) => item.replaceAll(hidden, by).trim())
    .filter((item) => item !== '')
}

/** An item by which everybody may; null where none is. */
const wideOf = (items: readonly string[]): string | null =>
  items.find((item) => item === '*' || Number(/^[0-9a-f.:]+\/(\d{1,3})$/i.exec(item)?.[1] ?? WIDEST + 1) <= WIDEST) ??
  null

/** What only exim can look up: files, queries, patterns, expansions, other lists. */
const asks = (items: readonly string[]): string | null =>
  items.find((item) => /^!|[$;*@/^+]/.test(item.replace(/^[0-9a-f.:]+\/\d{1,3}$/i, ''))) ?? null

function judge({ lists, written, answer }: EximFacts): Verdict {
  const details: readonly Safe[] = [
    ...[...lists].map(([name, value]) => say`${safe(name)} = ${safe(value, 200)}`),
    ...written,
    ...(answer ? [say`to 198.51.100.7, for a recipient elsewhere: ${answer.words}`] : []),
  ]
  if (answer && answer.code < 300) return { outcome: 'fail', observed: say`takes mail for anybody`, details }
  const [hosts, domains] = [lists.get('relay_from_hosts'), lists.get('relay_to_domains')]
  // Rules may keep a stranger out all the same, as its answer says; then the list is one that waits for a mistake.
  const wide = wideOf(itemsOf(hosts ?? ''))
  if (wide !== null && answer === null)
    return { outcome: 'fail', observed: say`relay_from_hosts has ${safe(wide, 60)}`, details }
  if (domains !== undefined && itemsOf(domains).includes('*'))
    return { outcome: 'fail', observed: say`relay_to_domains has *`, details }
  if (answer === null) return { outcome: 'unknown', observed: say`exim did not play a session`, details }
  if (answer.code < 500) return { outcome: 'unknown', observed: say`it answers: ${answer.words}`, details }
  if (hosts === undefined || domains === undefined)
    return { outcome: 'unknown', observed: say`a stranger is refused; its lists were not read`, details }
  if (wide !== null) return { outcome: 'unknown', observed: say`relay_from_hosts has ${safe(wide, 60)}`, details }
  const asked = asks(itemsOf(hosts))
  return asked === null
    ? { outcome: 'pass', observed: say`refused`, details }
    : { outcome: 'unknown', observed: say`a stranger is refused; others by ${safe(asked, 60)}`, details }
}

/** Who may send mail to anybody by exim. */
export const mailChecks: readonly SubjectCheck<MailFacts>[] = [
  {
    id: 'REST-exim-relay',
    severity: 'high',
    title: 'exim sends mail for everybody',
    expected: 'mail to elsewhere for dc_relay_nets and logins only',
    rationale:
      'Through an open relay others send their spam in this server’s name, until nobody takes mail from it any more. Next: dc_relay_nets and dc_relay_domains in /etc/exim4/update-exim4.conf.conf, then update-exim4.conf and a restart.',
    references: ['update-exim4.conf(8)', 'exim(8), -bh'],
    judge: ({ exim }, _host, around: Around) =>
      exim ? within(reachOf(/^exim4?$/, [25, 465, 587], around), judge(exim)) : ABSENT,
  },
]
