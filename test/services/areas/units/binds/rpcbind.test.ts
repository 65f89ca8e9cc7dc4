import { describe, expect, test } from 'vitest'
import { rpcbindBind } from '../../../../../src/services/areas/units/binds/rpcbind.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import type { Needs, UnitsFacts } from '../../../../../src/services/model/units.ts'
import { someUnits } from '../../../../support/make-plan.ts'
import { type SomeFiles, someBinds, written } from './some-binds.ts'

const SOCKET = `LoadState=loaded
Listen=/run/rpcbind.sock (Stream)
Listen=0.0.0.0:111 (Stream)
Listen=0.0.0.0:111 (Datagram)
Listen=[::]:111 (Stream)
Listen=[::]:111 (Datagram)
FragmentPath=/usr/lib/systemd/system/rpcbind.socket
DropInPaths=
end
`
const FOUR: Needs = { nfs: [safe('nfs4 mount on /srv'), safe('/etc/fstab: nfs4 on /mnt')] }
const facts = (files: SomeFiles, more: Partial<UnitsFacts> = {}): UnitsFacts => ({
  ...someUnits(['rpcbind.service', 'rpcbind.socket']),
  needs: FOUR,
  binds: someBinds(files),
  ...more,
})
const said = (files: SomeFiles, more: Partial<UnitsFacts> = {}) => written(rpcbindBind(facts(files, more)))

describe('the addresses of rpcbind', () => {
  test('are those of its socket unit, which a file of ours takes back and says again', () => {
    expect(said({ socket: SOCKET })).toBe(`# Written by hardtui: rpcbind for this host alone.
[Socket]
ListenStream=
ListenDatagram=
ListenStream=/run/rpcbind.sock
ListenStream=127.0.0.1:111
ListenDatagram=127.0.0.1:111
ListenStream=[::1]:111
ListenDatagram=[::1]:111
`)
    expect(rpcbindBind(facts({ socket: SOCKET })).at).toEqual([
      '/usr/lib/systemd/system/rpcbind.socket: ListenStream and ListenDatagram',
    ])
  })

  test('are of IPv4 alone where the socket unit is', () => {
    expect(said({ socket: SOCKET.replace(/Listen=\[::\].*\n/g, '') })).not.toContain('::1')
  })

  test.each<[string, SomeFiles, Partial<UnitsFacts>, RegExp]>([
    ['without systemd', { socket: SOCKET }, { manager: 'sysvinit' }, /its -h is for UDP/],
    [
      'for NFS 3',
      { socket: SOCKET },
      { needs: { nfs: [safe('nfs mount on /srv')] } },
      /ask it for NFS 3 \(nfs mount on \/srv\)/,
    ],
    ['for exports', { socket: SOCKET }, { needs: { nfs: [safe('/etc/exports: /home')] } }, /ask it for NFS 3/],
    ['for nobody knows whom', { socket: SOCKET }, { needs: {} }, /could not all be looked for/],
    ['with a file of ours', { socket: SOCKET, dropIn: '[Socket]\n' }, {}, /is there already/],
    [
      'with somebody’s file',
      { socket: SOCKET.replace('DropInPaths=', 'DropInPaths=/etc/x.conf') },
      {},
      /changed already: \/etc\/x\.conf/,
    ],
    ['with a unit of one’s own', { socket: SOCKET.replace('/usr/lib', '/etc') }, {}, /none of the system's own/],
    ['on other ports', { socket: SOCKET.replace('[::]:111 (Stream)', '[::]:1111 (Stream)') }, {}, /more than port 111/],
    ['that was not asked to its end', { socket: SOCKET.replace('end\n', '') }, {}, /is not known/],
  ])('are left alone %s', (_name, files, more, why) => {
    expect(said(files, more)).toMatch(why)
  })

  test('are left alone where something that runs rests on it', () => {
    const now = facts({ socket: SOCKET })
    const details = {
      triggeredBy: [],
      stopsWith: ['ypbind.service'],
      wantedBy: [],
      busName: null,
      forSeconds: null,
      memory: null,
      lastLines: [],
    }
    const [service, ...rest] = someUnits(['rpcbind.service', 'rpcbind.socket', 'ypbind.service']).units
    const units = service ? [{ ...service, details }, ...rest] : []
    expect(written(rpcbindBind({ ...now, units }))).toMatch(/ypbind\.service rests on it/)
  })
})
