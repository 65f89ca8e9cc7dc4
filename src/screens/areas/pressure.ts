import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { JailBans, Survey } from '../../services/model/securelog.ts'
import type { AddressNotes, FirewallNotes, PressureRow } from '../../state/areas/securelog/pressure.ts'
import { field } from '../presenters/labelled.ts'
import { plural, shortCount } from '../presenters/numbers.ts'
import { columns, EMPTY, type Line, line, span, wrap } from '../text/line.ts'
import { placeLines } from './place.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Nov 3`: a day of the server's wall clock. */
export function dayWords(at: number): Safe {
  const date = new Date(at)
  return safe(`${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`)
}

/** `Nov 3 09:14` */
const momentWords = (at: number): Safe => say`${dayWords(at)} ${safe(new Date(at).toISOString().slice(11, 16))}`

const tryWords = (count: number): Safe => plural(count, say`try`, say`tries`)

/** `3,127`: a number that somebody may want to compare. */
const exact = (count: number): Safe => safe(count.toLocaleString('en-US'))

/** At the right of the pane's border: how much failed, and how many got in who are not this session. */
export function surveyNote(survey: Survey): Line {
  const { pressure, logins } = survey
  const strangers = logins.filter(({ own }) => !own).reduce((sum, { count }) => sum + count, 0)
  return [
    span(say`${atLeast(survey)}${shortCount(pressure.tries)} failed`, pressure.tries > 0 ? 'plain' : 'good'),
    ...(strangers > 0 ? [span(say` · ${shortCount(strangers)} not yours`, 'warn')] : []),
  ]
}

/** Whether nothing of the log is left out. */
const isAll = ({ ended, unread }: Survey): boolean => ended && unread.length === 0
const atLeast = (survey: Survey): Safe => (isAll(survey) ? say`` : say`at least `)

/** `3,127 tries failed in 21 days, from 412 addresses` */
function sumWords(survey: Survey): Safe {
  const { tries, first, last, addresses, beyond } = survey.pressure
  if (tries === 0) return isAll(survey) ? say`No try failed.` : say`No try failed in what was read.`
  const days = first === null || last === null ? 0 : Math.ceil((last - first) / 86_400_000)
  const span = days < 2 ? say`` : say` in ${days} days`
  const from = beyond.addresses > 0 ? say`more than ${exact(addresses.length)}` : exact(addresses.length)
  const noun = addresses.length === 1 ? say`address` : say`addresses`
  return say`${atLeast(survey)}${exact(tries)} ${tries === 1 ? say`try` : say`tries`} failed${span}, from ${from} ${noun}`
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A small chart: one column a bucket, or several of them where there is no room; a blank where nothing happened. */
function bars(buckets: readonly { readonly tries: number }[], width: number): Safe {
  const each = Math.max(1, Math.ceil(buckets.length / Math.max(1, width)))
  const sums = Array.from({ length: Math.ceil(buckets.length / each) }, (_, at) =>
    buckets.slice(at * each, (at + 1) * each).reduce((sum, { tries }) => sum + tries, 0),
  )
  const most = Math.max(...sums)
  return safe(sums.map((sum) => (sum === 0 ? '·' : (BARS[Math.min(7, Math.floor((sum / most) * 8))] ?? '█'))).join(''))
}

const unitWords = (unit: 'hour' | 'day'): Safe => (unit === 'day' ? say`a day` : say`an hour`)

function chartRow({ unit, buckets }: Extract<PressureRow, { readonly what: 'chart' }>, width: number): Line {
  const peak = buckets.reduce((most, one) => (one.tries > most.tries ? one : most))
  const when = unit === 'day' ? dayWords(peak.at) : momentWords(peak.at)
  const tail = say`most ${exact(peak.tries)} ${when}`
  return columns(
    [
      { text: say`${unitWords(unit)}`, width: 7, role: 'dim' },
      { text: bars(buckets, width - 7 - tail.length - 2), grow: true },
      { text: tail, role: 'dim' },
    ],
    width,
  )
}

/** One row of who tried. */
export function pressureRow(row: PressureRow, width: number): Line {
  switch (row.what) {
    case 'sum':
      return line(sumWords(row.survey), 'strong')
    case 'chart':
      return chartRow(row, width)
    case 'head':
      return line(say`${row.title} (${row.count})`, 'dim')
    case 'note':
      return line(row.text, row.bad ? 'bad' : 'dim')
    default: {
      const { name, tries, last, others, more } = row.of
      const several = others.length > 1 || more
      const count = row.addresses === undefined ? say`${others.length}${more ? say`+` : say``}` : say`${row.addresses}`
      const beside =
        row.what === 'method'
          ? say``
          : row.what === 'address'
            ? several
              ? say`${count} users`
              : (others[0] ?? say``)
            : say`${count} addr`
      return columns(
        [
          { text: exact(tries), width: 9, right: true, role: 'strong' },
          { text: name === '' ? say`(no name)` : name, grow: true },
          { text: beside, width: 10, right: true, role: 'dim' },
          ...(width >= 60 ? [{ text: momentWords(last), width: 13, role: 'dim' as const }] : []),
        ],
        width,
      )
    }
  }
}

/** One sentence about a row of who tried. */
export function aboutPressure(row: PressureRow): Safe {
  switch (row.what) {
    case 'sum':
      return say`${sumWords(row.survey)}. Everybody's server sees that; who got in (l) is what counts.`
    case 'chart':
      return say`Failed tries, one column ${unitWords(row.unit)}, since ${momentWords(row.buckets[0]?.at ?? 0)}.`
    case 'head':
      return say`${row.title}, most tries first.`
    case 'note':
      return row.text
    case 'address': {
      const [jail] = row.address?.jails ?? []
      const failed = say`${row.of.name} failed ${exact(row.of.tries)} times`
      return jail
        ? say`${failed}; fail2ban (${jail}) has it banned. x stages a rule that shuts it out.`
        : say`${failed}. x stages a rule that shuts it out.`
    }
    case 'network':
      return say`${exact(row.of.tries)} tries from ${row.addresses ?? 0} addresses of ${row.of.name}. x stages a rule that shuts all of it out.`
    case 'user':
      return say`${row.of.name === '' ? say`No name` : row.of.name} was tried ${exact(row.of.tries)} times.`
    case 'method':
      return say`${exact(row.of.tries)} tries by ${row.of.name}.`
  }
}

/** Twenty names of any length. */
const NAMES_CAP = 4096

const OTHERS: Readonly<Record<'address' | 'network' | 'user' | 'method', Safe>> = {
  address: say`tried as`,
  network: say`addresses`,
  user: say`from`,
  method: say`with`,
}

/** All about a row of who tried. */
export function pressureLines(row: PressureRow, width: number): readonly Line[] {
  switch (row.what) {
    case 'sum':
      return sumLines(row.survey, row.firewall, width)
    case 'chart':
      return row.buckets.map(({ at, tries }) =>
        columns(
          [
            { text: row.unit === 'day' ? dayWords(at) : momentWords(at), width: 13 },
            { text: exact(tries), width: 9, right: true, role: tries > 0 ? 'plain' : 'dim' },
          ],
          width,
        ),
      )
    case 'head':
    case 'note':
      return wrap(row.what === 'head' ? aboutPressure(row) : row.text, width)
    default: {
      const { name, tries, first, last, others, more } = row.of
      const letIn = row.address?.letIn?.() ?? null
      return [
        ...field(safe(row.what), name === '' ? say`(no name)` : name, width, 'strong'),
        ...field(say`failed`, tryWords(tries), width),
        ...field(say`first`, momentWords(first), width),
        ...field(say`last`, momentWords(last), width),
        ...(others.length > 0
          ? field(OTHERS[row.what], safe(`${others.join(', ')}${more ? ' and more' : ''}`, NAMES_CAP), width)
          : []),
        ...(row.address ? addressLines(row.address, width) : []),
        ...(letIn ? field(say`now`, letIn, width) : []),
      ]
    }
  }
}

function addressLines({ place, jails }: AddressNotes, width: number): readonly Line[] {
  return [
    ...placeLines(place, width),
    ...(jails.length > 0 ? field(say`fail2ban`, say`${safe(jails.join(', '))} has it banned`, width) : []),
  ]
}

/** What a jail of fail2ban has banned by its own word, now and since it started: whether the rules do it is the firewall's matter. */
const jailWords = ({ name, banned, total }: JailBans): Safe =>
  banned === null
    ? say`${name} did not say whom it has banned`
    : say`${name} has ${plural(banned, say`address`, say`addresses`)} banned${total === null ? say`` : say`, ${exact(total)} since it started`}`

function bansLines({ bans, pressure }: Survey, width: number): readonly Line[] {
  const told =
    bans.state === 'read'
      ? bans.jails.length > 0
        ? bans.jails.map(jailWords)
        : [say`no jail is set up`]
      : bans.state === 'unread'
        ? [say`is there and could not be asked`]
        : []
  return [
    ...told.flatMap((words, at) => field(at === 0 ? say`fail2ban` : say``, words, width)),
    ...(pressure.bans > 0
      ? field(say`banned`, say`${exact(pressure.bans)} times by fail2ban, as the log has it`, width)
      : []),
  ]
}

/** What the rules do by themselves to those who tried most; what fail2ban has banned is among them where its rules are. */
function firewallLines(firewall: FirewallNotes | null, width: number): readonly Line[] {
  const { asked, out, unsure } = firewall?.keptOut() ?? { asked: 0, out: 0, unsure: 0 }
  if (!firewall || asked === 0) return []
  const whom = firewall.all ? plural(asked, say`address`, say`addresses`) : say`the ${asked} addresses that tried most`
  const perhaps = unsure > 0 ? say`, and perhaps ${unsure} more` : say``
  return field(
    say`firewall`,
    say`keeps ${out} of ${whom}${perhaps} from port ${firewall.port}, as its rules are now`,
    width,
  )
}

/** What btmp(5) counts beside the log, as long as it is kept: passwords alone, and whoever is no user once more. */
const btmpLines = ({ wtmp }: Survey, width: number): readonly Line[] =>
  wtmp.state === 'read' && wtmp.btmp
    ? field(
        say`lastb`,
        wtmp.btmp.since === null
          ? say`nobody failed, by its file`
          : say`${plural(wtmp.btmp.tries, say`bad login`, say`bad logins`)} by its file, since ${momentWords(wtmp.btmp.since)}`,
        width,
      )
    : []

function sumLines(survey: Survey, firewall: FirewallNotes | null, width: number): readonly Line[] {
  const { lines, from, to, sources, unread, gaps, pressure, accounts } = survey
  const range = from === null || to === null ? say`none` : say`${momentWords(from)} to ${momentWords(to)}`
  return [
    ...wrap(sumWords(survey), width, 'strong'),
    EMPTY,
    ...field(say`lines`, say`${exact(lines)} of sshd, sudo and the like, ${range}`, width),
    ...field(say`read`, safe(sources.join(', ')), width),
    ...unread.flatMap((one) => field(say`✗ not read`, one, width, 'bad')),
    ...gaps.flatMap((one) => field(say`gap`, one, width, 'warn')),
    ...bansLines(survey, width),
    ...firewallLines(firewall, width),
    ...btmpLines(survey, width),
    ...(pressure.knocks > 0
      ? field(say`knocks`, say`${exact(pressure.knocks)} more connections ended before anybody said who he is`, width)
      : []),
    ...(pressure.local > 0
      ? field(say`sudo, su`, say`${tryWords(pressure.local)} with a wrong password, by those who are in`, width)
      : []),
    ...(pressure.beyond.addresses > 0
      ? field(
          say`left out`,
          say`${exact(pressure.beyond.addresses)} tries came from more addresses than are told apart here`,
          width,
          'warn',
        )
      : []),
    EMPTY,
    ...(accounts.length === 0
      ? [line(say`No account changed.`, 'dim')]
      : [
          line(say`accounts that changed, the last ${accounts.length}`, 'dim'),
          ...accounts
            .toReversed()
            .flatMap(({ day, time, program, text }) => wrap(say`${day} ${time} ${program}: ${text}`, width)),
        ]),
  ]
}
