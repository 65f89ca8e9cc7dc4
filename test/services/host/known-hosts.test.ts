import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  appendKnownHost,
  entriesFor,
  fingerprint,
  hostName,
  judgeHostKey,
  knownHostLine,
  matchesNames,
  parseKnownHosts,
  preferredAlgorithms,
  readKnownHosts,
} from '../../../src/services/host/known-hosts.ts'
import { makeKey } from '../../support/ssh-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'hardtui-known-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const KEY = makeKey('ed25519').public
const OTHER = makeKey('ed25519').public
const RSA = makeKey('rsa').public
const blob = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64')
const judge = (text: string, key: string, ...names: string[]) =>
  judgeHostKey(parseKnownHosts(text, 'file'), names, blob(key))

const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

/** What OpenSSH itself finds: the line numbers. */
function found(file: string, name: string): readonly number[] {
  const ran = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' })
  return [...ran.stdout.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line))
}

describe('known_hosts', () => {
  it.skipIf(!hasKeygen)('finds the same lines as ssh-keygen -F', async () => {
    const file = join(folder, 'oracle')
    const lines = [
      '# a comment',
      `plain.example.org ${KEY}`,
      `one.example.org,two.example.org,192.0.2.7 ${KEY} trailing words`,
      `[ported.example.org]:10022 ${KEY}`,
      `*.wild.example.org,!bad.wild.example.org ${KEY}`,
      `h?st ${KEY}`,
      `UPPER.example.org ${KEY}`,
      `[2001:db8::1]:2222,2001:db8::2 ${KEY}`,
      '',
      `garbage line`,
      `\t indented.example.org ${RSA}`,
      knownHostLine('hashed.example.org', blob(KEY), true),
      knownHostLine('[hashed.example.org]:10022', blob(RSA), true),
      `|1|broken|hash ${KEY}`,
      `[*]:10022 ${RSA}`,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const read = await readKnownHosts([file])
    if (!read.ok) throw new Error(read.error.reason)
    const names = [
      ...['plain.example.org', 'two.example.org', '192.0.2.7', 'PLAIN.example.org', 'upper.example.org', 'host'],
      ...['a.wild.example.org', 'bad.wild.example.org', 'hashed.example.org', 'indented.example.org', 'nowhere'],
      ...['[ported.example.org]:10022', '[hashed.example.org]:10022', '[2001:db8::1]:2222', '2001:db8::2', '[x]:10022'],
    ]
    for (const name of names) {
      const ours = entriesFor(read.value, name.toLowerCase()).map(({ line }) => line)
      expect({ name, lines: ours }).toEqual({ name, lines: found(file, name) })
    }
  })

  it.skipIf(!hasKeygen)('writes hashed lines that ssh-keygen finds, and the fingerprint it prints', () => {
    const file = join(folder, 'hashed')
    writeFileSync(file, `${knownHostLine('[h.example.org]:2222', blob(KEY), true)}\n`)
    expect(readFileSync(file, 'utf8')).not.toContain('example')
    expect(found(file, '[h.example.org]:2222')).toEqual([1])
    const printed = execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' })
    expect(printed).toContain(fingerprint(blob(KEY)))
  })

  it('tells known, unknown and changed keys apart, with file and line', () => {
    const text = `# first\nhost ${KEY}\n`
    expect(judge(text, KEY, 'host')).toEqual({ state: 'known' })
    expect(judge(text, KEY, 'elsewhere')).toEqual({ state: 'unknown', certAuthority: false })
    expect(judge(text, OTHER, 'host')).toEqual({ state: 'changed', file: 'file', line: 2 })
  })

  it('takes one of several keys of the same type for a host', () => {
    expect(judge(`host ${OTHER}\nhost ${KEY}\n`, KEY, 'host')).toEqual({ state: 'known' })
  })

  it('lets a revoked key beat every other line', () => {
    const text = `host ${KEY}\n@revoked * ${KEY}\n`
    expect(judge(text, KEY, 'host')).toEqual({ state: 'revoked', file: 'file', line: 2 })
  })

  it('says when only a certificate authority is listed', () => {
    expect(judge(`@cert-authority *.org ${OTHER}\n`, KEY, 'a.org')).toEqual({ state: 'unknown', certAuthority: true })
  })

  it('never takes a key for another host or a hashed name with a wildcard', () => {
    expect(judge(`other ${KEY}\n`, KEY, 'host').state).toBe('unknown')
    expect(matchesNames('|1|*|*', 'host')).toBe(false)
    expect(matchesNames('!host,*', 'host')).toBe(false)
    expect(matchesNames('*,!host', 'host')).toBe(false)
  })

  it('names a host on another port with brackets', () => {
    expect(hostName('Example.org', 22)).toBe('example.org')
    expect(hostName('2001:db8::1', 2222)).toBe('[2001:db8::1]:2222')
  })

  it('offers only the key types it knows of a host', () => {
    const entries = parseKnownHosts(`host ${RSA}\n@revoked host ${KEY}\n`, 'file')
    expect(preferredAlgorithms(entries, 'host')).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
    expect(preferredAlgorithms(entries, 'elsewhere')).toContain('ssh-ed25519')
    expect(preferredAlgorithms(entries, 'elsewhere')).not.toContain('ssh-rsa')
  })

  it('does not take time that grows with the square of a hostile pattern', () => {
    const started = performance.now()
    expect(matchesNames(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('appends a line of its own even when the last one was left open', async () => {
    const file = join(folder, 'deep', 'known_hosts')
    await appendKnownHost(file, 'first')
    writeFileSync(file, 'open end')
    expect(await appendKnownHost(file, 'second')).toEqual({ ok: true, value: undefined })
    expect(readFileSync(file, 'utf8')).toBe('open end\nsecond\n')
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('counts a missing file as empty and refuses one that can not be read', async () => {
    expect(await readKnownHosts([join(folder, 'missing')])).toEqual({ ok: true, value: [] })
    const file = join(folder, 'as-folder')
    chmodSync(folder, 0o755)
    expect(await readKnownHosts([folder])).toEqual({ ok: false, error: { file: folder, reason: 'EISDIR' } })
    expect(await readKnownHosts([`${file}\0`])).toMatchObject({ ok: false })
  })
})
