import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readArguments } from '../../src/command-line/arguments.ts'
import { type Explained, explain, explainedChecks } from '../../src/command-line/explain.ts'
import { main } from '../../src/command-line/main.ts'

const DOC = 'docs/findings.md'

const entry = ({ id, severity, title, expected, rationale, references, fixable, noFix }: Explained): string =>
  [
    `### ${id}`,
    '',
    `**${title}.** ${severity}; expected: ${expected}.`,
    '',
    rationale,
    '',
    fixable
      ? `Fix: the console stages one${noFix === null ? '' : `; where it has none: ${noFix}`}.`
      : `Fix: by hand${noFix === null ? '' : `: ${noFix}`}.`,
    `Sources: ${references.join(' · ')}`,
    '',
  ].join('\n')

function doc(): string {
  const checks = explainedChecks()
  const panes = [...new Set(checks.map(({ pane }) => pane))]
  const text = panes.map((pane) =>
    [`## ${pane}`, '', ...checks.filter((one) => one.pane === pane).map(entry)].join('\n'),
  )
  return [
    '# Findings',
    '',
    `What the console looks at: ${checks.length} checks, with what is expected, why it matters, and where the advice comes from. Made from`,
    'the tables of checks; `hardtui explain ID` prints the same. Ids stay.',
    '',
    ...text,
  ].join('\n')
}

test('docs/findings.md is what the checks say', () => {
  if (process.env.WRITE_KEYS) writeFileSync(DOC, doc())
  else expect(readFileSync(DOC, 'utf8')).toBe(doc())
})

test('every check has an id of its own, and words that stand alone', () => {
  const checks = explainedChecks()
  expect(new Set(checks.map(({ id }) => id.toLowerCase())).size).toBe(checks.length)
  for (const { id, title, expected, rationale, references } of checks) {
    expect(id).toMatch(/^[A-Z]+-[\w-]+$/)
    expect([id, title.length > 0, expected.length > 0, /[.:)]$/.test(rationale)]).toEqual([id, true, true, true])
    expect([id, references.length > 0]).toEqual([id, true])
    // What says where advice comes from is something that a reader can find.
    expect([id, references.filter((one) => /^(routine )?S\d+$/.test(one))]).toEqual([id, []])
  }
})

describe('explain', () => {
  test('an id in any case, whole or the only one with that part', () => {
    for (const id of ['SSH-PermitRootLogin', 'ssh-permitrootlogin', 'PermitRootL']) {
      const text = explain(id)
      expect(text).toMatch(/^SSH-PermitRootLogin\n {4}Root can log in directly\n\npane {6}SSH\nseverity {2}high\n/)
      for (const line of text?.split('\n') ?? []) expect(line.length).toBeLessThanOrEqual(80)
    }
  })

  test('a part of several, and none at all, lists them', () => {
    expect(explain('dns-open')?.split('\n')[0]).toBe('DNS-open-resolver')
    expect(explain('resolver')).toMatch(/^DNS-open-resolver +high +\S.*\nDNS-other-resolver +\S.*\n$/)
    expect(explain(null)?.trimEnd().split('\n')).toHaveLength(explainedChecks().length)
  })

  test('what no check is called is a usage error', async () => {
    expect(explain('nix-da')).toBeNull()
    expect(await main(['explain', 'nix-da'])).toBe(2)
  })

  test('takes one id or none', () => {
    expect(readArguments(['explain'])).toMatchObject({ value: { verb: 'explain', id: null } })
    expect(readArguments(['explain', 'FW-x'])).toMatchObject({ value: { verb: 'explain', id: 'FW-x' } })
    expect(readArguments(['explain', 'a', 'b'])).toMatchObject({ ok: false })
  })
})
