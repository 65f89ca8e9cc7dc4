import { describe, expect, test } from 'vitest'
import type { RuleEdit } from '../../src/services/model/firewall.ts'
import { initialStaging, redone, undone, withChanges } from '../../src/state/slices/staging.ts'
import { INPUT, staged } from '../support/plans.ts'

const remove = (ruleId: string): RuleEdit => ({ kind: 'delete', at: INPUT, ruleId })

describe('taking back', () => {
  test('undo and redo go through every step', () => {
    const one = [staged(remove('r1'))]
    const two = [...one, staged(remove('r2'))]
    const after = withChanges(withChanges(initialStaging, one), two)
    expect(undone(after).changes).toBe(one)
    expect(undone(undone(after)).changes).toEqual([])
    expect(redone(undone(after)).changes).toBe(two)
  })

  test('a new step forgets what was undone', () => {
    const one = [staged(remove('r1'))]
    const undoneOnce = undone(withChanges(initialStaging, one))
    expect(withChanges(undoneOnce, []).future).toEqual([])
    expect(undone(initialStaging)).toBe(initialStaging)
    expect(redone(initialStaging)).toBe(initialStaging)
  })
})
