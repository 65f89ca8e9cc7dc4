import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { knownLogins } from '../../src/command-line/known-logins.ts'

function place() {
  const home = mkdtempSync(join(tmpdir(), 'known-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const open = (host = 'web1.example.net') => knownLogins(host, { XDG_STATE_HOME: home })
  return { open, file: join(home, 'hardtui/known-logins-web1.example.net.json') }
}
const KIM = 'kim\u0000192.0.2.1\u0000publickey\u0000SHA256:abc'

describe('the logins that are known', () => {
  test('are none at first, and those that were said, in another console too', async () => {
    const { open } = place()
    expect(await open().read()).toEqual({ ok: true, value: [] })
    await open().change(KIM, true)
    await open().change('pat\u0000192.0.2.2\u0000password\u0000', true)
    expect(await open().read()).toEqual({ ok: true, value: [KIM, 'pat\u0000192.0.2.2\u0000password\u0000'] })
    expect(await open().change(KIM, false)).toEqual({ ok: true, value: ['pat\u0000192.0.2.2\u0000password\u0000'] })
  })

  test('are kept for each server, in a file that nobody else may read', async () => {
    const { open, file } = place()
    await open().change(KIM, true)
    expect(await open('web2').read()).toEqual({ ok: true, value: [] })
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(join(file, '..')).mode & 0o777).toString(8)).toBe('700')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      version: 1,
      host: 'web1.example.net',
      logins: [['kim', '192.0.2.1', 'publickey', 'SHA256:abc']],
    })
  })

  test('that cannot be read are not written over', async () => {
    const { open, file } = place()
    await open().change(KIM, true)
    for (const text of ['{', '{"version":2,"logins":[]}', '[]']) {
      writeFileSync(file, text)
      expect(await open().read()).toMatchObject({ ok: false, error: expect.stringContaining("can't be read") })
      expect(await open().change('x', true)).toMatchObject({ ok: false })
      expect(readFileSync(file, 'utf8')).toBe(text)
    }
  })

  test('of a server with a strange name stay in their folder', async () => {
    const { open, file } = place()
    await open('../../etc/passwd').change(KIM, true)
    expect(readFileSync(join(file, '../known-logins-.._.._etc_passwd.json'), 'utf8')).toContain('kim')
  })
})
