import { type FileBytes, textOf } from '../../model/file-bytes.ts'
import { linesOf, readLine } from './lines.ts'

/** One rule: the daemons and clients it is about, and what hosts_options(5) adds. */
export type AccessRule = {
  readonly daemons: readonly string[]
  readonly clients: readonly string[]
  readonly options: readonly string[]
}

/** A rule of a file, and which of its lines it is, from 0. */
export type PlacedRule = AccessRule & { readonly at: number }

/** What hosts_options(5) has a rule run: beside its answer (spawn), for it (aclexec), in the daemon's place (twist). */
export const commandsOf = ({ options }: AccessRule): readonly string[] =>
  options.filter((option) => /^(spawn|twist|aclexec)\b/i.test(option))

/** The rules of a file; `broken`: libwrap gives up within it, and takes none of what follows. */
export type AccessRules = { readonly rules: readonly PlacedRule[]; readonly broken: boolean }

/**
 * The rules of a file as libwrap reads them: `#` and blank lines, and those without `:`, are skipped. At a line that is too
 * long, or a last one without a line end, it gives the file up.
 */
export function rulesOf(file: FileBytes | null): AccessRules {
  const rules: PlacedRule[] = []
  for (const [at, { bytes }] of linesOf(file).entries()) {
    const { text, whole } = readLine(bytes)
    if (!whole) return { rules, broken: true }
    const rule = ruleOf(textOf(text))
    if (rule) rules.push({ ...rule, at })
  }
  return { rules, broken: false }
}

/** Whether libwrap passes over a line by what it begins with. */
export const isRemark = (line: string): boolean => line.startsWith('#') || /^[ \t\r\n]*$/.test(line)

/** The rule that a line is; null for a line that libwrap skips. */
export function ruleOf(line: string): AccessRule | null {
  if (isRemark(line)) return null
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
