import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { setLines } from '../../../src/screens/presenters/sets.ts'
import { readSets } from '../../../src/services/areas/firewall/sets/read.ts'
import { EVIL } from '../../support/hostile.ts'
import { outputFrom } from '../../support/probe-output.ts'

const DEBIAN = readFileSync('test/fixtures/sets/debian12.txt', 'utf8')
const sets = (stdout = DEBIAN) => readSets(outputFrom('sets', stdout))
const words = (text: string, stdout?: string): readonly string[] =>
  setLines(text, sets(stdout)).map(({ label, value }) => `${label}: ${value}`)

describe('a rule that names a set is told by', () => {
  test('its type, how many members it has, and these', () => {
    expect(words('-m set --match-set nets src -j DROP')).toEqual([
      'set: nets: hash:net IPv4, 3 members',
      ': 10.0.0.0/8',
      ': 10.1.0.0/16 nomatch',
      ': 203.0.113.7',
    ])
    expect(words('-m set ! --match-set lan src -m set --match-set ports dst')).toEqual([
      'set: lan: bitmap:ip IPv4, 1 member',
      ': 192.0.2.5',
      'set: ports: bitmap:port, 2 members',
      ': 80',
      ': 81',
    ])
    expect(words('-p tcp -j ACCEPT')).toEqual([])
  })

  test('the first members alone where there are many', () => {
    const many = Array.from({ length: 40 }, (_, i) => `add bad 198.51.100.${i}\n`).join('')
    const long = DEBIAN.replace(/add bad .*\nadd bad .*\n/, many).replace(
      'Number of entries: 2',
      'Number of entries: 900',
    )
    const shown = words('-j SET --add-set bad src', long)
    expect(shown[0]).toBe('set: bad: hash:ip IPv4, 900 members')
    expect(shown).toHaveLength(14)
    expect(shown.at(-1)).toBe(': … and 888 more')
  })

  test('why its members do not tell what it matches', () => {
    expect(words('-m set --match-set soon src')[1]).toBe(': its members come and go: they have a timeout')
    expect(words('-m set --match-set none src')).toEqual(['set: none: there is no such set'])
    expect(setLines('-m set --match-set bad src', null).map(({ value }) => value)).toEqual(['bad: not read'])
    expect(words('-m set --match-set bad src', '\n@@headers\n\n@@status\nabsent\n')).toEqual([
      'set: bad: not read: ipset, which would list them, is not installed',
    ])
  })

  test('words that no terminal acts on, whatever the set says', () => {
    const evil = EVIL.replaceAll('\n', ' ')
    const hostile = DEBIAN.replace('hello \\ there', evil)
    expect(hostile).not.toBe(DEBIAN)
    const drawn = words('-m set --match-set bad src', hostile).join('')
    expect([...drawn].filter((char) => char < ' ' || (char >= '\u007f' && char <= '\u009f'))).toEqual([])
    expect(drawn).not.toMatch(/\u202e|\u200b/)
    expect(drawn).toContain('evil')
  })
})
