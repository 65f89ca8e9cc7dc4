import { expect, test } from 'vitest'
import type { UnitChange } from '../../../src/services/model/step.ts'
import { unitStep } from '../../../src/services/steps/unit-step.ts'

const was = { run: 'active', boot: 'enabled' }
const step = (run: UnitChange['run'], boot: UnitChange['boot']) => unitStep({ unit: 'cups.service', run, boot, was })
const lines = (run: UnitChange['run'], boot: UnitChange['boot']) =>
  step(run, boot)?.diff.map(({ mark, text }) => `${mark} ${text}`)

test('a unit that is told nothing is no step', () => {
  expect(step(null, null)).toBeNull()
})

test.each([
  ['stop', null, ['- active', '+ inactive (stop)'], ['systemctl stop cups.service']],
  ['start', null, ['- active', '+ active (start)'], ['systemctl start cups.service']],
  ['restart', null, ['- active', '+ active (restart)'], ['systemctl restart cups.service']],
  ['reload', null, ['- active', '+ active (reload)'], ['systemctl reload cups.service']],
  [null, 'disable', ['- enabled', '+ disabled'], ['systemctl disable cups.service']],
  [null, 'enable', ['- enabled', '+ enabled'], ['systemctl enable cups.service']],
  [null, 'mask', ['- enabled', '+ masked'], ['systemctl mask cups.service']],
  [null, 'unmask', ['- enabled', '+ unmasked'], ['systemctl unmask cups.service']],
] as const)('a unit told to %s and %s is shown before and after, with the command', (run, boot, diff, commands) => {
  expect(lines(run, boot)).toEqual(['@ cups.service', ...diff])
  expect(step(run, boot)).toMatchObject({ kind: 'unit', title: 'cups.service', commands, run, boot, was })
})

test('what it does at boot comes before what it does now', () => {
  expect(lines('stop', 'disable')).toEqual([
    '@ cups.service',
    '- enabled',
    '+ disabled',
    '- active',
    '+ inactive (stop)',
  ])
  expect(step('stop', 'disable')?.commands).toEqual(['systemctl disable cups.service', 'systemctl stop cups.service'])
})

test('a host without systemd gets the words of its own init', () => {
  const change = { unit: 'cups.service', run: 'reload', boot: 'disable', was } as const
  expect(unitStep(change, 'sysvinit')?.commands).toEqual(['update-rc.d cups disable', 'service cups reload'])
})
