// What xinetd(8) and tcpd(8) start, by the name that libwrap is asked about: said, and held against both of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { factsOf } from '../../src/services/model/reading.ts'
import { audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import type { Server } from './server.ts'

/** Services of xinetd's, a port each from 9991 on, and the name that each is asked for by; null for none. */
const SERVICES: readonly (readonly [lines: string, name: string | null])[] = [
  ['server = /usr/sbin/in.greetd', 'in.greetd'],
  ['flags = NAMEINARGS\nserver = /usr/sbin/in.greetd\nserver_args = /usr/sbin/in.otherd x', 'in.otherd'],
  ['flags = NAMEINARGS\nserver = /usr/sbin/tcpd\nserver_args = /usr/sbin/in.wrapped', 'in.wrapped'],
  ['libwrap = thing\nserver = /usr/sbin/in.greetd', 'thing'],
  ['flags = NOLIBWRAP\nserver = /usr/sbin/in.freed', null],
]

const FILES = SERVICES.map(
  ([lines], at) =>
    `service s${at}\n{\ntype = UNLISTED\nport = ${9991 + at}\nsocket_type = stream\nprotocol = tcp\nwait = no\nuser = root\n${lines}\n}\n`,
)

describe.skipIf(whyNoLab() !== null)('what is started when somebody comes', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['tcpd', 'xinetd'] })
    await server.must(
      `cd /usr/sbin; printf '#!/bin/sh\\necho hello\\n' >in.greetd; chmod 755 in.greetd; cp in.greetd in.wrapped; cp in.greetd in.freed
       cat >/etc/xinetd.d/some; systemctl restart xinetd`,
      { input: FILES.join('') },
    )
  })
  afterAll(() => server?.down())

  /** Whether each service lets this machine itself in while a rule keeps it from one daemon. */
  const letIn = async (denied: string): Promise<readonly boolean[]> => {
    const output = await server.must(
      `echo '${denied}: 127.0.0.1' >/etc/hosts.deny; perl -MIO::Socket -e '
        for my $port (9991 .. ${9990 + SERVICES.length}) {
          my $to = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die "nobody listens on $port";
          print defined <$to> ? "in\\n" : "out\\n";
        }'`,
    )
    return output.split('\n').map((line) => line === 'in')
  }

  test('is told by the name that it is kept out by, and no other', async () => {
    const operator = await logIn(server)
    const daemons = factsOf((await audit(operator.host, 'tcpwrappers')).reading)?.daemons ?? []
    operator.close()
    const names = SERVICES.flatMap(([, name]) => name ?? [])
    expect(daemons.map(({ name, asks }) => [name, asks])).toEqual(names.map((name) => [name, true]))
    for (const denied of [...names, 'in.freed', 'xinetd', 'tcpd'])
      expect([denied, await letIn(denied)]).toEqual([denied, SERVICES.map(([, name]) => name !== denied)])
  })
})
