import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { exportRules } from '../../src/command-line/export.ts'
import { EXIT } from '../../src/command-line/pending.ts'
import type { HostFacts } from '../../src/services/model/host.ts'
import { say } from '../../src/services/model/safe.ts'
import { fakeHost } from '../support/fake-host.ts'
import { hostFacts } from '../support/plans.ts'
import { type ProbeTexts, someTexts } from '../support/probe-texts.ts'

const NOW = new Date('2026-11-24T10:11:12Z')

type Options = {
  readonly facts?: Partial<HostFacts>
  readonly firewall?: ProbeTexts['firewall']
  readonly stdout?: Writable
}

async function run({ facts, firewall, stdout = new PassThrough() }: Options = {}) {
  const texts = someTexts()
  const host = fakeHost({
    facts: { ...hostFacts, ...facts },
    texts: { ...texts, firewall: { ...texts.firewall, ...firewall } },
  })
  const stderr = new PassThrough()
  const status = await exportRules(host, NOW, { stdout, stderr })
  return { status, out: String((stdout as PassThrough).read?.() ?? ''), err: String(stderr.read() ?? '') }
}

test('hardtui export writes the rules as a script to standard output, and nothing else', async () => {
  const { status, out, err } = await run()
  expect(status).toBe(EXIT.done)
  expect(out).toMatch(/^#!\/bin\/sh\n# The firewall rules of web1 \(web1\.example\.net\), as a script/)
  expect(out).toContain('2026-11-24T10:11:12Z, as they were on the server')
  expect(out).toContain('\n-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT\n')
  expect(out.endsWith('\nmain "$@"\n')).toBe(true)
  expect(err).toBe('')
})

test('what is not in the script is said on standard error, and in it', async () => {
  const { status, out, err } = await run({
    firewall: { 'ip6tables-status': 'absent', legacy: 'filter', native: 'table inet evil\u001b[2J' },
  })
  expect(status).toBe(EXIT.done)
  expect(err).toContain('hardtui: the IPv6 rules are not in the script: not installed\n')
  expect(err).toContain('hardtui: legacy iptables tables filter beside those of nft, and were not read')
  expect(out).toContain('NOT in this script: The IPv6 rules could not be read: not installed')
  expect(out).toContain("NOT in this script: the nft table inet evil␛[2J can't be read: nft(8) printed nothing")
  expect(out + err).not.toContain('\u001b')
})

test('rules of a program whose chains would be left out are not written', async () => {
  const ufw =
    '*filter\n:INPUT DROP [0:0]\n:ufw-before-input - [0:0]\n-A INPUT -j ufw-before-input\n-A ufw-before-input -i lo -j ACCEPT\nCOMMIT\n'
  const { status, out, err } = await run({ firewall: { managers: 'ufw', iptables: ufw } })
  expect(status).toBe(EXIT.failed)
  expect(out).toBe('')
  expect(err).toMatch(/^hardtui: No script is written: these rules are ufw's, .* keep \/etc\/ufw instead\.\n$/)
  // What ferm writes are chains like anybody's.
  expect((await run({ firewall: { managers: 'ferm' } })).status).toBe(EXIT.done)
})

test('a login without root is told so, and nothing is written', async () => {
  const login = { user: say`guest`, uid: 1001, escalation: 'none' } as const
  const { status, out, err } = await run({ facts: { login } })
  expect(status).toBe(EXIT.failed)
  expect(out).toBe('')
  expect(err).toBe('hardtui: Only root can read the rules: log in as root or as a user who may use sudo.\n')
})

test('a host without iptables has no rules to export', async () => {
  const { status, out, err } = await run({ firewall: { 'iptables-status': 'absent', 'ip6tables-status': 'absent' } })
  expect(status).toBe(EXIT.failed)
  expect(out).toBe('')
  expect(err).toBe('hardtui: There are no rules to export: iptables is not installed on this host\n')
})

test('a reader that has gone away is a failure, not a crash', async () => {
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  expect((await run({ stdout })).status).toBe(EXIT.failed)
})
