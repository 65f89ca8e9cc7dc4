import { describe, expect, test } from 'vitest'
import { keysOf } from '../../../support/headless.ts'

/** The names that `/` with a text leaves, of a host with one unit of each kind. */
async function filtered(text: string): Promise<readonly string[]> {
  const bench = await keysOf({
    texts: {
      units: {
        manager: 'systemd',
        units: `broken.service loaded failed failed A
getty@tty1.service loaded active running B
nginx.service loaded active running C
odd.service loaded inactive dead D
cups.socket loaded active listening E`,
        files:
          'nginx.service enabled enabled\nodd.service masked enabled\ngetty@.service enabled enabled\ncups.socket disabled enabled',
        sockets: '',
        'listeners-ss':
          'tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=600,fd=6)) cgroup:/system.slice/nginx.service <->',
      },
    },
  })
  await bench.press('3', '/')
  await bench.type(text)
  await bench.press('Enter')
  const { console } = bench
  const { items } = console.lists.pane(console.store.getState(), 'units')
  return items.flatMap((item) => (/^unit:(.*)$/.exec(item.id) ?? []).slice(1))
}

describe('a word for what services do', () => {
  test.each([
    ['failed', ['broken.service']],
    ['listening', ['nginx.service', 'cups.socket']],
    ['running', ['nginx.service', 'cups.socket', 'getty@tty1.service']],
    ['stopped', ['odd.service']],
    ['enabled', ['nginx.service', 'getty@tty1.service']],
    ['masked', ['odd.service']],
    ['transient', ['broken.service']],
    ['needless', ['cups.socket']],
  ])('lists those by /%s', async (word, names) => {
    expect(await filtered(word)).toEqual(expect.arrayContaining(names))
    expect(await filtered(word)).toHaveLength(names.length)
  })

  test('lists no template, which nothing can start', async () => {
    expect(await filtered('getty')).toEqual(['getty@tty1.service'])
  })
})
