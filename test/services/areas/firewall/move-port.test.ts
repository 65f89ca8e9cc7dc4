import { describe, expect, test } from 'vitest'
import { applyEdits } from '../../../../src/services/areas/firewall/edits.ts'
import { movePort, type PortMove } from '../../../../src/services/areas/firewall/move-port.ts'
import type { Family } from '../../../../src/services/model/firewall.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { factsOfScene, filter, type Scene } from '../../../support/firewall-checks.ts'
import { hostFacts } from '../../../support/plans.ts'

const PORT = '-p tcp -m tcp --dport'
const KNOWN = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const OPEN: PortMove = { like: 22, open: [10022], close: [] }

const moved = (scene: Scene, move: PortMove) => movePort(factsOfScene(scene), hostFacts, move)
/** The rules of a chain once the port was moved. */
function rulesAfter(
  scene: Scene,
  move: PortMove = OPEN,
  family: Family = 'v4',
  chain = 'INPUT',
): readonly string[] | string {
  const made = moved(scene, move)
  if (!made.ok) return made.error
  const one = factsOfScene(scene).families[family]
  if (one.state !== 'present') return 'unreadable'
  const { after, conflicts } = applyEdits(
    one.ruleSet,
    made.value.filter(({ at }) => at.family === family),
  )
  expect(conflicts).toEqual([])
  const table = after.tables.find(({ name }) => name === 'filter')
  return table?.chains.find(({ name }) => name === chain)?.rules.map(({ text }) => text) ?? []
}

const v4 = filter(
  'INPUT DROP',
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  `-A INPUT ${PORT} 22 -m conntrack --ctstate NEW -j ACCEPT`,
  `-A INPUT ${PORT} 80 -j ACCEPT`,
)

describe('a port that sshd comes to listen on', () => {
  test('is let in as the old one is, by a rule before it', () => {
    expect(rulesAfter({ v4 })).toEqual([
      '-i lo -j ACCEPT',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      `${PORT} 10022 -m conntrack --ctstate NEW -j ACCEPT`,
      `${PORT} 22 -m conntrack --ctstate NEW -j ACCEPT`,
      `${PORT} 80 -j ACCEPT`,
    ])
  })

  test('needs no rule where all that no rule is about is let in', () => {
    expect(moved({ v4: filter(), v6: filter() }, OPEN)).toEqual({ ok: true, value: [] })
    expect(moved({}, OPEN)).toEqual({ ok: true, value: [] })
  })

  test('is limited and let in from the same addresses as the old one, in the same order', () => {
    const limit = '-m conntrack --ctstate NEW -m limit --limit 3/min'
    const scene = {
      v4: filter(
        'INPUT DROP',
        `-A INPUT ${KNOWN}`,
        `-A INPUT -s 198.51.100.0/24 ${PORT} 22 ${limit} -j ACCEPT`,
        `-A INPUT ${PORT} 22 -j DROP`,
      ),
    }
    expect(rulesAfter(scene)).toEqual([
      KNOWN,
      `-s 198.51.100.0/24 ${PORT} 10022 ${limit} -j ACCEPT`,
      `-s 198.51.100.0/24 ${PORT} 22 ${limit} -j ACCEPT`,
      `${PORT} 10022 -j DROP`,
      `${PORT} 22 -j DROP`,
    ])
  })

  test('keeps the addresses and limits of the old one also where all that no rule is about is let in', () => {
    const scene = {
      v4: filter('INPUT ACCEPT', `-A INPUT -s 198.51.100.0/24 ${PORT} 22 -j ACCEPT`, `-A INPUT ${PORT} 22 -j DROP`),
    }
    expect(rulesAfter(scene)).toEqual([
      `-s 198.51.100.0/24 ${PORT} 10022 -j ACCEPT`,
      `-s 198.51.100.0/24 ${PORT} 22 -j ACCEPT`,
      `${PORT} 10022 -j DROP`,
      `${PORT} 22 -j DROP`,
    ])
  })

  test('keeps a limit of the old one also where all that no rule is about is let in', () => {
    const scene = {
      v4: filter('INPUT ACCEPT', `-A INPUT ${PORT} 22 -m limit --limit 3/min -j ACCEPT`, `-A INPUT ${PORT} 22 -j DROP`),
    }
    expect(rulesAfter(scene)).toHaveLength(4)
    const open = filter('INPUT ACCEPT', `-A INPUT ${PORT} 22 -j ACCEPT`)
    expect(moved({ v4: open, v6: open }, OPEN)).toEqual({ ok: true, value: [] })
  })

  test('has no rules added to those that somebody prepared for it', () => {
    const prepared = filter('INPUT DROP', `-A INPUT ${PORT} 10022 -j ACCEPT`, `-A INPUT ${PORT} 22 -j ACCEPT`)
    expect(moved({ v4: prepared }, OPEN)).toEqual({ ok: true, value: [] })
  })

  test('is let in for sure where it would only be for those whom a set holds', () => {
    const scene = {
      v4: filter(
        'INPUT DROP',
        '-A INPUT -m set --match-set friends src -j ACCEPT',
        '-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT',
      ),
    }
    expect(rulesAfter(scene)).toContain(`${PORT} 10022 -j ACCEPT`)
  })

  test('is let in by both families, each as it lets in the old one', () => {
    const v6 = filter('INPUT DROP', `-A INPUT ${PORT} 22 -j ACCEPT`)
    expect(rulesAfter({ v4, v6 }, OPEN, 'v6')).toEqual([`${PORT} 10022 -j ACCEPT`, `${PORT} 22 -j ACCEPT`])
    const closed = filter('INPUT DROP')
    expect(rulesAfter({ v4, v6: closed }, OPEN, 'v6')).toEqual([])
  })

  test('is let in where several ports share one rule, behind what other programs put first', () => {
    const scene = {
      v4: filter(
        'INPUT DROP',
        ':f2b-sshd',
        '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
        '-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT',
        '-A f2b-sshd -j RETURN',
      ),
    }
    expect(rulesAfter(scene)).toEqual([
      '-p tcp -m multiport --dports 22 -j f2b-sshd',
      `${PORT} 10022 -j ACCEPT`,
      '-p tcp -m multiport --dports 22,80 -j ACCEPT',
    ])
  })

  test('gets its rules in chains of the operator’s own, and in none of another program', () => {
    const scene = {
      v4: filter(
        'INPUT DROP',
        ':ours',
        ':f2b-sshd',
        '-A INPUT -j ours',
        `-A ours ${PORT} 22 -j ACCEPT`,
        `-A f2b-sshd ${PORT} 22 -j DROP`,
      ),
    }
    expect(rulesAfter(scene, OPEN, 'v4', 'ours')).toEqual([`${PORT} 10022 -j ACCEPT`, `${PORT} 22 -j ACCEPT`])
    expect(rulesAfter(scene, OPEN, 'v4', 'f2b-sshd')).toEqual([`${PORT} 22 -j DROP`])
  })

  test('is refused where its rule would do nothing, and where other programs own the rules or nobody read them', () => {
    const before = filter(
      'INPUT DROP',
      '-A INPUT -p tcp -m tcp --dport 1024:65535 -j DROP',
      `-A INPUT ${PORT} 22 -j ACCEPT`,
    )
    expect(rulesAfter({ v4: before })).toBe(
      "the v4 rules would still not let in port 10022: add a rule for it with a in the firewall's pane",
    )
    const kept = filter(
      'INPUT ACCEPT',
      '-A INPUT -s 198.51.100.20/32 -j ACCEPT',
      '-A INPUT -p tcp -m multiport --dports 22 -j DROP',
    )
    expect(rulesAfter({ v4: kept })).toBe(
      "the v4 rules keep strangers from port 22, and would not from 10022: add a rule for it with a in the firewall's pane",
    )
    expect(rulesAfter({ v4, facts: { managers: [say`ufw`] } })).toBe(
      "the rules of this host are ufw's: open port 10022 with it first (ufw allow 10022/tcp)",
    )
    const unread = {
      v4: { state: 'unreadable', reason: say`no root` },
      v6: { state: 'unreadable', reason: say`no root` },
    } as const
    expect(rulesAfter({ facts: { families: unread } })).toBe("the v4 rules can't be read: no root")
  })
})

describe('a port that sshd leaves', () => {
  const CLOSE: PortMove = { like: 10022, open: [], close: [22] }

  test('loses its own rules, and no other', () => {
    const scene = {
      v4: filter(
        'INPUT DROP',
        `-A INPUT ${PORT} 10022 -j ACCEPT`,
        `-A INPUT ${PORT} 22 -j ACCEPT`,
        `-A INPUT ${PORT} 2222 -j ACCEPT`,
        '-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT',
        '-A OUTPUT -p tcp -m tcp --sport 22 -j ACCEPT',
      ),
    }
    expect(rulesAfter(scene, CLOSE)).toEqual([
      `${PORT} 10022 -j ACCEPT`,
      `${PORT} 2222 -j ACCEPT`,
      '-p tcp -m multiport --dports 22,80 -j ACCEPT',
    ])
    expect(rulesAfter(scene, CLOSE, 'v4', 'OUTPUT')).toEqual([])
  })
})
