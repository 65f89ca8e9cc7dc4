import type { FileEdit, UnitEdit } from '../../model/areas.ts'
import type { Conflict } from '../../model/editing.ts'
import { sumOf } from '../../model/file-bytes.ts'
import { safe, say } from '../../model/safe.ts'
import { bytesOfFile, type ConfigFile, type DnsFacts, type NamedFacts } from './facts.ts'
import { writtenBy } from './understand.ts'

type Edit = FileEdit | UnitEdit

/** Facts with edits laid over them, one after the other; what no longer fits is left out and named. */
export function layDns(facts: DnsFacts, edits: readonly Edit[]) {
  const conflicts: Conflict<Edit>[] = []
  let after = facts
  for (const edit of edits) {
    const bind: NamedFacts | null = after.named
    const laid = bind && (edit.kind === 'unit' ? withUnit(bind, edit) : withFile(bind, edit))
    if (laid) after = { ...after, named: laid }
    else conflicts.push({ edit, reason: reasonOf(edit, after) })
  }
  return { after, conflicts }
}

/** The same, where nothing has to be said of what does not fit. */
export const relaid = (facts: DnsFacts, edits: readonly Edit[]): DnsFacts => layDns(facts, edits).after

const reasonOf = (edit: Edit, { named }: DnsFacts) =>
  named === null
    ? say`BIND is no longer there`
    : edit.kind === 'unit'
      ? say`there is no unit ${safe(edit.unit)} of BIND’s`
      : say`${safe(edit.path)} changed since, or can’t be read`

function withUnit(bind: NamedFacts, { unit, run, boot }: UnitEdit): NamedFacts | null {
  if (bind.unit?.name !== unit) return null
  return {
    ...bind,
    running: run === 'stop' ? false : run === 'start' || run === 'restart' ? true : bind.running,
    unit: {
      ...bind.unit,
      run: run === 'stop' ? 'inactive' : run === null ? bind.unit.run : 'active',
      boot: boot === 'disable' ? 'disabled' : boot === 'enable' ? 'enabled' : bind.unit.boot,
    },
  }
}

function withFile(bind: NamedFacts, edit: FileEdit): NamedFacts | null {
  const old = bind.files.find(({ path }) => path === edit.path)
  const was = old && bytesOfFile(old)
  if (!old || was === null || was !== edit.was || edit.text === null || bind.conf === null) return null
  const { text } = edit
  if (typeof old.seen !== 'object' || old.seen?.state !== 'file') return null
  const now: ConfigFile = { ...old, seen: { ...old.seen, bytes: text, sum: sumOf(text), size: text.length } }
  const files = bind.files.map((file) => (file === old ? now : file))
  const written = writtenBy(bind.conf, files)
  return {
    ...bind,
    files,
    understood: written.ok ? { config: written.value, fixed: null } : { broken: written.error },
  }
}
