import { describe, expect, test } from 'vitest'
import { keysNamed, offered, offeredOf } from '../../../../src/services/areas/sshd/outside.ts'
import { parseSettings } from '../../../../src/services/areas/sshd/parse.ts'
import type { Offer } from '../../../../src/services/model/host.ts'
import { someHost } from '../some-host.ts'
import { ED25519, rsa } from './accounts/some-accounts.ts'
import { sshdOf } from './some-facts.ts'

const SETTINGS = `kexalgorithms curve25519-sha256,ecdh-sha2-nistp256
ciphers aes256-gcm@openssh.com,aes256-ctr
macs hmac-sha2-256
hostkeyalgorithms ssh-ed25519,rsa-sha2-512,ecdsa-sha2-nistp256`
const OFFER: Offer = {
  kex: ['curve25519-sha256', 'ecdh-sha2-nistp256'],
  hostKey: ['rsa-sha2-512', 'ssh-ed25519'],
  cipher: ['aes256-gcm@openssh.com', 'aes256-ctr'],
  mac: ['hmac-sha2-256'],
  keys: [ED25519.split(' ')[1] ?? '', rsa(2048).split(' ')[1] ?? ''],
  at: 0,
}
const judged = (offers: readonly Offer[] | undefined, settings = SETTINGS) => {
  const facts = { ...sshdOf([{ settings }]), settings: parseSettings(settings) }
  const host = someHost()
  return offered.judge(facts, offers ? { ...host, offers } : host, { listeners: null } as never)
}

describe('what the last login was offered', () => {
  test('is as the settings say, with the sizes of the host keys that were named', () => {
    expect(judged([OFFER])).toEqual({
      outcome: 'pass',
      observed: '2 key exchanges, 2 ciphers, 1 MACs; ED25519 256, RSA 2048',
      details: [
        expect.stringMatching(/^host key ED25519 256 SHA256:/),
        expect.stringMatching(/^host key RSA 2048 SHA256:/),
      ],
    })
  })

  test('is otherwise where sshd was not told of an edit, and what differs is named', () => {
    const verdict = judged([{ ...OFFER, cipher: [...OFFER.cipher, '3des-cbc'] }])
    expect(verdict.outcome).toBe('unknown')
    expect(verdict.details?.[0]).toBe('Ciphers: beyond the settings 3des-cbc')
    expect(judged([{ ...OFFER, kex: ['curve25519-sha256'] }]).details?.[0]).toBe(
      'KexAlgorithms: not offered ecdh-sha2-nistp256',
    )
    expect(judged([{ ...OFFER, hostKey: ['ssh-dss'] }]).outcome).toBe('unknown')
  })

  test('is told by an older login where a change was rolled back since the newest', () => {
    expect(judged([{ ...OFFER, mac: [] }, OFFER])).toMatchObject({
      outcome: 'pass',
      observed: '2 key exchanges, 2 ciphers, 1 MACs; ED25519 256, RSA 2048, to an earlier login',
    })
  })

  test('is not known where it was not heard, or sshd names no algorithms', () => {
    expect(judged([])).toEqual(judged(undefined))
    expect(judged([]).outcome).toBe('unknown')
    expect(judged([OFFER], 'kexalgorithms curve25519-sha256').outcome).toBe('unknown')
  })

  test('is shown with the keyword that has a say in it', () => {
    expect(offeredOf('MACs', [OFFER])).toBe('hmac-sha2-256')
    expect([offeredOf('MACs', []), offeredOf('MaxAuthTries', [OFFER])]).toEqual([null, null])
  })
})

test('a host key that is none is said so, and hostile names are harmless', () => {
  const odd = Buffer.from('\x00\x00\x00\x05\x1b[2Jx', 'latin1').toString('base64')
  for (const one of keysNamed({ ...OFFER, keys: ['', odd] })) expect(one).toMatch(/^[^\x1b\n]+$/)
})
