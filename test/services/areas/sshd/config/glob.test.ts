import { expect, it, test } from 'vitest'
import { pathsOf } from '../../../../../src/services/areas/sshd/config/glob.ts'

const D = '/etc/ssh/sshd_config.d'

it.each<[pattern: string, met: string[]]>([
  [`${D}/*.conf`, [`${D}/10.conf`, `${D}/B.conf`, `${D}/a.conf`, `${D}/é.conf`]],
  ['sshd_config.d/*.conf', [`${D}/10.conf`, `${D}/B.conf`, `${D}/a.conf`, `${D}/é.conf`]],
  [`${D}/*`, [`${D}/10.conf`, `${D}/B.conf`, `${D}/a.conf`, `${D}/b`, `${D}/é.conf`]],
  [`${D}/.*`, [`${D}/.hidden.conf`]],
  [`${D}/\\.*`, [`${D}/.hidden.conf`]],
  [`${D}/[.]*`, []],
  [`${D}/?.conf`, [`${D}/B.conf`, `${D}/a.conf`]],
  [`${D}/??.conf`, [`${D}/10.conf`, `${D}/é.conf`]],
  [`${D}/[0-9]*`, [`${D}/10.conf`]],
  [`${D}/[!0-9a].conf`, [`${D}/B.conf`]],
  [`${D}/[a-]*`, [`${D}/a.conf`]],
  [`${D}/[]a]*`, [`${D}/a.conf`]],
  [`${D}/[a`, []],
  [`${D}/a.con\\f`, [`${D}/a.conf`]],
  [`${D}/a.con\\*`, []],
  ['/etc/*/*', ['/etc/other/x', '/etc/ssh/sshd_config', '/etc/ssh/~']],
  ['/etc/ssh*', []],
  ['/*/ssh/sshd_config', ['/etc/ssh/sshd_config']],
  ['/etc//ssh/./sshd_config', ['/etc/ssh/sshd_config']],
  ['/etc/ssh/x/../sshd_config', ['/etc/ssh/sshd_config']],
  ['/etc/ssh/sshd_config', ['/etc/ssh/sshd_config']],
  ['sshd_config', ['/etc/ssh/sshd_config']],
  ['*sd_config', []],
  ['*hd_config', ['/etc/ssh/sshd_config']],
  [`${D}/[!]a]*`, [`${D}/10.conf`, `${D}/B.conf`, `${D}/b`, `${D}/é.conf`]],
  ['~', []],
  ['/etc/ssh/~', ['/etc/ssh/~']],
  ['', []],
  ['nothing*', []],
])('%s stands for %j', (pattern, met) => {
  const names = ['é.conf', 'b', 'a.conf', 'B.conf', '10.conf', '.hidden.conf'].map((name) => `${D}/${name}`)
  const bytes = (text: string) => Buffer.from(text).toString('latin1')
  const paths = ['/etc/ssh/~', ...names, '/etc/ssh/sshd_config', '/etc/other/x'].map(bytes)
  expect(pathsOf(bytes(pattern), paths)).toEqual(met.map(bytes))
})

test('a pattern of many stars is soon judged', () => {
  const began = performance.now()
  expect(pathsOf(`/${'*a'.repeat(2000)}b`, [`/${'a'.repeat(4000)}`])).toEqual([])
  expect(performance.now() - began).toBeLessThan(1000)
})
