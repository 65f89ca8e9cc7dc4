import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { endedLines } from '../../parts.ts'
import type { ServicesFacts } from '../facts.ts'

export function parseServices(output: ProbeOutput): Result<ServicesFacts, Safe> {
  const [ages, vsftpd] = [endedLines(output, 'ages'), endedLines(output, 'vsftpd')]
  if (!ages || !vsftpd) return fail(say`it was not read to its end`)
  return ok({
    postfix: postfixOf(output),
    vsftpd: vsftpdOf(vsftpd),
    ...agesOf(ages),
  })
}

function postfixOf(output: ProbeOutput): ServicesFacts['postfix'] {
  const lines = endedLines(output, 'postfix')
  if (!lines) return null
  const settings = new Map<string, string>()
  const services: Safe[] = []
  for (const line of lines) {
    if (line.startsWith('service ')) services.push(safe(line.slice('service '.length), 200))
    else {
      const at = line.indexOf(' =')
      if (at > 0) settings.set(line.slice(0, at), line.slice(at + 2).trim())
    }
  }
  return { settings, services }
}

function vsftpdOf(lines: readonly string[]): ServicesFacts['vsftpd'] {
  if (!lines.includes('installed')) return null
  const settings = new Map<string, { readonly value: string; readonly at: Safe }>()
  for (const line of lines) {
    const [, path = '', number = '', name, value = ''] = /^([^:]+):(\d+):(\w+)=(.*)$/.exec(line) ?? []
    if (name !== undefined)
      settings.set(name, { value, at: say`${safe(path, 120)}, line ${safe(number)}: ${safe(name)}=${safe(value, 40)}` })
  }
  return { settings, readable: !lines.includes('unread') }
}

function agesOf(lines: readonly string[]): Pick<ServicesFacts, 'aide' | 'clamav' | 'tripwire'> {
  const now = Number(lines.flatMap((line) => /^now (\d+)$/.exec(line)?.[1] ?? [])[0] ?? 0)
  const filesOf = (word: string): readonly { readonly path: Safe; readonly age: number }[] =>
    lines.flatMap((line) => {
      const [, of, at = '', path = ''] = /^(\w+) (\d+) (\/.*)$/.exec(line) ?? []
      return of === word ? [{ path: safe(path, 120), age: Math.max(0, now - Number(at)) }] : []
    })
  const all = (word: string): readonly Safe[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [safe(line.slice(word.length + 1), 120)] : []))
  const has = new Set<string>(all('has'))
  return {
    aide: has.has('aide')
      ? { files: filesOf('aide'), jobs: all('job'), readable: !lines.includes('closed aide') }
      : null,
    clamav:
      has.has('freshclam') || has.has('clamscan') ? { files: filesOf('clamav'), processes: all('process') } : null,
    tripwire: has.has('tripwire')
      ? {
          databases: filesOf('database'),
          report: filesOf('report')[0] ?? null,
          jobs: all('watches'),
          readable: !lines.includes('closed tripwire'),
        }
      : null,
  }
}
