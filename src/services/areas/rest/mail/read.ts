import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { endedLines } from '../../parts.ts'
import type { EximFacts, MailFacts } from '../facts.ts'

/** Reads what the probe printed of exim. */
export function parseMail(output: ProbeOutput): Result<MailFacts, Safe> {
  const lines = endedLines(output, 'exim')
  if (!lines) return fail(say`exim did not answer in time`)
  if (!lines.some((line) => line.startsWith('program '))) return ok({ exim: null })
  const lists = new Map<string, string>()
  for (const line of lines) {
    // hostlist relay_from_hosts = : 127.0.0.1; local_interfaces = …
    const [, name, value = ''] = /^says (?:(?:host|domain)list )?(\w+) =(.*)$/.exec(line) ?? []
    if (name !== undefined) lists.set(name, value.trim())
  }
  return ok({
    exim: {
      lists,
      written: lines.flatMap((line) => {
        const [, path = '', number = '', text = ''] = /^line ([^:]+):(\d+):(.*)$/.exec(line) ?? []
        return path === '' ? [] : [say`${safe(path)}, line ${safe(number)}: ${safe(text, 160)}`]
      }),
      answer: answerOf(endedLines(output, 'session') ?? []),
    },
  })
}

/**
 * What it said to a recipient elsewhere: of its answers (the last line of each has a blank behind the number) the one after
 * the greeting, that to EHLO and that to MAIL.
 */
function answerOf(lines: readonly string[]): EximFacts['answer'] {
  const answers = lines.filter((line) => /^\d{3} /.test(line))
  const [greeting = '', hello = '', sender = '', recipient] = answers
  if (![greeting, hello, sender].every((line) => line.startsWith('2'))) return null
  return recipient === undefined ? null : { code: Number(recipient.slice(0, 3)), words: safe(recipient, 160) }
}
