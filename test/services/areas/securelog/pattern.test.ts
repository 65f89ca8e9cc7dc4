import { describe, expect, test } from 'vitest'
import * as other from '../../../../src/services/areas/securelog/other-messages.ts'
import { groupOf, numbered, type Pattern } from '../../../../src/services/areas/securelog/pattern.ts'
import * as sshd from '../../../../src/services/areas/securelog/sshd-messages.ts'

describe('an expression with numbers for its names', () => {
  test('takes the same, with the same flags, whatever stands in brackets beside', () => {
    const named = /^(?<what>a|b)(?:c)(?=d)(?<!x)d\((?<more>.)?[(]$/s
    const { form, at } = numbered<'what' | 'more' | 'none'>(named)
    const found = form.exec('bcd(\n(') as RegExpExecArray
    expect([groupOf(found, at.what), groupOf(found, at.more), groupOf(found, at.none)]).toEqual(['b', '\n', undefined])
    expect(groupOf(form.exec('acd((') as RegExpExecArray, at.more)).toBeUndefined()
    expect(form.exec('acd(xy(')).toBeNull()
  })

  test('has no group that is told by no name', () => {
    expect(() => numbered(/(a)(?<what>b)/)).toThrow('groups without a name: (a)(?<what>b)')
  })

  test('can be made of every message that is known', () => {
    const patterns = [...Object.values(sshd), ...Object.values(other)].filter(Array.isArray).flat() as Pattern[]
    expect(patterns.length).toBeGreaterThan(60)
    for (const { form } of patterns) {
      const names = [...form.source.matchAll(/\(\?<([a-z]+)>/g)].map(([, name]) => name)
      expect(Object.keys(numbered(form).at)).toEqual(names)
    }
  })
})
