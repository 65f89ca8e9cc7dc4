import { type Safe, safe, say } from '../../../model/safe.ts'
import { isServed, settingOf, zonesOf } from '../config/named.ts'
import { fixedPort } from '../config/source.ts'
import { blockOf, named, wordAt } from '../config/statements.ts'
import * as fixes from '../fixes.ts'
import { heardOf, outsideWords } from '../outside.ts'
import { elementsOf } from '../rulings.ts'
import { isNamed, outsideOf } from '../strangers.ts'
import { whereWords } from '../understand.ts'
import { type DnsCheck, noFixOf, ofConfig, REFERENCES, reach } from './sense.ts'

/** The zones by name, of several views once. */
const servesWords = (zones: readonly { readonly name: string }[]): Safe =>
  say`it serves ${safe([...new Set(zones.map(({ name }) => name))].join(', '), 120)}`

/** A resolver for the host alone needs no door. */
export const listens: DnsCheck = {
  id: 'DNS-listens-outside',
  severity: 'low',
  title: 'Can be asked from outside, and serves no zone',
  expected: 'listen-on for loopback alone',
  rationale: 'A resolver for this host alone needs no door to the network; nobody can reach what does not listen.',
  references: REFERENCES,
  needs: ['units'],
  judge: ofConfig(({ bind, understood, around }) => {
    const way = reach({ bind, around })
    if (!bind.running) return { outcome: 'notapplicable', observed: say`BIND does not run` }
    if (!way) return { outcome: 'pass', observed: say`only the host itself can ask` }
    const served = zonesOf(understood.config).filter(isServed)
    if (served.length > 0) return { outcome: 'notapplicable', observed: servesWords(served) }
    const observed = way.sure ? say`yes` : way.words
    return { outcome: way.sure ? 'fail' : 'unknown', observed, details: [way.words], ...noFixOf(understood) }
  }),
  fix: fixes.loopbackOnly,
  noFix:
    'its listen-on is written more than once, there is no options block, or /etc/resolv.conf names this host’s other address',
}

/** A name server that nobody needs. */
export const runs: DnsCheck = {
  id: 'DNS-runs',
  severity: 'low',
  title: 'BIND runs, and serves no zone',
  expected: 'no name server of one’s own',
  rationale:
    'The provider’s resolver answers this host as well, and zones are served by registrars and cloud services: a name server that is not there needs no care.',
  references: REFERENCES,
  judge: (facts, host, around) =>
    facts.named ? ofRunning(facts, host, around) : { outcome: 'pass', observed: say`BIND is not installed` },
  fix: fixes.serviceOff,
  noFix: 'it has no unit that could be stopped, or /etc/resolv.conf could not be read',
}

const ofRunning = ofConfig(({ bind, understood, facts }) => {
  if (!bind.running) return { outcome: 'pass', observed: say`BIND does not run` }
  const served = zonesOf(understood.config).filter(isServed)
  if (served.length > 0) return { outcome: 'pass', observed: servesWords(served) }
  const used = facts.resolvers && fixes.asksItself(facts.resolvers, facts.own)
  const named = facts.resolvers?.length
    ? safe(facts.resolvers.join(', '), 80)
    : say`no name server, so the one that is here`
  const asked = say`/etc/resolv.conf names ${named}, which may be it`
  return {
    outcome: 'fail',
    observed: say`running`,
    details: [bind.version ?? bind.program, ...(used ? [asked] : [])],
    ...(used ? { noFix: say`${asked}: name another one there first` } : {}),
  }
})

/** Where the host’s own questions come from. */
export const sourcePort: DnsCheck = {
  id: 'DNS-query-source-port',
  severity: 'medium',
  title: 'Sends its questions from one port',
  expected: 'no port in query-source',
  rationale:
    'Whoever wants to put a forged answer into its cache has to guess the port that the question came from: written down, there is nothing to guess.',
  references: [...REFERENCES, 'RFC 5452, 9.2', 'CVE-2008-1447'],
  judge: ofConfig(({ understood }) => {
    const [first, ...more] = fixes.pinned(understood.config)
    if (!first) return { outcome: 'pass', observed: say`a port by chance for each question` }
    const words = [first, ...more].map(
      (one) => say`${safe(wordAt(one, 0))} port ${safe(fixedPort(one) ?? '', 20)}${whereWords(one.at, understood)}`,
    )
    const observed = say`port ${safe(fixedPort(first) ?? '', 20)}`
    return { outcome: 'fail', observed, details: words, ...noFixOf(understood) }
  }),
  fix: fixes.freePorts,
  noFix: 'the file that it is written in could not be read',
}

/** What it tells of itself. */
export const version: DnsCheck = {
  id: 'DNS-version',
  severity: 'low',
  title: 'Tells its release to whoever asks',
  expected: 'version none',
  rationale: 'Who looks for a release with a known hole asks for version.bind; nobody else needs the answer.',
  references: REFERENCES,
  judge: ofConfig(({ bind, understood }) => {
    const statement = settingOf(understood.config, null, 'version')
    if (statement)
      return { outcome: 'pass', observed: say`hidden or another text${whereWords(statement.at, understood)}` }
    const details = [bind.version ?? say`its release`]
    return { outcome: 'fail', observed: say`told`, details, ...noFixOf(understood) }
  }),
  fix: fixes.hideVersion,
  noFix: 'there is no options block in its files: add one with version none;',
}

/** Whom it asks: told, not judged. */
export const forwarders: DnsCheck = {
  id: 'DNS-forwarders',
  severity: 'low',
  title: 'Whom it asks',
  expected: 'root servers, or forwarders that are meant',
  rationale: 'What a resolver forwards to learns every name that is looked up, and is believed.',
  references: REFERENCES,
  judge: ofConfig(({ understood }) => {
    const [statement] = named(understood.config.options, 'forwarders')
    const block = statement && blockOf(statement)
    if (!block || block.statements.length === 0) return { outcome: 'pass', observed: say`the root servers` }
    return {
      outcome: 'pass',
      observed: say`${safe(elementsOf(block).join(', '), 160)}${whereWords(statement.at, understood)}`,
    }
  }),
}

/** Whoever else answers on port 53: by what he answers. */
export const others: DnsCheck = {
  id: 'DNS-other-resolver',
  severity: 'medium',
  title: 'Another name server can be asked from outside',
  expected: 'loopback only, or named BIND',
  rationale:
    'unbound, dnsmasq, systemd-resolved or PowerDNS that listen at an outside address may look up names for everybody. Whether one does is told by asking it from outside, with t.',
  references: ['unbound.conf(5)', 'dnsmasq(8)', 'resolved.conf(5)'],
  needs: ['units'],
  judge: (facts, { session }, around) => {
    const sockets = outsideOf(around)
    if (!sockets) return { outcome: 'unknown', observed: around.whyNoListeners ?? say`who listens could not be read` }
    const found = sockets.filter((one) => !isNamed(one))
    if (found.length === 0) return { outcome: 'pass', observed: say`none` }
    const names = [...new Set(found.map(({ process }) => (process as string | null) ?? 'somebody'))]
    // With BIND beside them, it is not known who answered.
    const beside = sockets.some(isNamed)
    const heard = beside ? [] : heardOf(facts)
    const open = heard.some((one) => one.recursion)
    const you = safe(session.clientAddress, 60)
    const does = open
      ? say` looks up names for ${you}`
      : heard.length > 0
        ? say` looks up nothing for ${you}`
        : beside
          ? say` beside BIND`
          : facts.outside
            ? say` gave no answer`
            : say`, not asked yet`
    const addresses = [...new Set(found.map(({ address }) => address as string))].join(', ')
    return {
      outcome: open ? 'fail' : heard.length > 0 ? 'pass' : 'unknown',
      observed: say`${safe(names.join(', '), 80)}${does}`,
      details: [
        say`it listens at ${safe(addresses, 120)}`,
        ...outsideWords(facts),
        ...names.flatMap((name) => (HOW[name] ? [say`${safe(name)}: ${safe(HOW[name])}`] : [])),
      ],
    }
  },
  noFix: 'its detail names the words to change, where they are known',
}

/** What to write so that others have nothing to ask. */
const HOW: Readonly<Record<string, string>> = {
  unbound: 'interface: 127.0.0.1 and ::1, or access-control: only for your networks, in unbound.conf',
  dnsmasq: 'listen-address=127.0.0.1 with bind-interfaces, or interface= for the one that is meant, in dnsmasq.conf',
  'systemd-resolve': 'take the outside address out of DNSStubListenerExtra= in /etc/systemd/resolved.conf',
  'systemd-resolved': 'take the outside address out of DNSStubListenerExtra= in /etc/systemd/resolved.conf',
  pdns_recursor: 'allow-from=127.0.0.0/8, ::1/128 and local-address=127.0.0.1 in recursor.conf',
  pdns_server: 'local-address=127.0.0.1, or zones that are meant for everybody, in pdns.conf',
}
