import type { Severity } from '../services/model/area.ts'
import type { AreaId } from '../services/model/areas.ts'
import { AREA_IDS, AREAS, VIEWS } from '../state/areas/table.ts'

/** What is told of a check without a host. */
export type Explained = {
  readonly id: string
  readonly area: AreaId
  /** Name of the pane that shows it. */
  readonly pane: string
  readonly severity: Severity
  readonly title: string
  readonly expected: string
  readonly rationale: string
  readonly references: readonly string[]
  readonly fixable: boolean
  /** Why there is no fix, or may be none. */
  readonly noFix: string | null
}

/** Every check of every area, in the order of the panes. */
export const explainedChecks = (): readonly Explained[] =>
  AREA_IDS.flatMap((area) =>
    AREAS[area].checks.map(({ id, severity, title, expected, rationale, references, fix, noFix }) => ({
      ...{ id, area, pane: VIEWS[area].title, severity, title, expected, rationale, references },
      fixable: fix !== undefined,
      noFix: noFix ?? null,
    })),
  )

/** Breaks words over lines of 80 columns behind an indentation. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > 80) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((one) => `${indent}${one}`).join('\n')
}

function textOf(check: Explained): string {
  const { id, title, pane, severity, expected, rationale, references, fixable, noFix } = check
  const fix = fixable
    ? `The console stages one with Space${noFix ? `; where it has none: ${noFix}` : ''}.`
    : `By hand${noFix ? `: ${noFix}` : ''}.`
  return [
    id,
    wrapped(title, '    '),
    '',
    `pane      ${pane}`,
    `severity  ${severity}`,
    `expected  ${expected}`,
    '',
    wrapped(rationale, ''),
    '',
    wrapped(`Fix: ${fix}`, ''),
    wrapped(`Sources: ${references.join(' · ')}`, ''),
    '',
  ].join('\n')
}

const listOf = (checks: readonly Explained[]): string => {
  const width = Math.max(...checks.map(({ id }) => id.length))
  return checks.map(({ id, severity, title }) => `${id.padEnd(width)}  ${severity.padEnd(8)}  ${title}\n`).join('')
}

/**
 * What a check looks at and why, by its id in any case; all of them, a line each, without one. `null`: no check has that
 * id, or part of it; where several have, those are listed.
 */
export function explain(id: string | null): string | null {
  const all = explainedChecks()
  if (id === null) return listOf(all)
  const wanted = id.toLowerCase()
  const exact = all.find((check) => check.id.toLowerCase() === wanted)
  if (exact) return textOf(exact)
  const near = all.filter((check) => check.id.toLowerCase().includes(wanted))
  const [only] = near
  if (!only) return null
  return near.length === 1 ? textOf(only) : listOf(near)
}
