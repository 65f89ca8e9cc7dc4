import { generateKeyPairSync } from 'node:crypto'
import ssh2 from 'ssh2'

export type HostKeyType = 'ed25519' | 'rsa' | 'ecdsa'

/** A key pair of ssh2's making: private text and the line of an authorized_keys file. */
export type KeyPair = { readonly private: string; readonly public: string }

export function makeKey(type: HostKeyType, passphrase?: string): KeyPair {
  const locked = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 16 }
  if (type === 'rsa') {
    // ssh2's own generator takes seconds for RSA.
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const text = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    const parsed = ssh2.utils.parseKey(text)
    if (parsed instanceof Error) throw parsed
    return { private: text, public: `ssh-rsa ${parsed.getPublicSSH().toString('base64')}` }
  }
  const options = type === 'ecdsa' ? { bits: 256, ...locked } : locked
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(type as 'ed25519', options as object)
    // One in some hundred of its keys is one that it can't read itself.
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair
  }
}
