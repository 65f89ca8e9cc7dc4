import { type Address, readEnd } from '../../../model/addresses.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { word, words } from './formats.ts'
import type { Format } from './keyword.ts'
import { isBefore } from './release.ts'

const NAME = /^[A-Za-z0-9@._-]+$/
const PATTERN = /^!?[A-Za-z0-9@._*?-]+$/

/**
 * Names of algorithms: a list of its own, or what it takes from the defaults (`-`), adds to them (`+`) or puts first
 * (`^`). `patterns`: names may have wildcards in a list of its own too.
 */
export const algorithms = ({ patterns = false }: { readonly patterns?: boolean } = {}): Format => ({
  of: 'algorithms',
  choices: [],
  ...word(
    (text) => {
      const names = text.replace(/^[-+^]/, '').split(',')
      const form = patterns || text.startsWith('-') ? PATTERN : NAME
      const wrong = names.find((name) => !form.test(name))
      if (wrong === '') return say`a name between two commas is missing`
      return wrong === undefined ? null : say`${safe(wrong)} is no name of an algorithm`
    },
    (text) => (/^[-+^]|[*?!]/.test(text) ? null : [...new Set(text.split(','))].join(',')),
  ),
})

/** What is wrong with a list of addresses: sshd refuses networks whose mask does not fit them. */
export function badAddresses(list: string): Safe | null {
  for (const item of list.split(',')) {
    const [address = '', length, ...more] = item.replace(/^!/, '').split('/')
    if (address === '' || more.length > 0) return say`an address is missing or broken`
    if (length === undefined) continue
    const base = readEnd(address)
    if (base === null) return say`${safe(address)} is no address`
    const most = typeof base === 'number' ? 32 : 128
    if (!/^\d+$/.test(length) || Number(length) > most) return say`/${safe(length)} is no length of a network`
    if (hasHostBits(base, Number(length))) return say`${safe(item)} has bits set behind its length`
  }
  return null
}

function hasHostBits(address: Address, length: number): boolean {
  const parts = typeof address === 'number' ? [address >>> 16, address & 0xffff] : address
  return parts.some((part, i) => (part & (0xffff >>> Math.min(16, Math.max(0, length - 16 * i)))) !== 0)
}

/** Patterns of user names, each perhaps with where it may come from: `ops`, `deploy@10.0.0.0/8`. */
export const users: Format = {
  of: 'users',
  choices: [],
  ...words(
    (one) => {
      const at = one.lastIndexOf('@')
      if (at === 0) return say`a name before the @ is missing`
      return at < 0 ? null : badAddresses(one.slice(at + 1))
    },
    { each: true },
  ),
}

/** Patterns of group names; numbers are none. */
export const groups: Format = { of: 'groups', choices: [], ...words(() => null, { each: true }) }

/** Networks and patterns between commas. */
export const addresses = (none: string): Format => ({
  of: 'addresses',
  choices: [{ value: 'none', means: none }],
  ...word((text) => (text === 'none' ? null : badAddresses(text))),
})

/** Files between blanks. */
export const paths = (none: string): Format =>
  untilSilent('10.1', {
    of: 'paths',
    choices: [{ value: 'none', means: none }],
    ...words(() => null, { alone: ['none'] }),
  })

/** `none` is printed up to a release that says nothing of it, and no more is known from there on. */
export const untilSilent = (release: string, format: Format): Format => ({
  ...format,
  printed: (value, version = null) =>
    /^none$/i.test(value.trim()) && version !== null && !isBefore(version, release)
      ? null
      : format.printed(value, version),
})
