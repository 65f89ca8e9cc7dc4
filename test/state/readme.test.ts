import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Context } from '../../src/state/bindings/binding.ts'
import { BINDINGS, CONTEXT_TITLES } from '../../src/state/bindings/table.ts'

const README = 'README.md'
const MARKS = /(<!-- keys: .* -->\n)[\s\S]*(<!-- end of keys -->)/

/** Dialogs and prompts say their few keys themselves. */
const shown = (context: Context): boolean => !context.startsWith('dialog.') && context !== 'question'
const cell = (text: string): string => text.replaceAll('|', '\\|')

function table(): string {
  const rows = BINDINGS.filter((one) => shown(one.context)).map(
    (one) =>
      `| ${CONTEXT_TITLES[one.context]} | ${one.keys.map((key) => `\`${cell(key)}\``).join(' ')} | ${cell(one.help)} |`,
  )
  return ['| where | keys | what they do |', '| --- | --- | --- |', ...rows, ''].join('\n')
}

test('the README has the keys of the binding table', () => {
  const text = readFileSync(README, 'utf8')
  const wanted = text.replace(MARKS, (_, start: string, end: string) => `${start}${table()}${end}`)
  if (process.env.WRITE_KEYS) writeFileSync(README, wanted)
  else expect(text).toBe(wanted)
})
