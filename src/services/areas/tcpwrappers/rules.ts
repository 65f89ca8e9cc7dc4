import { type FileBytes, textOf } from '../../model/file-bytes.ts'

/** One rule: the daemons and clients it is about, and what hosts_options(5) adds. */
export type AccessRule = {
  readonly daemons: readonly string[]
  readonly clients: readonly string[]
  readonly options: readonly string[]
}

/** What hosts_options(5) has a rule run: beside its answer (spawn), for it (aclexec), in the daemon's place (twist). */
export const commandsOf = ({ options }: AccessRule): readonly string[] =>
  options.filter((option) => /^(spawn|twist|aclexec)\b/i.test(option))

/** The rules of a file; `broken`: libwrap gives up within it, and takes none of what follows. */
export type AccessRules = { readonly rules: readonly AccessRule[]; readonly broken: boolean }

/** Bytes of a line that libwrap reads (BUFLEN of tcpd.h). */
const LONGEST = 2046

/**
 * The rules of a file as libwrap reads them: a backslash at the end goes on in the next line, as whatever stands before a
 * NUL does; `#` and blank lines, and those without `:`, are skipped. At a line that is too long, or a last one without a
 * line end, it gives the file up.
 */
export function rulesOf(file: FileBytes | null): AccessRules {
  const lines = (file ?? '').split('\n')
  const unended = lines.pop() ?? ''
  const rules: AccessRule[] = []
  let begun = ''
  for (const line of lines) {
    const text = begun + beforeNul(line)
    if (text.length > LONGEST) return { rules, broken: true }
    const cut = line.includes('\0')
    const goesOn = cut || line.endsWith('\\')
    begun = !goesOn ? '' : cut ? text : text.slice(0, -1)
    const rule = goesOn ? null : ruleOf(textOf(text as FileBytes))
    if (rule) rules.push(rule)
  }
  return { rules, broken: begun + beforeNul(unended) !== '' }
}

const beforeNul = (line: string): string => line.split('\0', 1)[0] ?? ''

function ruleOf(line: string): AccessRule | null {
  if (line.startsWith('#') || line.trim() === '') return null
  const [daemons, clients, ...options] = fieldsOf(line)
  if (daemons === undefined || clients === undefined) return null
  return { daemons: wordsOf(daemons), clients: wordsOf(clients), options: options.map((option) => option.trim()) }
}

const wordsOf = (list: string): readonly string[] => list.split(/[ ,\t\r]+/).filter((word) => word !== '')

/** The fields of a rule. A colon inside of `[…]` is an IPv6 address's; one behind a backslash is an option's own. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = []
  let field = ''
  let depth = 0
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string
    if (char === '\\' && line[at + 1] === ':') {
      field += ':'
      at++
    } else if (char === ':' && depth === 0) {
      fields.push(field)
      field = ''
    } else {
      if (char === '[') depth++
      if (char === ']') depth--
      field += char
    }
  }
  return [...fields, field]
}
