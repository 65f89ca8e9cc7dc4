import type { Block, NamedConfig, Statement, View } from '../facts.ts'
import { blockOf, named, wordAt } from './statements.ts'

/** What a configuration says. */
export function configOf(statements: readonly Statement[]): NamedConfig {
  const [options] = named(statements, 'options')
  const views = named(statements, 'view').flatMap((one): readonly View[] => {
    const word = one.items[1]
    const block = blockOf(one)
    if (word?.kind !== 'word' || !block || !['', 'in'].includes(wordAt(one, 2))) return []
    return [{ name: word.text, statements: block.statements, at: one.at }]
  })
  return {
    options: (options && blockOf(options)?.statements) ?? [],
    optionsStatement: options ?? null,
    acls: new Map(named(statements, 'acl').flatMap((one) => aclOf(one))),
    views: named(statements, 'view').length > 0 ? views : [{ name: '_default', statements }],
    statements,
  }
}

function aclOf(statement: Statement): readonly (readonly [string, Block])[] {
  const block = blockOf(statement)
  return block ? [[wordAt(statement, 1), block]] : []
}

/** The statement that counts in a view: its own, else that of the options. Null: neither has it. */
export const settingOf = (config: NamedConfig, view: View | null, keyword: string): Statement | null =>
  (view ? named(view.statements, keyword)[0] : null) ?? named(config.options, keyword)[0] ?? null

/** What named takes for a boolean; null for what is none. */
export const booleanOf = (statement: Statement): boolean | null => {
  const word = wordAt(statement, 1)
  if (['yes', 'true', '1'].includes(word)) return true
  return ['no', 'false', '0'].includes(word) ? false : null
}

/** A zone, with the view that it is in. */
export type Zone = { readonly name: string; readonly view: View; readonly statement: Statement; readonly type: string }

/** All zones of a configuration. */
export const zonesOf = ({ views }: NamedConfig): readonly Zone[] =>
  views.flatMap((view) =>
    named(view.statements, 'zone').flatMap((statement): readonly Zone[] => {
      const word = statement.items[1]
      const block = blockOf(statement)
      if (word?.kind !== 'word' || !block) return []
      const [type] = named(block.statements, 'type')
      return [{ name: word.text, view, statement, type: type ? wordAt(type, 1) : '' }]
    }),
  )

/** Those that this host answers for: what a zone's file or its primary says of them. */
export const isServed = ({ type, name }: Zone): boolean =>
  ['master', 'primary', 'slave', 'secondary'].includes(type) && !OWN.test(name.toLowerCase())

/** Zones that every resolver has for itself (RFC 6303). */
const OWN = /^(localhost|(0|127|255)\.in-addr\.arpa|(0\.){31}[01]\.ip6\.arpa)\.?$/
