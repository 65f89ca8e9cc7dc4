import { describe, expect, test } from 'vitest'
import { parseNeeds } from '../../../../src/services/areas/units/needs.ts'
import { parseDetails } from '../../../../src/services/areas/units/systemd.ts'

// As systemd 252 prints them: a service has keys that a socket has not.
const SHOWN = `3600.50 7000.00
BusName=org.freedesktop.Avahi
MemoryCurrent=1843200
Id=avahi-daemon.service
RequiredBy=
WantedBy=multi-user.target
BoundBy=
ConsistsOf=
TriggeredBy=avahi-daemon.socket
ActiveEnterTimestampMonotonic=600500000

MemoryCurrent=[not set]
Id=cups.socket
RequiredBy=a.service
WantedBy=sockets.target
BoundBy=b.service
ConsistsOf=a.service c.service
TriggeredBy=
ActiveEnterTimestampMonotonic=0

Id=odd name.service
TriggeredBy=x.socket
end
`

describe('what systemd shows of units', () => {
  test('is read block by block: what starts them, what stops with them, since when, and how much memory', () => {
    const found = parseDetails(SHOWN, '@avahi-daemon.service\n|it \u001b[31mfell\n|over\n\n')
    expect([...(found?.keys() ?? [])]).toEqual(['avahi-daemon.service', 'cups.socket'])
    expect(found?.get('avahi-daemon.service')).toEqual({
      triggeredBy: ['avahi-daemon.socket'],
      stopsWith: [],
      wantedBy: ['multi-user.target'],
      busName: 'org.freedesktop.Avahi',
      forSeconds: 3000,
      memory: 1_843_200,
      lastLines: [expect.stringMatching(/^it .*fell$/), 'over'],
    })
    expect(found?.get('avahi-daemon.service')?.lastLines[0]).not.toContain('\u001b')
    expect(found?.get('cups.socket')).toMatchObject({
      stopsWith: ['a.service', 'b.service', 'c.service'],
      forSeconds: null,
      memory: null,
      busName: null,
    })
  })

  test('says nothing where it was cut off, and of memory that nobody counts', () => {
    expect(parseDetails(SHOWN.replace('end\n', ''), '')).toBeNull()
    expect(parseDetails('', '')).toBeNull()
    const old = SHOWN.replace('1843200', '18446744073709551615')
    expect(parseDetails(old, '')?.get('avahi-daemon.service')?.memory).toBeNull()
  })

  test('takes no block in which a key stands twice', () => {
    expect(parseDetails('1 1\nId=a.service\nId=b.service\nend\n', '')?.size).toBe(0)
  })
})

test('a need is known where all of it was looked for', () => {
  expect(
    parseNeeds('nfs nfs4 mount on /srv\nend nfs\nend printing\niscsi session 1\nwhat is this\nend of it\n'),
  ).toEqual({
    nfs: ['nfs4 mount on /srv'],
    printing: [],
  })
})
