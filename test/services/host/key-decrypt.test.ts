import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, describe, expect, it } from 'vitest'
import { openSealed, unseal } from '../../../src/services/host/key-decrypt.ts'

const folder = mkdtempSync(join(tmpdir(), 'hardtui-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

function sealed(name: string, ...args: string[]): { readonly text: string; readonly publicLine: string } {
  const file = join(folder, name)
  const ran = spawnSync('ssh-keygen', ['-q', '-N', 'pass ä phrase', '-f', file, ...args], { encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  return { text: readFileSync(file, 'utf8'), publicLine: readFileSync(`${file}.pub`, 'utf8') }
}

describe.skipIf(!hasKeygen)('encrypted keys of ssh-keygen', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['ecdsa', ['-t', 'ecdsa', '-b', '384']],
    ['cbc', ['-t', 'ed25519', '-Z', 'aes256-cbc']],
    ['gcm', ['-t', 'ed25519', '-Z', 'aes256-gcm@openssh.com']],
    ['rounds', ['-t', 'ed25519', '-a', '30']],
  ])('open with the passphrase and with no other: %s', async (name, args) => {
    const { text, publicLine } = sealed(name, ...args)
    const key = openSealed(text)
    if (key === null) throw new Error('not taken for an encrypted key')
    expect(publicLine).toContain(key.publicBlob.toString('base64'))
    expect(await unseal(key, 'wrong')).toBeNull()
    const plain = ssh2.utils.parseKey((await unseal(key, 'pass ä phrase')) ?? '')
    if (plain instanceof Error) throw plain
    expect(plain.isPrivateKey()).toBe(true)
    expect(plain.getPublicSSH().equals(key.publicBlob)).toBe(true)
    const data = Buffer.from('signed')
    expect(plain.verify(data, plain.sign(data))).toBe(true)
  })

  it('let the screen breathe while they are opened', async () => {
    const key = openSealed(sealed('slow', '-t', 'ed25519', '-a', '40').text)
    if (key === null) throw new Error('not taken for an encrypted key')
    let turns = 0
    const turn = (): void => {
      turns += 1
      beat = setImmediate(turn)
    }
    let beat = setImmediate(turn)
    await unseal(key, 'wrong')
    clearImmediate(beat)
    // At least one turn of the event loop for each round of each of the two blocks.
    expect(turns).toBeGreaterThanOrEqual(80)
  })
})

describe('what is no encrypted key', () => {
  it('is told apart', () => {
    expect(openSealed('')).toBeNull()
    expect(openSealed('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----')).toBeNull()
    const { private: open } = ssh2.utils.generateKeyPairSync('ed25519')
    expect(openSealed(open)).toBeNull()
  })
})
