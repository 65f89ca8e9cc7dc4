import { askedWords } from '../../../services/areas/tcpwrappers/ask.ts'
import { ownLogin } from '../../../services/areas/tcpwrappers/checks.ts'
import type { Decision } from '../../../services/areas/tcpwrappers/decide.ts'
import {
  ACCESS_FILES,
  ACCESS_PATHS,
  type AccessFile,
  type AccessLine,
  type TcpwrappersFacts,
} from '../../../services/areas/tcpwrappers/facts.ts'
import { type Fault, faultsOf } from '../../../services/areas/tcpwrappers/fault.ts'
import { linesIn, readLine } from '../../../services/areas/tcpwrappers/lines.ts'
import { type AccessRule, commandsOf, isRemark, ruleOf } from '../../../services/areas/tcpwrappers/rules.ts'
import type { Finding } from '../../../services/model/area.ts'
import type { StagedOf } from '../../../services/model/areas.ts'
import type { Merged } from '../../../services/model/editing.ts'
import { type FileBytes, textOf } from '../../../services/model/file-bytes.ts'
import type { HostFacts } from '../../../services/model/host.ts'
import { type Safe, safe } from '../../../services/model/safe.ts'
import { type FindingItem, findingItems } from '../../lists/finding-list.ts'
import type { StagedMark } from '../staged-mark.ts'

/** One of the two files, above its rules. */
export type AccessFileItem = {
  readonly kind: 'file'
  readonly id: string
  readonly search: () => string
  readonly file: AccessFile
  readonly path: Safe
  /** How many rules libwrap reads in it, as it is staged; null where there is no such file. */
  readonly rules: number | null
}

/** A rule, or a line that was meant as one. */
export type AccessRuleItem = {
  readonly kind: 'rule'
  readonly id: string
  readonly search: () => string
  readonly file: AccessFile
  readonly line: AccessLine
  /** What libwrap reads of it. */
  readonly text: string
  /** The first line of the file that it stands in, from 1; null for one that is staged for deletion. */
  readonly number: number | null
  /** What it says, as far as it is a rule. */
  readonly rule: AccessRule | null
  readonly fault: Fault | null
  /** What it has the server run. */
  readonly commands: readonly Safe[]
  readonly mark: StagedMark | null
  /** What the server has in its place, where that is another text. */
  readonly was: string | null
  /** What it makes of the operator's own next login; null where it does not decide about it. */
  readonly you: Decision['answer'] | null
  /** Whether its daemons ask these files here. */
  readonly asked: () => readonly Safe[]
}

export type AccessItem = FindingItem | AccessFileItem | AccessRuleItem

/** What libwrap reads of a line, as text. */
const textIn = (bytes: FileBytes): string => textOf(readLine(bytes).text)

/**
 * What needs the eye, the rules of both files in the order in which libwrap asks them, with those that are staged for deletion
 * where they stand now, and what is as it should be. `fixes` names the findings whose fix is staged.
 */
export function accessItems(
  merged: Merged<'tcpwrappers'>,
  changes: readonly StagedOf<'tcpwrappers'>[],
  findings: readonly Finding[],
  fixes: ReadonlySet<string>,
  host: HostFacts | null,
): readonly AccessItem[] {
  const judged = findingItems(findings, fixes)
  const decided = host && merged.after.sshdAsks !== false ? ownLogin(merged.after, host) : null
  const isOpen = ({ finding }: FindingItem): boolean => finding.outcome === 'fail' || finding.outcome === 'unknown'
  return [
    ...judged.filter(isOpen),
    ...ACCESS_FILES.flatMap((file) => fileItems(file, merged, movedIn(merged, changes, file), decided)),
    ...judged.filter((item) => !isOpen(item)),
  ]
}

function movedIn(
  { conflicts }: Merged<'tcpwrappers'>,
  changes: readonly StagedOf<'tcpwrappers'>[],
  file: AccessFile,
): ReadonlySet<string> {
  const failed = new Set(conflicts.map(({ edit }) => edit))
  return new Set(
    changes.flatMap(({ edit }) =>
      edit.kind === 'move' && edit.file === file && !failed.has(edit) ? [edit.lineId] : [],
    ),
  )
}

function fileItems(
  file: AccessFile,
  { base, after }: Merged<'tcpwrappers'>,
  moved: ReadonlySet<string>,
  decided: Decision | null,
): readonly AccessItem[] {
  const before = linesIn(base, file)
  const old = new Map(before.map(({ id, bytes }) => [id, bytes]))
  const lines = linesIn(after, file)
  const faults = faultsOf(file, lines)
  const rows: AccessItem[] = []
  const gone = deletedAfter(before, new Set(lines.map(({ id }) => id)), moved)
  const goneFaults = new Map(
    gone.size > 0 ? faultsOf(file, before).map((fault, at) => [before[at]?.id, fault] as const) : [],
  )
  const push = (line: AccessLine, rest: Pick<AccessRuleItem, 'number' | 'fault' | 'mark' | 'you'>): void => {
    const item = ruleItem(file, line, old.get(line.id) ?? null, rest, after)
    if (item.rule || item.fault) rows.push(item)
  }
  const pushGone = (anchor: string | null): void => {
    for (const line of gone.get(anchor) ?? [])
      push(line, { number: null, fault: goneFaults.get(line.id) ?? null, mark: 'deleted', you: null })
  }
  pushGone(null)
  let number = 1
  for (const [at, line] of lines.entries()) {
    const by = decided?.by?.file === file ? decided.by.rule : null
    const decides = by === 'broken' ? faults[at] !== null && !readLine(line.bytes).whole : by?.at === at
    const was = old.get(line.id)
    const mark = was === undefined ? 'added' : was !== line.bytes ? 'edited' : moved.has(line.id) ? 'moved' : null
    push(line, { number, fault: faults[at] ?? null, mark, you: decides && decided ? decided.answer : null })
    number += line.bytes.split('\n').length - 1
    pushGone(line.id)
  }
  const read = rows.filter(
    (one) => one.kind === 'rule' && one.number !== null && one.rule && one.fault?.word !== 'never read',
  )
  return [fileItem(file, after.files[file] === null ? null : read.length), ...rows]
}

/** Lines that go, by the one that stays before them. */
function deletedAfter(
  base: readonly AccessLine[],
  there: ReadonlySet<string>,
  moved: ReadonlySet<string>,
): ReadonlyMap<string | null, readonly AccessLine[]> {
  const gone = new Map<string | null, AccessLine[]>()
  let anchor: string | null = null
  for (const line of base) {
    if (!there.has(line.id)) gone.set(anchor, [...(gone.get(anchor) ?? []), line])
    else if (!moved.has(line.id)) anchor = line.id
  }
  return gone
}

const fileItem = (file: AccessFile, rules: number | null): AccessFileItem => ({
  kind: 'file',
  id: `file:${file}`,
  search: () => ACCESS_PATHS[file],
  file,
  path: safe(ACCESS_PATHS[file]),
  rules,
})

function ruleItem(
  file: AccessFile,
  line: AccessLine,
  before: FileBytes | null,
  rest: Pick<AccessRuleItem, 'number' | 'fault' | 'mark' | 'you'>,
  facts: TcpwrappersFacts,
): AccessRuleItem {
  const text = textIn(line.bytes)
  const rule = isRemark(text) ? null : ruleOf(text)
  return {
    kind: 'rule',
    id: ruleId(file, line.id),
    search: () => `${ACCESS_PATHS[file]} ${text}`,
    file,
    line,
    text,
    rule,
    commands: rule ? commandsOf(rule).map((command) => safe(command, 400)) : [],
    was: before === null || before === line.bytes ? null : textIn(before),
    asked: () => (rule ? daemonsNamed(rule).map((daemon) => askedWords(facts, daemon)) : []),
    ...rest,
  }
}

/** The row id of a line. */
export const ruleId = (file: AccessFile, lineId: string): string => `rule:${file}:${lineId}`

/** The daemons that a rule is about by name, a few of them. */
export function daemonsNamed({ daemons }: AccessRule): readonly string[] {
  const except = daemons.findIndex((word) => word.toUpperCase() === 'EXCEPT')
  const names = (except < 0 ? daemons : daemons.slice(0, except)).map((word) => word.split('@')[0] ?? '')
  return [...new Set(names)].filter((name) => /^[\w.+-]+$/.test(name) && !/^(all|\d+)$/i.test(name)).slice(0, 3)
}
