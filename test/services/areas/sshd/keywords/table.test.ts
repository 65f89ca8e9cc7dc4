import { describe, expect, test } from 'vitest'
import {
  isKnownTo,
  KEYWORDS,
  keywordOf,
  lastCounts,
  spelledFor,
  standsInMatch,
} from '../../../../../src/services/areas/sshd/keywords/table.ts'

const the = (name: string) => {
  const found = keywordOf(name)
  if (!found) throw new Error(`no keyword ${name}`)
  return found
}

describe('the table of keywords', () => {
  test('has each name once, older ones too, and says of each what it is about', () => {
    const names = KEYWORDS.flatMap(({ name, also }) => [name, ...also]).map((name) => name.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
    for (const { name, about, kind } of KEYWORDS) {
      expect(name).toMatch(/^[A-Z][A-Za-z0-9]+$/)
      expect(about).toMatch(/^[A-Z].*\.$/)
      if (kind.of === 'choice') expect(kind.choices.length).toBeGreaterThan(0)
    }
  })

  test('takes each of its choices for a value, and prints it as a value of its own', () => {
    for (const { name, kind, check, printed } of KEYWORDS)
      for (const { value, means } of kind.choices) {
        expect([name, value, check(value)]).toEqual([name, value, null])
        expect(means).not.toBe('')
        for (const line of printed(value) ?? []) expect([name, line, check(line)]).toEqual([name, line, null])
      }
  })

  test.each([
    ['permitrootlogin', 'PermitRootLogin'],
    ['ChallengeResponseAuthentication', 'KbdInteractiveAuthentication'],
    ['SKEYAUTHENTICATION', 'KbdInteractiveAuthentication'],
    ['PubkeyAcceptedKeyTypes', 'PubkeyAcceptedAlgorithms'],
    ['HostbasedAcceptedKeyTypes', 'HostbasedAcceptedAlgorithms'],
    ['dsaauthentication', 'PubkeyAuthentication'],
    ['HostDSAKey', 'HostKey'],
    ['KeepAlive', 'TCPKeepAlive'],
    ['macs', 'MACs'],
  ])('finds %s as %s', (name, found) => {
    expect(keywordOf(name)?.name).toBe(found)
  })

  test('adds up the lines of these alone', () => {
    expect(KEYWORDS.filter(({ several }) => several).map(({ name }) => name)).toEqual([
      ...[
        'AllowUsers',
        'DenyUsers',
        'AllowGroups',
        'DenyGroups',
        'HostKey',
        'HostCertificate',
        'AcceptEnv',
        'Subsystem',
      ],
      ...['Port', 'ListenAddress', 'PerSourcePenalties', 'Include', 'Match'],
    ])
  })

  test('knows no keyword of another name', () => {
    for (const name of ['', 'PATH', 'Permit', 'constructor']) expect(keywordOf(name)).toBeNull()
  })
})

describe('a keyword', () => {
  test.each([
    ['KbdInteractiveAuthentication', 'OpenSSH_8.6p1', 'ChallengeResponseAuthentication'],
    ['KbdInteractiveAuthentication', 'OpenSSH_8.7p1', 'KbdInteractiveAuthentication'],
    ['PubkeyAcceptedAlgorithms', 'OpenSSH_8.4p1 Debian-5', 'PubkeyAcceptedKeyTypes'],
    ['PubkeyAcceptedAlgorithms', 'OpenSSH_8.5p1', 'PubkeyAcceptedAlgorithms'],
    ['HostbasedAcceptedAlgorithms', 'OpenSSH_7.4p1', 'HostbasedAcceptedKeyTypes'],
    ['HostbasedAcceptedAlgorithms', 'OpenSSH_10.0p2', 'HostbasedAcceptedAlgorithms'],
    ['PubkeyAcceptedAlgorithms', 'OpenSSH_for_Windows_8.1p1', 'PubkeyAcceptedKeyTypes'],
    ['PubkeyAcceptedAlgorithms', 'Dropbear', 'PubkeyAcceptedAlgorithms'],
    ['PubkeyAcceptedAlgorithms', null, 'PubkeyAcceptedAlgorithms'],
    ['RequiredRSASize', 'OpenSSH_8.4p1', 'RequiredRSASize'],
  ])('%s is spelled for %s as %s', (name, version, spelled) => {
    expect(spelledFor(the(name), version)).toBe(spelled)
  })

  test.each([
    ['RequiredRSASize', 'OpenSSH_9.0p1', false],
    ['RequiredRSASize', 'OpenSSH_9.1p1', true],
    ['RequiredRSASize', 'OpenSSH_10.0p2', true],
    ['RequiredRSASize', null, true],
    ['PubkeyAcceptedAlgorithms', 'OpenSSH_8.4p1', true],
    ['Protocol', 'OpenSSH_7.3p1', true],
    ['Protocol', 'OpenSSH_7.4p1', false],
    ['Protocol', null, false],
    ['Port', 'OpenSSH_5.3p1', true],
  ])('%s is known to %s: %s', (name, version, known) => {
    expect(isKnownTo(the(name), version)).toBe(known)
  })

  test.each([
    ['PasswordAuthentication', null, true],
    ['Port', null, false],
    ['IgnoreRhosts', 'OpenSSH_8.2p1', false],
    ['IgnoreRhosts', 'OpenSSH_8.3p1', true],
    ['Subsystem', 'OpenSSH_9.2p1', false],
    ['KbdInteractiveAuthentication', 'OpenSSH_8.4p1', false],
  ])('%s of %s stands in a Match block: %s', (name, version, stands) => {
    expect(standsInMatch(the(name), version)).toBe(stands)
  })

  test.each([
    ['MaxStartups', 'OpenSSH_10.0p2', true],
    ['MaxStartups', 'OpenSSH_10.1p1', false],
    ['StreamLocalBindMask', 'OpenSSH_10.5p1', true],
    ['PasswordAuthentication', 'OpenSSH_9.2p1', false],
  ])('%s of %s counts by its last line: %s', (name, version, last) => {
    expect(lastCounts(the(name), version)).toBe(last)
  })
})
