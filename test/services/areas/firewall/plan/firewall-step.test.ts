import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainText } from '../../../../../src/services/areas/firewall/chain-text.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { firewallStep } from '../../../../../src/services/areas/firewall/plan/firewall-step.ts'
import { ruleSetOf, saveText } from '../../../../support/rule-sets.ts'

const table = (name: string, ...lines: readonly string[]): string => `*${name}\n${lines.join('\n')}\nCOMMIT\n`
const step = (before: string, after: string) => firewallStep(parseRuleSet('v4', before), parseRuleSet('v4', after))
const lines = (before: string, after: string): readonly string[] =>
  step(before, after)?.diff.map(({ mark, text }) => `${mark} ${text}`) ?? []

const OPEN = table('filter', ':INPUT ACCEPT [0:0]')

describe('the step that changes rules', () => {
  test('is none where nothing changes', () => {
    expect(step(OPEN, OPEN)).toBeNull()
    expect(step('', OPEN)).toBeNull()
  })

  test('holds the touched chains as they are and shall be, the way there and the way back', () => {
    const made = step(OPEN, table('filter', ':INPUT DROP [0:0]', ':web - [0:0]', '-A web -j ACCEPT'))
    expect(made).toMatchObject({
      kind: 'rules',
      family: 'v4',
      title: 'firewall v4',
      delta: '*filter\n-N web\n-I web 1 -j ACCEPT\n-P INPUT DROP\nCOMMIT\n',
      inverse: '*filter\n-P INPUT ACCEPT\n-F web\n-X web\nCOMMIT\n',
      base: '*filter INPUT ACCEPT\n*filter web absent\n',
      planned: '*filter INPUT DROP\n*filter web -\n-A web -j ACCEPT\n',
    })
    expect(made?.commands[0]).toBe("iptables-restore --noflush -w 5 <<'RULES'")
    expect(made?.commands.at(-1)).toBe('RULES')
    const other = firewallStep(parseRuleSet('v6', OPEN), parseRuleSet('v6', table('filter', ':INPUT DROP [0:0]')))
    expect(other?.commands[0]).toBe("ip6tables-restore --noflush -w 5 <<'RULES'")
  })

  test('leads back out of a table that was not there', () => {
    const made = step(OPEN, OPEN + table('raw', ':PREROUTING ACCEPT [0:0]', '-A PREROUTING -j NOTRACK'))
    expect(made?.inverse).toBe('*raw\n-D PREROUTING 1\nCOMMIT\n')
    expect(made?.base).toBe('*raw PREROUTING ACCEPT\n')
  })

  test('rests on no more than the chains that it touches', () => {
    fc.assert(
      fc.property(saveText, saveText, (a, b) => {
        const [before, after] = [ruleSetOf(a), ruleSetOf(b)]
        const made = firewallStep(before, after)
        if (!made) return
        expect(made.base).toBe(chainText(before, made.touches))
        expect(made.planned).toBe(chainText(after, made.touches))
        expect(firewallStep(after, before)).toMatchObject({ delta: made.inverse, inverse: made.delta })
      }),
    )
  })
})

describe('its difference', () => {
  test.each([
    [
      'a policy',
      OPEN,
      table('filter', ':INPUT DROP [0:0]'),
      ['@ v4 filter INPUT', '- -P INPUT ACCEPT', '+ -P INPUT DROP'],
    ],
    [
      'a policy of a table that was not there',
      '',
      table('filter', ':INPUT DROP [0:0]'),
      ['@ v4 filter INPUT', '- -P INPUT ACCEPT', '+ -P INPUT DROP'],
    ],
    [
      'a new chain',
      OPEN,
      `${OPEN.replace('COMMIT\n', '')}:web - [0:0]\n-A web -j DROP\nCOMMIT\n`,
      ['@ v4 filter web', '+ -N web', '+ -A web -j DROP'],
    ],
    [
      'a chain that goes',
      `${OPEN.replace('COMMIT\n', '')}:web - [0:0]\n-A web -j DROP\nCOMMIT\n`,
      OPEN,
      ['@ v4 filter web', '- -N web', '- -A web -j DROP'],
    ],
    [
      'a rule of a built-in chain',
      '',
      table('nat', ':POSTROUTING ACCEPT [0:0]', '-A POSTROUTING -j MASQUERADE'),
      ['@ v4 nat POSTROUTING', '+ -A POSTROUTING -j MASQUERADE'],
    ],
    [
      'a rule of a chain of one’s own',
      table('filter', ':web - [0:0]'),
      table('filter', ':web - [0:0]', '-A web -j DROP'),
      ['@ v4 filter web', '+ -A web -j DROP'],
    ],
    [
      'the last rule of a table that goes',
      table('nat', ':OUTPUT ACCEPT [0:0]', '-A OUTPUT -j ACCEPT'),
      '',
      ['@ v4 nat OUTPUT', '- -A OUTPUT -j ACCEPT'],
    ],
  ])('shows %s', (_name, before, after, wanted) => {
    expect(lines(before, after)).toEqual(wanted)
  })
})
