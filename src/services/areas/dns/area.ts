import { readEnd, same } from '../../model/addresses.ts'
import type { Area } from '../../model/area.ts'
import type { ProbeOutput } from '../../model/command.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { fileOf } from '../file-part.ts'
import { endedLines, isWhole, linesOf, partsOf } from '../parts.ts'
import { dnsChecks } from './checks.ts'
import { configOf } from './config/named.ts'
import { printedOf, statementsOf } from './config/statements.ts'
import { dnsEditing } from './editing.ts'
import type { ConfigFile, DnsFacts, NamedFacts, Understood } from './facts.ts'
import { ownAddresses } from './own.ts'
import probeScript from './probe.sh'
import { agreed, writtenBy } from './understand.ts'

/** Who answers questions about names: BIND by its configuration, anybody by whether he answers from outside. */
export const dns: Area<'dns'> = {
  id: 'dns',
  probes: [{ id: 'dns', script: probeScript, timeoutSeconds: 25, capBytes: 4 * 1024 * 1024 }],
  checks: dnsChecks,
  editing: dnsEditing,
  parse: (outputs, { session }, readAt) => {
    const output = outputs('dns')
    if (!output) return { state: 'unread' }
    const ended = (name: string): readonly string[] | null => endedLines(output, name)
    const about = ended('named')
    if (!about) return { state: 'unreadable', reason: say`what there is of BIND could not be read to its end` }
    const made = ended('made')?.map((line) => line.split(' ')) ?? []
    const lines = ended('own')
    const own = lines && ownAddresses(lines)
    // Where the operator comes in is no network of the host's own either.
    const entered = readEnd(session.serverAddress)
    const outward = new Set([
      ...made.flatMap(([word, name]) => (word === 'default' && name ? [name] : [])),
      ...(own ?? []).flatMap((one) => (entered && same(one.address, entered) ? [one.interface] : [])),
    ])
    const facts: DnsFacts = {
      readAt,
      named: namedOf(output, about),
      own,
      made: made.flatMap(([word, name]) => (word === 'made' && name && !outward.has(name) ? [name] : [])),
      resolvers: ended('resolvers'),
      outside: null,
    }
    return { state: 'present', readAt, facts }
  },
}

function namedOf(output: ProbeOutput, about: readonly string[]): NamedFacts | null {
  const said = (word: string): string | null =>
    about.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? null
  const program = said('program')
  if (program === null) return null
  const version = said('version')
  const [conf, chroot] = [said('conf'), said('chroot') ?? '']
  const files = filesOf(output, chroot)
  const whole = endedLines(output, 'paths') !== null && files.every(({ seen }) => seen !== null)
  return {
    program: safe(program),
    version: version === null ? null : safe(version, 200),
    release: /\b(\d+\.\d+\.\d+)/.exec(version ?? '')?.[1] ?? null,
    running: said('pid') !== null,
    unit: unitOf(endedLines(output, 'unit') ?? []),
    chroot,
    conf,
    understood: understoodOf(output, conf, about, files, whole),
    files,
    whole,
  }
}

function unitOf(lines: readonly string[]): NamedFacts['unit'] {
  let unit: Record<string, string> = {}
  for (const line of lines) {
    const [word = '', ...rest] = line.split('=')
    if (word === 'Id') unit = {}
    unit[word] = rest.join('=')
    const { Id: name, LoadState, ActiveState: run, UnitFileState: boot } = unit
    if (LoadState === 'loaded' && name && run && boot !== undefined) return { name, run, boot: boot || 'static' }
  }
  return null
}

function filesOf(output: ProbeOutput, chroot: string): readonly ConfigFile[] {
  const part = partsOf(output)
  const files: ConfigFile[] = []
  for (let number = 1; output.parts.has(`path.${number}`); number++) {
    const [called = '', secret] = linesOf(part(`path.${number}`))
    const seen = secret === 'secret' ? 'secret' : fileOf(output, `file.${number}`)
    files.push({ called, path: `${chroot}${called}`, seen })
  }
  return files
}

/** Of what named-checkconf prints, as of a file (file-part.sh). Bytes. */
const LONGEST = 262_144

/** The last of what it said that is no mere warning; nothing marks those. */
const refusalOf = (printed: string): string =>
  linesOf(printed).findLast((line) => !/deprecated|obsolete|not recommended/.test(line)) ?? 'it does not say why'

function understoodOf(
  output: ProbeOutput,
  conf: string | null,
  about: readonly string[],
  files: readonly ConfigFile[],
  whole: boolean,
): Understood | { readonly broken: Safe } {
  if (about.includes('odd')) return { broken: say`its configuration lies at a path with odd characters` }
  if (conf === null) return { broken: say`no named.conf was found` }
  const text = isWhole(output, 'printed') ? partsOf(output)('printed') : ''
  const [, printed = '', status] = /^([\s\S]*)\nstatus (\d+)$/.exec(text) ?? []
  if (text.startsWith('no named-checkconf')) return { broken: say`there is no named-checkconf here to print it` }
  if (status === undefined) return { broken: say`named-checkconf did not print it to its end` }
  if (status !== '0') return { broken: say`named-checkconf refuses it: ${safe(refusalOf(printed), 200)}` }
  if (printed.length > LONGEST) return { broken: say`it is too long to be read here` }
  const statements = statementsOf(conf, printedOf(printed))
  if (!statements.ok) return { broken: statements.error }
  return agreed(configOf(statements.value), writtenBy(conf, files), whole)
}
