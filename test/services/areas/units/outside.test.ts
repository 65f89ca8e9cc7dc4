import { describe, expect, test } from 'vitest'
import { blamedUnits, unitChecks } from '../../../../src/services/areas/units/checks.ts'
import { unitsEditing } from '../../../../src/services/areas/units/editing.ts'
import type { EditsByArea, StagedOf } from '../../../../src/services/model/areas.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { safe, say } from '../../../../src/services/model/safe.ts'
import type { Unit, UnitsFacts } from '../../../../src/services/model/units.ts'
import { someUnits } from '../../../support/make-plan.ts'
import { hostFacts } from '../../../support/plans.ts'
import { type SomeFiles, someBinds } from './binds/some-binds.ts'

const MAIN = 'inet_interfaces = all\n'
const BOUND = bytesOf('inet_interfaces = loopback-only\n')
const PATH = '/etc/postfix/main.cf'

const unit = (name: string, port: number, address = '0.0.0.0', more: Partial<Unit> = {}): Unit => ({
  ...{ name, description: say``, active: say`active`, sub: say`running`, boot: say`enabled` },
  listeners: [{ protocol: 'tcp', address: safe(address), port, process: null, pid: null, unit: name }],
  ...more,
})
const facts = (units: readonly Unit[], files: SomeFiles = {}, more: Partial<UnitsFacts> = {}): UnitsFacts => ({
  ...someUnits([]),
  units,
  binds: someBinds(files),
  ...more,
})
const POSTFIX = facts([unit('postfix.service', 25)], { main: MAIN, master: '' })
const check = (id: string) => unitChecks.find((one) => one.id === id)
const judged = (id: string, now: UnitsFacts) => check(id)?.judge(now, hostFacts, { listeners: null })
const fixOf = (id: string, now: UnitsFacts) => check(id)?.fix?.(now, hostFacts, { listeners: null })

describe('a service that listens outside', () => {
  test('is bound by its file and a restart, in this order', () => {
    expect(judged('SVC-mail', POSTFIX)).toEqual({
      outcome: 'fail',
      observed: 'postfix.service running, starts at boot, listens on 25/tcp',
      details: ['/etc/postfix/main.cf, line 1: inet_interfaces = all'],
    })
    expect(fixOf('SVC-mail', POSTFIX)).toEqual([
      { kind: 'file', path: PATH, text: BOUND, was: MAIN },
      { kind: 'unit', unit: 'postfix.service', run: 'restart', boot: null, was: { run: 'active', boot: 'enabled' } },
    ])
  })

  test('is not changed from here where its file is not understood, and the reason is said', () => {
    const twice = facts([unit('postfix.service', 25)], { main: `${MAIN}${MAIN}`, master: '' })
    expect(judged('SVC-mail', twice)?.noFix).toBe('/etc/postfix/main.cf sets inet_interfaces twice')
    expect(fixOf('SVC-mail', twice)).toBeNull()
    const unread = { ...POSTFIX, binds: undefined } as unknown as UnitsFacts
    expect(judged('SVC-mail', unread)?.noFix).toBe('its files were not read')
    expect(fixOf('SVC-mail', facts([unit('sendmail.service', 25)]))).toBeNull()
  })

  test('is not restarted where nobody can tell whether it runs', () => {
    const script = unit('postfix', 25, '0.0.0.0', { active: safe('unknown') })
    expect(fixOf('SVC-mail', { ...POSTFIX, units: [script], manager: 'sysvinit' })).toBeNull()
  })

  test.each([
    ['mysql', 'mariadb.service', 3306],
    ['postgresql', 'postgresql@15-main.service', 5432],
    ['redis', 'redis-server.service', 6379],
    ['memcached', 'memcached.service', 11211],
    ['mongodb', 'mongod.service', 27017],
    ['elasticsearch', 'elasticsearch.service', 9200],
  ])('and keeps data is a grave finding: %s', (id, name, port) => {
    const verdict = judged(`SVC-${id}`, facts([unit(name, port)]))
    expect([check(`SVC-${id}`)?.severity, verdict?.outcome]).toEqual(['high', 'fail'])
    expect(verdict?.noFix).toMatch(/^set .* in its own file, and restart it; x stops it$/)
    expect(fixOf(`SVC-${id}`, facts([unit(name, port)]))).toBeNull()
    expect(judged(`SVC-${id}`, facts([unit(name, port, '127.0.0.1')]))?.outcome).toBe('pass')
    expect(judged(`SVC-${id}`, facts([]))?.outcome).toBe('notapplicable')
    const stray = { protocol: 'tcp', address: safe('0.0.0.0'), port, process: null, pid: null, unit: null } as const
    const quiet = facts([unit(name, port, '127.0.0.1')], {}, { strayListeners: [stray] })
    expect(judged(`SVC-${id}`, quiet)?.outcome).toBe('unknown')
  })

  test('is rpcbind only where somebody needs it: else it goes altogether', () => {
    const rpcbind = facts([unit('rpcbind.service', 111), unit('rpcbind.socket', 111)], {}, { needs: { nfs: [] } })
    expect(judged('SVC-rpcbind', rpcbind)?.outcome).toBe('fail')
    expect(judged('SVC-rpcbind-outside', rpcbind)?.outcome).toBe('notapplicable')
    const needed = { ...rpcbind, needs: { nfs: [safe('nfs4 mount on /srv')] } }
    expect(judged('SVC-rpcbind', needed)?.outcome).toBe('pass')
    expect(judged('SVC-rpcbind-outside', needed)?.outcome).toBe('fail')
    expect(blamedUnits(needed).get('rpcbind.service')).toEqual(['SVC-rpcbind', 'SVC-rpcbind-outside'])
  })
})

describe('the file of a service that was staged', () => {
  const [file, restart] = fixOf('SVC-mail', POSTFIX) ?? []
  const edits = [file, restart] as readonly EditsByArea['units'][]
  const staged = (edit: EditsByArea['units'] | undefined, id: string) =>
    ({ id, area: 'units', edit, target: say`x`, summary: say`x`, origin: 'operator' }) as StagedOf<'units'>
  const merged = (now: UnitsFacts) => ({ base: now, ...unitsEditing.lay(now, edits) })
  const seen = { file: () => null, host: hostFacts } as never

  test('is a step before its restart', () => {
    const part = unitsEditing.part(merged(POSTFIX), edits, seen)
    expect(part.steps.map(({ kind, title }) => `${kind} ${title}`)).toEqual([`file ${PATH}`, 'unit postfix.service'])
    expect(part.blockers).toEqual([])
  })

  test('is put in words by what it sets, and an undoing by what it is', () => {
    const words = (edit: EditsByArea['units'] | undefined) =>
      edit && unitsEditing.describe(edit, POSTFIX, POSTFIX).summary
    expect(words(file)).toBe('inet_interfaces = loopback-only')
    expect(words(file && { ...file, kind: 'file', path: PATH, text: bytesOf('old\n'), was: BOUND })).toBe(
      'back to the text it had before',
    )
  })

  test('is a conflict once somebody wrote it, and is said to be there already by nobody but itself', () => {
    const now = facts([unit('postfix.service', 25)], { main: 'other\n', master: '' })
    expect(unitsEditing.lay(now, edits).conflicts).toEqual([{ edit: file, reason: `${PATH} changed since` }])
    expect(unitsEditing.part(merged(now), edits, seen).blockers[0]?.message).toBe(
      `${PATH} can't be changed: ${PATH} changed since.`,
    )
    expect(file && unitsEditing.holds?.(now, file)).toBe(false)
    expect(file && unitsEditing.holds?.(unitsEditing.lay(POSTFIX, edits).after, file)).toBe(true)
    expect(unitsEditing.lay({ ...POSTFIX, binds: undefined } as never, edits).conflicts[0]?.reason).toBe(
      `${PATH} was not read`,
    )
  })

  test('has one new text, and none where that is the old one', () => {
    const held = unitsEditing.fold([staged(restart, 'a')], staged(file, 'b'), null).held
    expect(held.map(({ id }) => id)).toEqual(['a', 'b'])
    const back = { kind: 'file', path: PATH, text: bytesOf(MAIN), was: BOUND } as const
    expect(unitsEditing.fold(held, staged(back, 'c'), null).held.map(({ id }) => id)).toEqual(['a'])
  })

  test('goes back with a restart, from the very text that was written and no other', () => {
    const past = {
      ...{ rules: [], accounts: [] },
      files: [{ path: PATH, text: BOUND, was: bytesOf(MAIN) }],
      units: [{ unit: 'postfix.service', run: 'restart', boot: null, was: { run: 'active', boot: 'enabled' } }],
    } as const
    const undo = (main: string) =>
      unitsEditing.undo(past, facts([unit('postfix.service', 25)], { main, master: '' }), () => 'x')
    expect(undo(BOUND)).toEqual({
      edits: [
        { kind: 'file', path: PATH, text: MAIN, was: BOUND },
        { ...past.units[0], kind: 'unit' },
      ],
      remarks: [],
    })
    const restarted = 'Nothing undoes the restart of postfix.service.'
    expect(undo('mine\n')).toEqual({ edits: [], remarks: [`${PATH} changed since: it stays.`, restarted] })
    expect(undo(MAIN)).toEqual({ edits: [], remarks: [`${PATH} is as it was already.`, restarted] })
    expect(unitsEditing.undo(past, null, () => 'x').remarks[0]).toBe(
      `Nothing is undone of ${PATH}: ${PATH} was not read.`,
    )
  })
})
