import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandScript, writer } from '../../../src/services/host/shell.ts'
import { quote, words } from '../../../src/services/model/shell.ts'

const SHELLS = [['sh'], ['dash'], ['busybox', 'sh'], ['bash']].filter(
  ([file = '', ...args]) => spawnSync(file, [...args, '-c', ':']).status === 0,
)

const run = (shell: readonly string[], script: string): string => {
  const [file = '', ...args] = shell
  const ran = spawnSync(file, args, {
    input: script,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    maxBuffer: 1 << 27,
  })
  expect(ran.stderr.toString()).toBe('')
  return ran.stdout.toString()
}

const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((value) => !value.includes('\0'))
const nasty = fc.string({ unit: fc.constantFrom(...`'"\\$\`!*?[]{}~#&;|<>()\n\r\t -=%é\u{1f600}`), maxLength: 60 })

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('quoting for %s', (_name, shell) => {
  it('gives every argument back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, nasty), { minLength: 1, maxLength: 8 }), (values) => {
        const script = `for value in ${words(values)}; do printf '%s\\0' "$value"; done\n`
        expect(run(shell, script)).toBe(values.map((value) => `${value}\0`).join(''))
      }),
      { numRuns: 60 },
    )
  })

  it('writes text of any length byte for byte', () => {
    fc.assert(
      fc.property(fc.oneof(text, nasty), (value) => {
        expect(run(shell, `${writer(value)}\n`)).toBe(value)
      }),
      { numRuns: 40 },
    )
    const long = 'é\u{1f600} %s\\n \'"'.repeat(40_000)
    expect(run(shell, `${writer(long)}\n`)).toBe(long)
  })

  it('hands a long script over as one argument', () => {
    const script = `cat <<'END' | wc -c\n${"it's ".repeat(6_000)}\nEND`
    expect(run(shell, `${words(['sh', '-c', script])}\n`).trim()).toBe('30001')
  })

  it('feeds a command only its own text, whatever the script goes on with', () => {
    const script = commandScript('B', { argv: ['cat'], stdin: 'no newline at the end' }, 10)
    const [file = '', ...args] = shell
    const ran = spawnSync(file, args, { input: script, encoding: 'utf8' })
    expect(ran.stdout).toBe('\nB begin out\nno newline at the end\nB end out 0\n')
    expect(ran.stderr).toBe('\nB begin err\n\nB end err 0\n')
  })
})

describe('quoting', () => {
  it('leaves nothing outside quotes', () => {
    expect(quote('')).toBe("''")
    expect(quote("a'b")).toBe("'a'\\''b'")
  })
})
