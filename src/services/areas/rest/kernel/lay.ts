import type { Conflict } from '../../../model/editing.ts'
import { ok } from '../../../model/errors.ts'
import { bytesOf, type FileBytes, textOf } from '../../../model/file-bytes.ts'
import { safe, say } from '../../../model/safe.ts'
import type { KernelFacts, RestEdit, SysctlLine } from '../facts.ts'
import { OWN_FILE } from './read.ts'
import { nameOf, readSysctlLine } from './sysctl-files.ts'

const HEAD = `# How the kernel treats packets, set with hardtui.
# Read at boot after files whose names come before this one's (sysctl.d(5)); at once: sysctl -p ${OWN_FILE}
`

/** Lays settings over what the kernel runs with and over our file, which keeps what else is in it byte for byte. */
export function layKernel(facts: KernelFacts, edits: readonly RestEdit[]) {
  const conflicts: Conflict<RestEdit>[] = []
  let after = facts
  for (const edit of edits) {
    const { own } = after
    if (!own.ok) conflicts.push({ edit, reason: own.error })
    else if (edit.kind === 'restore') {
      if (own.value === edit.over) after = withFile(after, edit.bytes)
      else conflicts.push({ edit, reason: say`the file changed since` })
    } else if (!after.values.has(edit.key))
      conflicts.push({ edit, reason: say`the kernel has no ${safe(nameOf(edit.key))} any more` })
    else {
      const values = new Map(after.values).set(edit.key, edit.value)
      after = withFile({ ...after, values }, withSetting(own.value, edit))
    }
  }
  return { after, conflicts }
}

/** The line in place of the first that sets the same, without any others that do; else behind all of them. */
function withSetting(bytes: FileBytes | null, { key, value }: Extract<RestEdit, { kind: 'set' }>): FileBytes {
  const line = lineOf(key, value)
  const lines = (bytes ?? HEAD).split('\n')
  const places = lines.flatMap((raw, at) => (readSysctlLine(OWN_FILE, at + 1, raw)?.key === key ? [at] : []))
  const [first] = places
  if (first !== undefined)
    return lines
      .flatMap((raw, at) => (at === first ? [line] : places.includes(at) ? [] : [raw]))
      .join('\n') as FileBytes
  const text = bytes ?? bytesOf(HEAD)
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n` as FileBytes
}

/** An interface may be gone at the next boot, and that is no failure then: the dash says so (sysctl.d(5)). */
const lineOf = (key: string, value: number): string =>
  `${/\/conf\/(?!all\/|default\/)/.test(key) ? '-' : ''}${nameOf(key)} = ${value}`

function withFile(facts: KernelFacts, bytes: FileBytes | null): KernelFacts {
  const { boot } = facts
  if (!boot.ok) return { ...facts, own: ok(bytes) }
  const { reader, paths, lines } = boot.value
  const own = bytes === null ? [] : linesIn(bytes)
  const others = paths.filter((path) => path !== OWN_FILE)
  return {
    ...facts,
    own: ok(bytes),
    boot: ok({
      reader,
      paths: bytes === null ? others : [OWN_FILE, ...others],
      lines: [...lines.filter(({ path }) => path !== OWN_FILE), ...own],
    }),
  }
}

const linesIn = (bytes: FileBytes): readonly SysctlLine[] =>
  textOf(bytes)
    .split('\n')
    .flatMap((raw, at) => readSysctlLine(OWN_FILE, at + 1, raw) ?? [])
