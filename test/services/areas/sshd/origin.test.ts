import { describe, expect, test } from 'vitest'
import { originOf } from '../../../../src/services/areas/sshd/origin.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import { DROP_IN, MAIN, sshdOf } from './some-facts.ts'

const FILES = {
  [MAIN]:
    'Include /etc/ssh/sshd_config.d/*.conf\n  PermitRootLogin yes # ours\nPort 22\nMatch User ops\n\tPermitRootLogin no\n',
  [DROP_IN]: 'PermitRootLogin prohibit-password\nPort 10022\n',
}
const [FIRST, SECOND, BLOCK] = [
  `${DROP_IN}:1 permitrootlogin`,
  `${MAIN}:2 permitrootlogin`,
  `match ${MAIN}:5 permitrootlogin`,
]

const from = (keyword: string, sources: readonly string[], options: readonly string[] = []) => {
  const facts = sshdOf([{ settings: '', sources }], FILES, { options: options.map((one) => safe(one)) })
  const { lines, otherwise } = originOf(facts, facts.views[0] as never, keyword)
  return otherwise ?? lines.map(({ place, text, as }) => `${as} ${place} ${text}`)
}

describe('a value comes from', () => {
  test('the line that sshd read first, with those that it shadows', () => {
    expect(from('PermitRootLogin', [FIRST, SECOND])).toEqual([
      `counts ${DROP_IN}:1 PermitRootLogin prohibit-password`,
      `shadowed ${MAIN}:2 PermitRootLogin yes # ours`,
    ])
  })

  test('a Match block that holds, before all that is said to everybody', () => {
    expect(from('PermitRootLogin', [FIRST, SECOND, BLOCK])).toEqual([
      `counts ${MAIN}:5 PermitRootLogin no`,
      `shadowed ${DROP_IN}:1 PermitRootLogin prohibit-password`,
      `shadowed ${MAIN}:2 PermitRootLogin yes # ours`,
    ])
  })

  test('all lines of a keyword each of which adds to the others', () => {
    expect(from('Port', [`${DROP_IN}:2 port`, `${MAIN}:3 port`])).toEqual([
      `counts ${DROP_IN}:2 Port 10022`,
      `counts ${MAIN}:3 Port 22`,
    ])
  })

  test('an option of the command line, which stands above every file', () => {
    expect(from('Ciphers', [FIRST], ['Ciphers=aes128-ctr'])).toBe('its command line: -o Ciphers=aes128-ctr')
  })

  test('sshd itself where no line sets it, and from nowhere that is known where sshd did not say', () => {
    expect(from('MaxAuthTries', [FIRST])).toBe("no line sets it: this is sshd's own default")
    expect(from('MaxAuthTries', [])).toBe('sshd did not say where from')
  })

  test('a line whose file was not read, by its keyword alone', () => {
    expect(from('PermitRootLogin', ['/etc/ssh/gone:7 permitrootlogin'])).toEqual([
      'counts /etc/ssh/gone:7 permitrootlogin',
    ])
  })
})
