import { expect, test } from 'vitest'
import { makePlan } from '../../../src/services/planning/plan.ts'
import { undoOf } from '../../../src/services/planning/undo.ts'
import { accountParts } from '../../../src/services/steps/account-step.ts'
import { fileStep } from '../../../src/services/steps/file-step.ts'
import { unitStep } from '../../../src/services/steps/unit-step.ts'
import { AREAS } from '../../../src/state/areas/table.ts'
import { someSshd } from '../../support/make-plan.ts'
import { someRecord } from '../../support/past.ts'
import { hostFacts, stagedFile, textChange } from '../../support/plans.ts'
import { UNSEEN } from '../../support/seen.ts'

const lock = { verb: 'lock', name: 'guest', was: 'set' } as const
/** sshd's area with a part of ours. */
const areas = {
  ...AREAS,
  sshd: {
    ...AREAS.sshd,
    editing: {
      ...(AREAS.sshd.editing as NonNullable<typeof AREAS.sshd.editing>),
      part: () => ({
        ...accountParts([lock]),
        steps: [
          unitStep({ unit: 'x', run: 'stop', boot: null, was: { run: 'active', boot: '' } }),
          fileStep({ ...textChange('/etc/sudoers.d/dora', 'x\n', null), mode: 0o440 }),
          ...accountParts([lock]).steps,
        ].flatMap((step) => step ?? []),
      }),
    },
  },
}

test('accounts are changed before files, and files of sudo’s are tried by it', () => {
  const plan = makePlan({
    ...UNSEEN,
    host: hostFacts,
    windowSeconds: 30,
    areas,
    changes: [stagedFile(textChange('/etc/x', 'x', null))],
    merged: (id) => (id === 'sshd' ? { base: someSshd, after: someSshd, conflicts: [] } : null) as never,
  } as Parameters<typeof makePlan>[0])
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['account', 'file', 'unit'])
  expect(plan.checks).toEqual(['sudoers'])
  expect(plan.steps[1]).toMatchObject({ mode: 0o440 })
})

test('an account that no area undoes is named', () => {
  const { changes, remarks } = undoOf(
    AREAS,
    someRecord('a', { accounts: [lock, lock] }),
    () => null,
    () => 'x',
  )
  const owned = Object.values(AREAS).some(({ editing }) => editing?.owns.accounts)
  expect([changes, remarks]).toEqual([
    [],
    owned
      ? expect.anything()
      : ['The account guest is not changed by this release of hardtui: change it back by hand.'],
  ])
})
