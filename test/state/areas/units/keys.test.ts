import { describe, expect, test } from 'vitest'
import { type Keys, keysOf, type Options } from '../../../support/headless.ts'

/** The cursor on a unit of the Services pane. */
async function on(name: string, options: Options = {}): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('3', '/')
  await bench.type(name)
  await bench.press('Enter', 'g')
  return bench
}
/** A host of systemd with avahi alone. */
const withUnits = ({ files, state }: { readonly files: string; readonly state: string }): Options => ({
  texts: { units: { manager: 'systemd', units: `avahi-daemon.service loaded ${state} Avahi`, files, sockets: '' } },
})
const plan = ({ console }: Keys) => console.lists.plan(console.store.getState())

describe('a service under the cursor', () => {
  test('is stopped by x, and stays as it is by x again', async () => {
    const bench = await on('avahi-daemon.service')
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([['avahi-daemon.service stop'], 'Staged: avahi-daemon.service stop'])
    await bench.press('x')
    expect(bench.staged()).toEqual([])
  })

  test('has one change for all verbs', async () => {
    const bench = await on('avahi-daemon.service')
    await bench.press('x', 'd')
    expect(bench.staged()).toEqual(['avahi-daemon.service stop, disable'])
    await bench.press('m')
    expect(bench.staged()).toEqual(['avahi-daemon.service stop, mask'])
    expect(plan(bench)?.steps).toMatchObject([
      {
        kind: 'unit',
        unit: 'avahi-daemon.service',
        run: 'stop',
        boot: 'mask',
        was: { run: 'active', boot: 'enabled' },
      },
    ])
    expect(plan(bench)?.blockers).toEqual([])
  })

  test('is not turned off where the way in stands on it, and the reason is said', async () => {
    const bench = await on('ssh.service')
    for (const key of ['x', 'd', 'm']) {
      await bench.press(key)
      expect(bench.said()).toMatch(/ssh\.service stays: it is the way in\.$/)
    }
    expect(bench.staged()).toEqual([])
  })

  test('is mended by Space where it is needless, and that is taken back by Space', async () => {
    const bench = await on('avahi-daemon.service')
    await bench.press('Space')
    expect(bench.staged()).toEqual(['avahi-daemon.service stop, disable'])
    await bench.press('Space')
    expect(bench.staged()).toEqual([])
  })

  test('stands where o puts it: what is needless first, who listens, memory, the name', async () => {
    const bench = await keysOf()
    await bench.press('3')
    const names = () =>
      bench.console.lists
        .pane(bench.console.store.getState(), 'units')
        .items.map(({ id }) => id.replace(/^unit:/, ''))
        .filter((id) => /\.service$/.test(id))
    expect(names()[0]).toBe('avahi-daemon.service')
    await bench.press('o')
    expect(bench.said()).toBe('Services by who listens.')
    await bench.press('o', 'o')
    expect([bench.said(), names()]).toEqual(['Services by name.', names().toSorted()])
    await bench.press('o')
    expect(names()[0]).toBe('avahi-daemon.service')
  })

  test('that is masked is not started, and m unmasks it', async () => {
    const bench = await on(
      'avahi-daemon.service',
      withUnits({ files: 'avahi-daemon.service masked\n', state: 'inactive dead' }),
    )
    await bench.press('x')
    expect(bench.said()).toContain('avahi-daemon.service is masked: m unmasks it first')
    await bench.press('m')
    expect(bench.staged()).toEqual(['avahi-daemon.service unmask'])
  })

  test.each([
    ['sysvinit', 'm', "scripts can't be masked: d keeps one from starting at boot"],
    ['openrc', 'x', 'services of OpenRC are only shown: rc-service and rc-update'],
    ['openrc', 'd', 'services of OpenRC are only shown: rc-service and rc-update'],
  ])('of %s: %s says what can be done instead', async (manager, key, words) => {
    const scripts = 'cups\tenabled\t/usr/sbin/cupsd\t0\t.2345\tPrinting'
    const bench = await on('cups', { texts: { units: { manager, scripts, programs: '', started: 'known\ncups' } } })
    await bench.press(key)
    expect([bench.staged(), bench.said()]).toEqual([[], expect.stringContaining(words)])
  })

  test('is left alone in a console that only reads', async () => {
    const bench = await on('avahi-daemon.service', { readOnly: true })
    await bench.press('x')
    expect([bench.staged(), bench.said()]).toEqual([[], expect.stringContaining('--read-only')])
  })
})
