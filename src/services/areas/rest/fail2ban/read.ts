import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { isWhole, linesOf, partsOf } from '../../parts.ts'
import type { Fail2banFacts, Jail, JailAction } from '../facts.ts'

export function parseFail2ban(output: ProbeOutput): Result<Fail2banFacts, Safe> {
  if (!isWhole(output, 'status')) return fail(say`fail2ban did not answer in time`)
  const [installed, status = '', ...said] = linesOf(partsOf(output)('status'))
  if (installed !== 'installed') return ok({ installed: false })
  return ok({ installed: true, running: runningOf(status, said), configured: configuredOf(output) })
}

function runningOf(status: string, said: readonly string[]): Result<readonly string[] | null, Safe> {
  if (status === 'status 0') {
    const list = said.flatMap((line) => /Jail list:\s*(.*)$/.exec(line)?.[1] ?? [])[0]
    return list === undefined
      ? fail(say`fail2ban's answer was not understood`)
      : ok(list.split(/[,\s]+/).filter((name) => name !== ''))
  }
  const words = said.join(' ')
  // Its own words for a server that is not there; what else keeps it from answering is no proof of that.
  if (/Is fail2ban running\?|Failed to access socket path/i.test(words) && !/[Pp]ermission/.test(words)) return ok(null)
  return fail(say`fail2ban's server did not say: ${safe(said.at(-1) ?? status)}`)
}

function configuredOf(output: ProbeOutput): readonly Jail[] | null {
  const lines = isWhole(output, 'jails') ? linesOf(partsOf(output)('jails')) : []
  if (lines.at(-1) !== 'end') return null
  const jails = new Map<string, JailAction[]>()
  for (const line of lines) {
    const [, word, jail = '', name = '', ports] = /^(jail|action|port) (\S+)(?: (\S+))?(?: (.*))?$/.exec(line) ?? []
    if (word === undefined) continue
    const actions = jails.get(jail) ?? []
    jails.set(jail, actions)
    const own = actions.findIndex((one) => one.name === name)
    if (word === 'action' && own < 0) actions.push({ name, ports: null })
    else if (word === 'port') actions.splice(own < 0 ? actions.length : own, 1, { name, ports: ports ?? '' })
  }
  const places = placesOf(linesOf(partsOf(output)('lines')))
  return [...jails].map(([name, actions]) => ({ name, actions, at: places.get(name) ?? places.get('DEFAULT') ?? null }))
}

/** The last line that sets the ports of each section, in the order in which the files are read (jail.conf(5)). */
function placesOf(lines: readonly string[]): ReadonlyMap<string, Safe> {
  const places = new Map<string, Safe>()
  let section = ''
  for (const raw of lines) {
    const [, path = '', line = '', text = ''] = /^([^:]+):(\d+):(.*)$/.exec(raw) ?? []
    const [, name] = /^\[([^\]]*)\]/.exec(text) ?? []
    if (name !== undefined) section = name
    else if (text !== '') places.set(section, say`${safe(path, 120)}, line ${safe(line)}: ${safe(text, 100)}`)
  }
  return places
}
