import { rest } from '../../../../src/services/areas/rest/area.ts'
import { restChecks } from '../../../../src/services/areas/rest/checks.ts'
import type { RestFacts } from '../../../../src/services/areas/rest/facts.ts'
import type { Around } from '../../../../src/services/model/area.ts'
import type { ProbeOutput } from '../../../../src/services/model/command.ts'
import type { HostFacts } from '../../../../src/services/model/host.ts'
import { hostFacts } from '../../../support/plans.ts'
import { outputFrom } from '../../../support/probe-output.ts'

/** The facts that these texts of probes make, each part behind `@@NAME`. */
export function factsFrom(texts: Readonly<Record<string, string>>): RestFacts {
  const reading = rest.parse(
    (id): ProbeOutput | null => (id in texts ? outputFrom(id, texts[id] ?? '') : null),
    hostFacts,
    1,
  )
  if (reading.state !== 'present') throw new Error(JSON.stringify(reading))
  return reading.facts
}

/** A check's word on them: `fail off | its details`. */
export function judged(
  id: string,
  facts: RestFacts,
  host: HostFacts = hostFacts,
  around: Around = { listeners: null },
): string {
  const verdict = restChecks.find((one) => one.id === `REST-${id}`)?.judge(facts, host, around)
  const { outcome, observed, details = [] } = verdict ?? {}
  return [`${outcome} ${observed}`, ...details].join(' | ')
}

/** /proc/sys/net of a host as Debian leaves it, with what a test has otherwise (`conf/all/rp_filter`, `ipv6/…`). */
export function kernelText(
  more: Readonly<Record<string, number>> = {},
  rest: {
    files?: readonly string[]
    lines?: readonly string[]
    own?: string
    links?: string
    routes?: string
    forward?: string
  } = {},
): string {
  const values: Record<string, number> = {
    'ipv4/tcp_syncookies': 1,
    'ipv4/ip_forward': 0,
    'ipv4/icmp_echo_ignore_broadcasts': 1,
  }
  for (const link of ['all', 'default', 'eth0', 'lo']) {
    const own: Record<string, number> = {
      ...{ accept_redirects: 1, secure_redirects: 1, shared_media: 1, send_redirects: 1, forwarding: 0 },
      ...{ accept_source_route: link === 'all' ? 0 : 1, rp_filter: 0, log_martians: 0 },
    }
    for (const [name, value] of Object.entries(own)) values[`ipv4/conf/${link}/${name}`] = value
    for (const [name, value] of Object.entries({ forwarding: 0, accept_redirects: 1, accept_source_route: 0 }))
      values[`ipv6/conf/${link}/${name}`] = value
  }
  for (const [key, value] of Object.entries(more)) values[/^ipv/.test(key) ? key : `ipv4/${key}`] = value
  return [
    '@@values',
    ...Object.entries(values).map(([key, value]) => `/proc/sys/net/${key}:${value}`),
    'end',
    '@@files',
    'read by systemd',
    ...(rest.files ?? []).map((path) => `file ${path}`),
    'end',
    '@@lines',
    ...(rest.lines ?? []),
    'end',
    '@@own',
    rest.own ?? 'state absent\nend\n',
    '@@links',
    rest.links ?? 'eth0 \nlo ',
    'end',
    '@@routes',
    rest.routes ??
      'default eth0\n0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default',
    'end',
    '@@forward',
    rest.forward ?? '',
    '',
  ].join('\n')
}
