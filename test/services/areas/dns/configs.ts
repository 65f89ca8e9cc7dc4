// Configurations of BIND for tests, and what the area makes of them.
import { dns } from '../../../../src/services/areas/dns/area.ts'
import type { DnsFacts } from '../../../../src/services/areas/dns/facts.ts'
import type { Around } from '../../../../src/services/model/area.ts'
import { factsOf } from '../../../../src/services/model/reading.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { Listener } from '../../../../src/services/model/units.ts'
import { filePart } from '../../../support/file-part.ts'
import { hostFacts } from '../../../support/plans.ts'

export const CONF = '/etc/bind/named.conf'
export const OWN = `1: lo    inet 127.0.0.1/8 scope host lo
1: lo    inet6 ::1/128 scope host
2: eth0    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0
2: eth0    inet6 2001:db8::10/64 scope global
3: br0    inet 10.77.0.1/24 scope global br0
3: br0    inet6 fd00:77::1/64 scope global
3: br0    inet6 fe80::1/64 scope link
end`

/** What the probe prints of a host with BIND, its configuration in one file; parts may be given otherwise. */
export const dnsParts = (
  text: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  unit: 'Id=named.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nMainPID=7\nend\n',
  named: `program /usr/sbin/named\nversion BIND 9.18.49-1~deb12u1-Debian\npid 7\nconf ${CONF}\nend\n`,
  'path.1': `${CONF}\n`,
  'file.1': filePart(text),
  paths: '1\nend\n',
  own: OWN,
  made: 'default eth0\nmade br0\nend\n',
  resolvers: '192.0.2.1\nend\n',
  printed: `${text}\nstatus 0\n`,
  ...more,
})

export function factsFrom(parts: Readonly<Record<string, string>>): DnsFacts {
  const output = { id: 'dns', status: 0, parts: new Map(Object.entries(parts)), cut: null, timedOut: false }
  const facts = factsOf(dns.parse(() => output, hostFacts, 1))
  if (!facts) throw new Error('the area was not read')
  return facts
}

/** Somebody at port 53, named unless told otherwise. */
export const at53 = (address: string, process = 'named'): Listener => ({
  protocol: 'udp',
  port: 53,
  address: safe(address),
  process: safe(process),
  pid: 7,
  unit: null,
})
export const around = (...listeners: readonly Listener[]): Around => ({ listeners })
export const OUTSIDE = around(at53('192.0.2.10'), at53('127.0.0.1'))

export const judge = (id: string, facts: DnsFacts, heard: Around = OUTSIDE) => {
  const check = dns.checks.find((one) => one.id === id)
  if (!check) throw new Error(`no check ${id}`)
  return check.judge(facts, hostFacts, heard)
}
export const fix = (id: string, facts: DnsFacts) =>
  dns.checks.find((one) => one.id === id)?.fix?.(facts, hostFacts, OUTSIDE) ?? null
