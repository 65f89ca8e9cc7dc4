// Lines of authorized_keys(5), held against ssh-keygen(1), which reads them with sshd's own code.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  expiryOf,
  forwardsPorts,
  readKeyLine,
  readKeys,
  timeOf,
} from '../../../../../src/services/areas/sshd/accounts/keys.ts'
import { readOptions } from '../../../../../src/services/areas/sshd/accounts/options.ts'
import type { AuthorizedKey, KeyLine } from '../../../../../src/services/model/account-facts.ts'
import { bytesOf, type FileBytes, fromBytes } from '../../../../../src/services/model/file-bytes.ts'

const run = promisify(execFile)
let folder = ''
const keys = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'))
  const make = async (name: string, ...args: readonly string[]): Promise<void> => {
    await run('ssh-keygen', ['-q', '-N', '', '-C', `${name} key`, '-f', join(folder, name), ...args])
    keys.set(name, (await readFile(join(folder, `${name}.pub`), 'utf8')).trim())
  }
  await make('ca', '-t', 'ed25519')
  await make('rsa1024', '-t', 'rsa', '-b', '1024')
  await make('rsa2047', '-t', 'rsa', '-b', '2047')
  await make('rsa3072', '-t', 'rsa', '-b', '3072')
  for (const bits of ['256', '384', '521']) await make(`ecdsa${bits}`, '-t', 'ecdsa', '-b', bits)
  await make('ed25519', '-t', 'ed25519')
  // OpenSSH 10 has forgotten them.
  await make('dsa', '-t', 'dsa').catch(() => keys.delete('dsa'))
  for (const name of ['rsa3072', 'ecdsa384', 'ed25519']) {
    await run('ssh-keygen', [
      '-q',
      '-s',
      join(folder, 'ca'),
      '-I',
      'an id',
      '-n',
      'root,ops',
      join(folder, `${name}.pub`),
    ])
    keys.set(`${name}-cert`, (await readFile(join(folder, `${name}-cert.pub`), 'utf8')).trim())
  }
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const key = (name: string): string => keys.get(name) ?? expect.fail(`no key ${name}`)
const blob = (name: string): string => key(name).split(' ')[1] as string
const field = (bytes: Buffer | string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, Buffer.from(bytes as string, 'latin1')])
}
/** Security keys can't be made without a device: their blobs can. */
const sk = (): readonly string[] => {
  const point = Buffer.from(blob('ecdsa256'), 'base64').subarray(-65)
  const ed = 'sk-ssh-ed25519@openssh.com'
  const ec = 'sk-ecdsa-sha2-nistp256@openssh.com'
  return [
    `${ed} ${Buffer.concat([field(ed), field(Buffer.from(blob('ed25519'), 'base64').subarray(-32)), field('ssh:')]).toString('base64')} sk`,
    `${ec} ${Buffer.concat([field(ec), field('nistp256'), field(point), field('ssh:')]).toString('base64')} sk ec`,
  ]
}

const SHOWN: Readonly<Record<string, string>> = { rsa: 'RSA', dsa: 'DSA', ecdsa: 'ECDSA', ed25519: 'ED25519' }
const ours = (line: KeyLine): readonly string[] => {
  if (line.state === 'broken') return []
  const [kind = '', isSk] = line.key.kind.split('-')
  const type = `${SHOWN[kind]}${isSk ? '-SK' : ''}${line.key.certificate ? '-CERT' : ''}`
  return [`${line.key.bits} ${line.key.fingerprint} (${type})`]
}
/** What ssh-keygen says of a file, without comments: for a key without one it prints what stood before. */
async function theirs(text: string | Uint8Array): Promise<readonly string[]> {
  const file = join(folder, `f${Math.random()}`)
  await writeFile(file, text)
  const { stdout } = await run('ssh-keygen', ['-l', '-f', file]).catch((error: { stdout: string }) => error)
  await rm(file)
  return stdout
    .split('\n')
    .flatMap((line) => /^\d+ SHA256:\S+/.exec(line)?.map((head) => `${head} ${line.split(' ').at(-1)}`) ?? [])
}
const small = (line: KeyLine): boolean => line.state === 'key' && line.key.kind === 'rsa' && line.key.bits < 1024
const mine = (text: string): readonly string[] =>
  readKeys(bytesOf(text)).flatMap((line) => (small(line) ? [] : ours(line)))

describe('keys, as ssh-keygen -lf has them', () => {
  test('of every type, and certificates', async () => {
    const text = `# comment\n\n${[...keys.values(), ...sk()].join('\n')}\n`
    const found = await theirs(text)
    expect(mine(text)).toEqual(found)
    expect(found).toHaveLength(keys.size + 2)
    expect(readKeys(bytesOf(text)).map((line) => line.state === 'key' && line.comment)).toContain('ecdsa521 key')
  })

  test('behind options, or broken', async () => {
    const e = blob('ed25519')
    const r = blob('rsa3072')
    const lines = [
      `command="a b\\" c",no-pty ssh-ed25519 ${e} x`,
      `  from="10.0.0.0/8,!10.1.0.0/16"\tssh-rsa \t ${r}\tx y`,
      `command="never closed ssh-ed25519 ${e}`,
      `rsa-sha2-256 ${r} x`,
      `ssh-rsa ${e} x`,
      `ssh-rsa ssh-rsa ${r} x`,
      `ecdsa-sha2-nistp384 ${blob('ecdsa256')} x`,
      `ssh-ed25519 ${e}# x`,
      `ssh-ed25519 ${e}= x`,
      `ssh-ed25519 ${e.slice(0, -1)} x`,
      `ssh-ed25519 ${e.slice(0, -4)} x`,
      `ssh-ed25519 ${e}AAAA x`,
      `ssh-ed25519 ${e.slice(0, 30)}\r${e.slice(30)} x`,
      `ssh-ed25519-cert-v01@openssh.com ${e} x`,
      `ssh-ed25519 ${blob('ed25519-cert')} x`,
      `ssh-ed25519  x`,
      'ssh-ed25519',
      'rubbish',
      `a b ssh-ed25519 ${e}`,
      `ssh-ed25519 ${e}\r`,
      `cert-authority ${key('ca')}`,
      `ssh-rsa ${Buffer.concat([field('ssh-rsa'), field(Buffer.from([1, 0, 1])), field(Buffer.alloc(256, 0xff))]).toString('base64')} negative`,
      `ecdsa-sha2-nistp256 ${Buffer.concat([field('ecdsa-sha2-nistp256'), field('nistp256'), field(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]))]).toString('base64')} off the curve`,
    ]
    for (const line of lines) expect([line, mine(line)]).toEqual([line, await theirs(`${line}\n`)])
    expect(mine(lines.join('\n'))).toEqual(await theirs(lines.join('\n')))
  })

  test('however lines are mixed up', async () => {
    const words = [
      'ssh-ed25519',
      'ssh-rsa',
      blob('ed25519'),
      blob('rsa1024'),
      'command="a b"',
      'no-pty,',
      '"',
      '\\"',
      '#',
      'x',
    ]
    const piece = fc.constantFrom(...words, ...words.slice(0, 4), ' ', ' ', '\t', '\n', '\n', '=')
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const text = pieces.join('')
        expect(mine(text)).toEqual(await theirs(text))
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  test('are said to be broken for a reason, and never thrown over', () => {
    const whys = [`ssh-rsa ${blob('ed25519')}`, 'ssh-ed25519', 'ssh-foo AAAA', 'ssh-rsa !!', 'command="x'].map(
      (line) => {
        const found = readKeyLine(bytesOf(line), 3)
        return found?.state === 'broken' ? found.why : found
      },
    )
    expect(whys).toEqual([
      'the key is of another type than the line says',
      'no key stands behind its type',
      'ssh-foo is no type of key',
      'the key is no base64',
      'a quote is not closed',
    ])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readKeys(fromBytes(bytes))))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...keys.keys()), (bytes, name) => {
        const line = `${key(name).split(' ')[0]} ${Buffer.from(bytes).toString('base64')}`
        readKeyLine(line as FileBytes, 1)
      }),
    )
  })

  test('hostile comments are made visible', () => {
    const found = readKeyLine(bytesOf(`ssh-ed25519 ${blob('ed25519')} \u001b]0;x\u0007\u202e`), 1)
    expect(found).toMatchObject({ comment: '␛]0;x␇\\u{202e}' })
  })
})

const RESTRICTED = 'restrict,port-forwarding'
describe('options', () => {
  const of = (options: string): AuthorizedKey => {
    const found = readKeyLine(bytesOf(`${options} ssh-ed25519 ${blob('ed25519')}`), 1)
    return found?.state === 'key' ? found : expect.fail(`no key: ${options}`)
  }

  test('come round as they were written', () => {
    const value = fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll(/[\\\n\0]/g, '.'))
    const option = fc.oneof(
      fc.constantFrom('restrict', 'No-Pty', 'cert-authority').map((name) => ({ name, value: null })),
      fc
        .tuple(fc.constantFrom('environment', 'permitopen', 'tunnel'), value)
        .map(([name, one]) => ({ name, value: one })),
    )
    fc.assert(
      fc.property(fc.array(option, { minLength: 1 }), (options) => {
        const text = options
          .map(({ name, value: one }) => (one === null ? name : `${name}="${one.replaceAll('"', '\\"')}"`))
          .join(',')
        const lower = options.map((one) => ({ ...one, name: one.name.toLowerCase() }))
        expect(readOptions(text)).toEqual({ options: lower, problem: null })
        expect(of(text).options.map(({ name }) => name)).toEqual(lower.map(({ name }) => name))
      }),
    )
  })

  test.each([
    ['command=x', 'the value of command is not in quotes'],
    ['command', 'command is no option'],
    ['no-pty="1"', 'no-pty is no option'],
    ['no-pty,', 'a comma stands at the end of the options'],
    ['command="a",command="b"', 'command is given twice'],
    ['from="a"b', 'something stands behind from'],
    [',no-pty', ' is no option'],
    ['ssh-rsa', 'the option ssh-rsa is not known here'],
  ])('%s are not taken', (options, words) => {
    expect(of(options).problem?.words).toBe(words)
  })

  test.each([
    ['no-pty', true],
    ['no-port-forwarding', false],
    ['restrict', false],
    [RESTRICTED, true],
    [`${RESTRICTED},no-port-forwarding`, false],
  ])('%s: forwards ports %s', (options, forwards) => {
    expect(forwardsPorts(of(options))).toBe(forwards)
  })

  test('end a key at its time', () => {
    expect(timeOf('20260102', 0)).toBe(Date.UTC(2026, 0, 2) / 1000)
    expect(timeOf('202601020304', 60)).toBe(Date.UTC(2026, 0, 2, 2, 4) / 1000)
    expect(timeOf('20260102030405Z', 60)).toBe(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000)
    for (const text of ['', '2026', '20261302', '2026010225', '202601022500']) expect(timeOf(text, 0)).toBeNull()
    expect(expiryOf(of('expiry-time="20300101",expiry-time="20260102"'), 0)).toBe(Date.UTC(2026, 0, 2) / 1000)
  })
})
