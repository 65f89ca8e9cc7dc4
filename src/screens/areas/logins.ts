import { type Safe, safe, say } from '../../services/model/safe.ts'
import { MANY_FAILURES } from '../../services/model/securelog.ts'
import type { LoginItem } from '../../state/areas/securelog/list.ts'
import { field } from '../presenters/labelled.ts'
import { plural } from '../presenters/numbers.ts'
import { columns, EMPTY, type Line, wrap } from '../text/line.ts'
import { placeLines } from './place.ts'

type LoginGroup = LoginItem['login']

const SHORT: Readonly<Record<string, string>> = { publickey: 'key', password: 'pass' }
const methodWord = ({ method }: LoginGroup): Safe => safe(SHORT[method] ?? method.slice(0, 4))

/** What nobody knows, and came after many failures. */
const isLoud = ({ login: { own, failuresBefore }, isKnown }: LoginItem): boolean =>
  !own && !isKnown && failuresBefore >= MANY_FAILURES

/** `✗ oracle   key  203.0.113.7   ×3   after 37 failures` */
export function loginRow(item: LoginItem, width: number): Line {
  const { login } = item
  const { user, address, count, own, trusted, last } = login
  const loud = isLoud(item)
  return columns(
    [
      { text: loud ? say`✗` : trusted ? say` ` : say`?`, width: 1, role: loud ? 'bad' : 'warn' },
      { text: user, width: Math.max(8, Math.min(20, Math.floor(width * 0.16))), role: own ? 'plain' : 'strong' },
      { text: methodWord(login), width: 4, role: 'dim' },
      { text: address, grow: true },
      { text: say`×${count}`, width: 5, role: 'dim' },
      ...(width >= 70 ? [{ text: say`${last.day} ${last.time}`, width: 15, role: 'dim' as const }] : []),
      tailOf(item),
    ],
    width,
  )
}

/** What stands at the right of a row, as wide in each. */
function tailOf(item: LoginItem) {
  const { own, failuresBefore } = item.login
  const width = 17
  if (own) return { text: say`you`, width, role: 'you' as const }
  if (item.isKnown) return { text: say`known`, width, role: 'good' as const }
  if (failuresBefore === 0) return { text: say`not yours`, width, role: 'warn' as const }
  return {
    text: say`after ${failuresBefore} failed`,
    width,
    role: isLoud(item) ? ('bad' as const) : ('warn' as const),
  }
}

/** What a login means, in a sentence. */
export function aboutLogin(item: LoginItem): Safe {
  const { login, isKnown } = item
  const { user, address, count, own, failuresBefore } = login
  if (own) return say`This session's account, from ${address}: ${plural(count, say`login`, say`logins`)}.`
  if (isKnown)
    return say`You know ${user} from ${address}: ${plural(count, say`login`, say`logins`)}. K takes that back.`
  return isLoud(item)
    ? say`${failuresBefore} tries from ${address} failed before ${user} got in: taken over until you know better (K).`
    : say`${user} got in from ${address}: ${plural(count, say`login`, say`logins`)}. If you know him, K says so; else the server is no longer yours alone.`
}

/** All that is known of who got in, and what to do where nobody knows him. */
export function loginLines(item: LoginItem, width: number): readonly Line[] {
  const { login, isKnown, place } = item
  const { user, address, method, key, count, first, last, own, trusted, failuresBefore } = login
  return [
    ...field(say`user`, user, width, 'strong'),
    ...field(say`from`, address, width),
    ...placeLines(place, width),
    ...field(say`method`, method, width),
    ...(key ? field(say`key`, key, width) : []),
    ...field(say`logins`, say`${count}`, width),
    ...field(say`first`, say`${first.day} ${first.time}, as far as the log was read`, width),
    ...field(say`last`, say`${last.day} ${last.time}`, width),
    ...field(
      say`failed`,
      say`${failuresBefore} tries from there before one of them, as far as the log was read`,
      width,
      isLoud(item) ? 'bad' : 'plain',
    ),
    ...(isKnown ? field(say`known`, say`you have said that you know him; K takes that back`, width, 'good') : []),
    ...(own ? field(say`you`, say`one of them is this very session`, width, 'you') : []),
    ...(trusted
      ? []
      : field(
          say`? source`,
          say`unverified: any local user could have written such a line into the log`,
          width,
          'warn',
        )),
    ...(own || isKnown
      ? []
      : [
          EMPTY,
          ...wrap(
            say`If nobody you know did this, take the server for one that is no longer yours alone: what runs on it, its keys and its logs may be theirs. Keep a copy of its disk for later, look at authorized_keys, new accounts, sudo and timers before anything is changed, and build it anew from a source you trust.`,
            width,
            'dim',
          ),
        ]),
    EMPTY,
    ...wrap(last.text, width),
  ]
}
