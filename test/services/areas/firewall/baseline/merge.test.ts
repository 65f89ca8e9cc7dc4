import { describe, expect, test } from 'vitest'
import { applied, inputOf, make, SSHD } from '../../../../support/baseline.ts'
import { listener } from '../../../../support/listeners.ts'

const WEB = listener('tcp', '0.0.0.0', 80, 'nginx')
const HTTP = '-p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT'
const ESTABLISHED = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const JUMP = '-p tcp -m multiport --dports 22 -j f2b-sshd'
const host = (...rules: readonly string[]) =>
  inputOf(
    {
      v4: [
        '*filter',
        ':INPUT ACCEPT [0:0]',
        ':OUTPUT ACCEPT [0:0]',
        ':f2b-sshd - [0:0]',
        ...rules.map((one) => `-A INPUT ${one}`),
        'COMMIT',
        '',
      ].join('\n'),
    },
    { listeners: [SSHD, WEB] },
  )
const order = (texts: readonly string[], ...wanted: readonly string[]): readonly number[] =>
  wanted.map((text) => texts.indexOf(text))
const REPLACE = new Map([['own', false]])

describe('rules of one’s own that are kept', () => {
  test('stand between what comes first and what is opened, behind fail2ban', () => {
    const own = '-p tcp -m tcp --dport 3306 -j DROP'
    const texts = make(host(JUMP, own)).chain('v4', 'INPUT')
    const places = order(texts, JUMP, '-i lo -j ACCEPT', ESTABLISHED, own, HTTP)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBe(0)
  })

  test('are not added twice', () => {
    const texts = make(host('-i lo -j ACCEPT', ESTABLISHED, HTTP)).chain('v4', 'INPUT')
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('that accept everything are warned of', () => {
    const own = make(host('-j ACCEPT')).items.find((item) => item.id === 'own')
    expect(own?.warning).toContain('nothing is closed')
    expect(make(host(HTTP, JUMP)).items.find((item) => item.id === 'own')).toBeUndefined()
  })

  test('that end a chain still end it', () => {
    const reject = '-j REJECT --reject-with icmp-host-prohibited'
    const texts = make(host(ESTABLISHED, reject)).chain('v4', 'INPUT')
    expect(texts.at(-1)).toBe(reject)
    expect(texts).toContain(HTTP)
  })

  test.each(['-p tcp -j DROP', '-m conntrack --ctstate NEW -j DROP', '-j DROP'])(
    'that close everything with %s close nothing that is opened, and log none of it',
    (closes) => {
      const log = '-m limit --limit 3/min -j LOG --log-prefix "mine: "'
      const texts = make(host(ESTABLISHED, log, closes)).chain('v4', 'INPUT')
      expect(texts.slice(-2)).toEqual([log, closes])
      expect(texts).toContain(HTTP)
    },
  )

  test('that might drop the session’s packets come behind what carries it', () => {
    const own = '-p tcp -m tcp --sport 50000:60000 -j DROP'
    const made = make(host(own, ESTABLISHED))
    const [carries, drops] = order(made.chain('v4', 'INPUT'), ESTABLISHED, own)
    expect(carries).toBeLessThan(drops as number)
    expect(made.edits.filter((edit) => edit.kind === 'move')).toHaveLength(1)
  })
})

describe('what is opened goes before what takes the rest', () => {
  test.each([
    ['-m comment --comment "default deny" -j DROP', []],
    ['-i eth0 -j REJECT --reject-with icmp-host-prohibited', []],
    ['-p tcp -m conntrack --ctstate NEW -j DROP', []],
    ['-j refuse', [':refuse - [0:0]', '-A refuse -m limit --limit 3/min -j LOG', '-A refuse -j REJECT']],
  ] as const)('%s', (last, more) => {
    const made = make(
      inputOf(
        {
          v4: [
            '*filter',
            ':INPUT ACCEPT [0:0]',
            ...more.slice(0, 1),
            `-A INPUT ${last}`,
            ...more.slice(1),
            'COMMIT',
            '',
          ].join('\n'),
        },
        { listeners: [SSHD, WEB] },
      ),
    )
    const [opened, taken] = order(made.chain('v4', 'INPUT'), HTTP, last)
    expect(opened).toBeGreaterThanOrEqual(0)
    expect(opened).toBeLessThan(taken as number)
  })

  test('and one that asks for an address, a port or a state of its own takes nothing of it', () => {
    const own = [
      '-s 203.0.113.0/24 -j DROP',
      '-p tcp -m tcp --dport 23 -j DROP',
      '-m conntrack --ctstate INVALID -j DROP',
    ]
    const texts = make(host(...own)).chain('v4', 'INPUT')
    for (const text of own) expect(texts.indexOf(HTTP)).toBeGreaterThan(texts.indexOf(text))
  })
})

describe('rules of one’s own that are replaced', () => {
  test('go, while jumps into other programs’ chains stay, and come first', () => {
    const made = make(host('-p tcp -m tcp --dport 3306 -j DROP', '-i lo -j ACCEPT', JUMP), REPLACE)
    const texts = made.chain('v4', 'INPUT')
    expect(texts[0]).toBe(JUMP)
    expect(texts.join()).not.toContain('3306')
    expect(texts.filter((text) => text === '-i lo -j ACCEPT')).toHaveLength(1)
  })

  test('stay where they are rules of the baseline in its order', () => {
    const made = make(host('-i lo -j ACCEPT', ESTABLISHED, '-p tcp -m tcp --dport 3306 -j DROP'), REPLACE)
    const deleted = made.edits.filter((edit) => edit.kind === 'delete')
    expect(deleted).toEqual([expect.objectContaining({ ruleId: expect.stringContaining('3306') })])
  })
})

test('a rule that is switched on later stands where it would have stood', () => {
  const first = host()
  const log = new Map([['log-in', true]])
  const later = applied(first, make(first, log))
  const texts = make(later, new Map([...log, ['ssh-rate', true], ['invalid', true], ['service:tcp/80', true]])).chain(
    'v4',
    'INPUT',
  )
  const places = [ESTABLISHED, 'INVALID', 'hashlimit', '--dport 22 -j ACCEPT', 'LOG'].map((word) =>
    texts.findIndex((text) => text.includes(word)),
  )
  expect(places.every((place) => place >= 0)).toBe(true)
  expect(places[0]).toBeLessThan(places[1] as number)
  expect(places[2]).toBeLessThan(places[3] as number)
  expect(places[4]).toBe(texts.length - 1)
})

test('policies come after all rules of their family', () => {
  const kinds = make(host())
    .edits.filter((edit) => edit.at.family === 'v4')
    .map((edit) => edit.kind)
  expect(kinds.slice(-3)).toEqual(['policy', 'policy', 'policy'])
  expect(kinds.slice(0, -3)).not.toContain('policy')
})
