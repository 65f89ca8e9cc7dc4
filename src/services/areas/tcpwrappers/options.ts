import { type Safe, safe, say } from '../../model/safe.ts'

const FACILITIES = 'kern|user|mail|daemon|auth|lpr|news|uucp|cron|authpriv|ftp|local[0-7]'
const LEVELS = 'emerg|alert|crit|err|warning|notice|info|debug'

/** What may follow an option: words that it reads, none at all (null), or nothing as well. */
type Option = { readonly value: RegExp | null; readonly may?: true; readonly last?: true }

const ANY = /./
const NUMBER = /^\d+$/

/** The options of hosts_options(5). */
const OPTIONS: Readonly<Record<string, Option>> = {
  ...{ allow: { value: null, last: true }, deny: { value: null, last: true } },
  ...{ spawn: { value: ANY }, aclexec: { value: ANY }, twist: { value: ANY, last: true } },
  ...{ keepalive: { value: null }, linger: { value: NUMBER }, rfc931: { value: /^0*[1-9]\d*$/, may: true } },
  ...{ banners: { value: ANY }, nice: { value: /^[+-]?\d+$/, may: true }, setenv: { value: ANY } },
  ...{ umask: { value: /^0*[0-7]{1,3}$/ }, user: { value: ANY }, group: { value: ANY } },
  severity: { value: new RegExp(`^((${FACILITIES})\\.)?(${LEVELS})$`, 'i') },
}

/** Options that change nothing about who is let in, as long as their arguments can be read. */
export const HARMLESS = new RegExp(
  `^(severity[ =\\t]+((${FACILITIES})\\.)?(${LEVELS})|(spawn|banners)[ =\\t]+\\S.*|nice([ =\\t]+\\d+)?|umask[ =\\t]+[0-7]+|keepalive)$`,
  'i',
)

/** What is wrong with an option; null where libwrap takes it. At one that it does not take it keeps out whoever the rule matches. */
export function optionFault(option: string, isLast: boolean): Safe | null {
  const [, name = '', value = ''] = /^([^= \t\r]*)[ \t\r]*=?[ \t\r]*(.*)$/s.exec(option) ?? []
  if (name === '') return say`an option is empty`
  const known = OPTIONS[name.toLowerCase()]
  if (!known) return say`${safe(name, 40)} is no option of hosts_options(5)`
  if (known.last && !isLast) return say`${safe(name)} has to be the last option`
  if (known.value === null) return value === '' ? null : say`nothing follows ${safe(name)}`
  if (value === '') return known.may ? null : say`something has to follow ${safe(name)}`
  return known.value.test(value) ? null : say`${safe(name)} can’t be ${safe(value, 40)}`
}
