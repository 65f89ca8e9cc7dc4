import type { AuthorizedKey, KeyOption } from '../../../model/account-facts.ts'
import { safe, say } from '../../../model/safe.ts'

const FLAGS = [
  ...['restrict', 'cert-authority'],
  ...[
    'port-forwarding',
    'agent-forwarding',
    'x11-forwarding',
    'pty',
    'user-rc',
    'touch-required',
    'verify-required',
  ].flatMap((name) => [name, `no-${name}`]),
]
const VALUED = ['command', 'principals', 'from', 'expiry-time', 'environment', 'permitopen', 'permitlisten', 'tunnel']
/** What a line may have once (auth-options.c of sshd). */
const ONCE = ['command', 'principals', 'from']

type Read = Pick<AuthorizedKey, 'options' | 'problem'>

/**
 * Reads the options of a line of authorized_keys(5), as sshauthopt_parse of sshd does: names in any case, values in
 * quotes, in which `\"` is a quote. With an option that is not one sshd refuses the key.
 */
export function readOptions(text: string): Read {
  const options: KeyOption[] = []
  const broken = (words: NonNullable<Read['problem']>['words']): Read => ({
    options,
    problem: { kind: 'broken', words },
  })
  let strange: Read['problem'] = null
  let at = 0
  while (at < text.length) {
    const name = (/^[^,="]*/.exec(text.slice(at))?.[0] ?? '').toLowerCase()
    at += name.length
    let value: string | null = null
    if (text[at] === '=') {
      if (text[at + 1] !== '"') return broken(say`the value of ${safe(name, 40)} is not in quotes`)
      const quoted = /^"((?:\\"|[^"])*)"/s.exec(text.slice(at + 1))
      if (!quoted) return broken(say`the value of ${safe(name, 40)} is not closed`)
      value = (quoted[1] as string).replaceAll('\\"', '"')
      at += 1 + quoted[0].length
    }
    if (value === null ? !FLAGS.includes(name) : !VALUED.includes(name)) {
      // A valued word without its value, or the other way round, is none in any release.
      if (FLAGS.includes(name) || VALUED.includes(name) || !/^[a-z0-9@.-]+$/.test(name))
        return broken(say`${safe(name, 40)} is no option`)
      strange ??= { kind: 'strange', words: say`the option ${safe(name, 40)} is not known here` }
    }
    if (ONCE.includes(name) && options.some((option) => option.name === name))
      return broken(say`${safe(name, 40)} is given twice`)
    options.push({ name, value })
    if (at === text.length) break
    if (text[at] !== ',') return broken(say`something stands behind ${safe(name, 40)}`)
    at += 1
    if (at === text.length) return broken(say`a comma stands at the end of the options`)
  }
  return { options, problem: strange }
}
