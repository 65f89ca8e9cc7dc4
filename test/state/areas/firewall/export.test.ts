import { describe, expect, test } from 'vitest'
import { fail, type Result } from '../../../../src/services/model/errors.ts'
import { type Safe, say } from '../../../../src/services/model/safe.ts'
import { cursorTo, keysOf, type Options } from '../../../support/headless.ts'
import { someTexts } from '../../../support/probe-texts.ts'

const { firewall } = someTexts()
async function onRules(options: Options = {}) {
  const bench = await keysOf(options)
  await bench.press('2')
  return bench
}

describe('E', () => {
  test('writes the rules as they are, and then with what is staged in them', async () => {
    const bench = await onRules()
    await bench.press('E')
    expect(bench.said()).toBe('The live rules are in ./hardtui-web1.sh.')
    expect(bench.scripts[0]).toContain('old database')
    expect(bench.scripts[0]).toContain('2026-11-23')
    cursorTo(bench, '3306')
    await bench.press('x', 'E')
    expect(bench.said()).toBe('The staged rules are in ./hardtui-web1.sh.')
    expect(bench.scripts[1]).not.toContain('old database')
  })

  test('says why nothing was written', async () => {
    const full: Result<Safe, Safe> = fail(say`the disk is full`)
    const bench = await onRules({ saveScript: async () => full })
    await bench.press('E')
    expect(bench.said()).toBe('The script was not written: the disk is full')
    const none = await onRules({ saveScript: null })
    await none.press('E')
    expect(none.said()).toBe('E (export as script): this console may not write files here.')
  })

  test.each([
    ['another program owns the rules', { managers: 'ufw' }, 'ufw'],
    [
      'there are no rules',
      { 'iptables-status': 'absent', 'ip6tables-status': 'absent' },
      'there are no rules to write: ',
    ],
  ])('is refused where %s', async (_name, parts, words) => {
    const bench = await onRules({ texts: { firewall: { ...firewall, ...parts } } })
    await bench.press('E')
    expect([bench.scripts, bench.said()]).toEqual([[], expect.stringContaining(words)])
  })

  test('is refused while something staged does not fit the rules', async () => {
    const bench = await onRules()
    cursorTo(bench, '3306')
    await bench.press('x')
    const iptables =
      firewall.iptables
        ?.split('\n')
        .filter((line) => !line.includes('3306'))
        .join('\n') ?? ''
    bench.server.texts = { ...bench.server.texts, firewall: { ...firewall, iptables } }
    await bench.press('R', 'E')
    expect([bench.scripts, bench.said()]).toEqual([
      [],
      'E (export as script): something staged no longer fits the rules (the rule is gone): s shows it.',
    ])
  })
})

describe('w', () => {
  test('writes what is staged, or says why not', async () => {
    const bench = await onRules()
    cursorTo(bench, '3306')
    await bench.press('x', 's', 'w')
    expect([bench.said(), bench.scripts]).toEqual([
      'Written to ./hardtui-web1.sh.',
      [
        expect.stringContaining(
          "iptables-restore --noflush -w 5 <<'HARDTUI_END'\n*filter\n-D INPUT 5\nCOMMIT\nHARDTUI_END\n",
        ),
      ],
    ])
    const full: Result<Safe, Safe> = fail(say`the disk is full`)
    const other = await onRules({ saveScript: async () => full })
    cursorTo(other, '3306')
    await other.press('x', 's', 'w')
    expect(other.said()).toBe('The script was not written: the disk is full')
  })

  test('writes nothing where nothing is staged, or nothing may be written', async () => {
    const bench = await onRules()
    bench.console.actions.writeScript()
    expect(bench.scripts).toEqual([])
    const none = await onRules({ saveScript: null })
    cursorTo(none, '3306')
    await none.press('x', 's', 'w')
    expect(none.said()).toBe('w (write script): this console may not write files here.')
    none.console.actions.writeScript()
    expect(none.said()).toBe('w (write script): this console may not write files here.')
  })
})
