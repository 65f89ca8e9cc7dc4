import { describe, expect, test } from 'vitest'
import { applied, inputOf, make, SSHD } from '../../../../support/baseline.ts'
import { listener } from '../../../../support/listeners.ts'

const session = (clientAddress: string, serverPort = 22) => ({
  session: { clientAddress, clientPort: 50022, serverAddress: '192.0.2.10', serverPort },
})
const eth0 = (address: string, gateway: string | null = null) => ({
  firewall: {
    network: {
      interfaces: [{ name: 'eth0', addresses: [{ family: 'v4' as const, address, prefix: 24 }] }],
      defaultInterface: { v4: 'eth0', v6: null },
      gateway: { v4: gateway, v6: null },
      forwards: { v4: false, v6: false },
    },
  },
})
const item = (made: ReturnType<typeof make>, id: string) => made.items.find((one) => one.id === id)
const drops = (made: ReturnType<typeof make>) => made.chain('v4', 'INPUT').filter((text) => / -j DROP$/.test(text))
const ON = (id: string) => new Map([[id, true]])
const OFF = (id: string) => new Map([[id, false]])

describe('forged sources', () => {
  test('are dropped on the public interface, behind what is established', () => {
    const made = make(inputOf())
    expect(drops(made)).toEqual([
      '-s 127.0.0.0/8 -i eth0 -j DROP',
      '-s 10.0.0.0/8 -i eth0 -j DROP',
      '-s 172.16.0.0/12 -i eth0 -j DROP',
      '-s 192.168.0.0/16 -i eth0 -j DROP',
    ])
    const texts = made.chain('v4', 'INPUT')
    expect(texts.findIndex((text) => text.includes('ESTABLISHED'))).toBeLessThan(
      texts.indexOf(drops(made)[0] as string),
    )
  })

  test.each([
    ['the operator', inputOf({}, { host: session('10.9.8.7') }), '10.0.0.0/8'],
    ['the host', inputOf({}, eth0('192.168.1.5')), '192.168.0.0/16'],
    ['its router', inputOf({}, eth0('203.0.113.5', '172.31.1.1')), '172.16.0.0/12'],
    [
      'somebody whom a rule lets in',
      inputOf({ v4: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 10.1.1.1/32 -j ACCEPT\nCOMMIT\n' }),
      '10.0.0.0/8',
    ],
    [
      'a container',
      inputOf(
        {},
        {
          firewall: {
            network: {
              interfaces: [{ name: 'docker0', addresses: [{ family: 'v4', address: '172.17.0.1', prefix: 16 }] }],
              defaultInterface: { v4: 'eth0', v6: null },
              forwards: { v4: false, v6: false },
            },
          },
        },
      ),
      '172.16.0.0/12',
    ],
  ])('are not dropped where %s lives, and that is said', (_, input, range) => {
    const made = make(input)
    expect(drops(made)).toHaveLength(3)
    expect(drops(made).join()).not.toContain(range)
    expect(item(made, 'forged')?.why).toContain(range)
  })

  test('are left alone where nobody knows the public interface', () => {
    const input = inputOf(
      {},
      {
        host: { sessionInterface: 'bad name+' },
        firewall: {
          network: { interfaces: [], defaultInterface: { v4: null, v6: null }, forwards: { v4: false, v6: false } },
        },
      },
    )
    expect(drops(make(input))).toEqual([])
    expect(item(make(input), 'forged')).toMatchObject({ on: false, why: expect.stringContaining('No interface') })
  })
})

describe('SSH', () => {
  test('is open on the port of this session and on every other that sshd listens on, and can’t be switched off', () => {
    const input = inputOf(
      {},
      {
        host: session('198.51.100.20', 10022),
        listeners: [
          SSHD,
          listener('tcp', '[::]', 2222, 'systemd', 'ssh.socket'),
          listener('tcp', '0.0.0.0', 9999, 'sshd', 'session-3.scope'),
        ],
      },
    )
    const made = make(input, OFF('ssh'))
    expect(item(made, 'ssh')).toMatchObject({
      on: true,
      title: 'SSH on port 10022, 22, 2222',
      always: 'it is your way in',
    })
    expect(made.chain('v6', 'INPUT')).toContain('-p tcp -m tcp --dport 2222 -j ACCEPT')
    expect(item(made, 'service:tcp/9999')?.on).toBe(false)
  })

  test('is open where sshd is about to listen', () => {
    const made = make({ ...inputOf(), nextSshPorts: [10022] })
    expect(item(made, 'ssh')?.title).toBe('SSH on port 22, 10022')
  })

  test('may be limited to the operator’s address, which is off and says that it can lock out', () => {
    expect(item(make(inputOf()), 'ssh-mine')).toMatchObject({
      on: false,
      warning: expect.stringContaining('locks you out'),
    })
    const made = make(inputOf(), ON('ssh-mine'))
    expect(made.chain('v4', 'INPUT')).toContain('-s 198.51.100.20/32 -p tcp -m tcp --dport 22 -j ACCEPT')
    expect(made.chain('v4', 'INPUT')).not.toContain('-p tcp -m tcp --dport 22 -j ACCEPT')
    expect(made.chain('v6', 'INPUT').join()).not.toContain('--dport 22 ')
  })

  test('that rules of one’s own limit to some addresses is not opened beside them', () => {
    const v4 = '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n'
    expect(make(inputOf({ v4 })).chain('v4', 'INPUT')).not.toContain('-p tcp -m tcp --dport 22 -j ACCEPT')
    const replaced = make(inputOf({ v4 }), OFF('own'))
    expect(replaced.chain('v4', 'INPUT')).toContain('-p tcp -m tcp --dport 22 -j ACCEPT')
    expect(item(replaced, 'ssh')?.warning).toContain('Replacing them opens it')
  })

  test('is limited in rate only for others, only when new, and says what that costs', () => {
    const made = make(inputOf(), ON('ssh-rate'))
    const texts = made.chain('v4', 'INPUT')
    const limit = texts.findIndex((text) => text.includes('hashlimit'))
    expect(texts[limit]).toMatch(/^! -s 198\.51\.100\.20\/32 .*--ctstate NEW -m hashlimit --hashlimit-above 6\/min/)
    expect(limit).toBeGreaterThan(texts.findIndex((text) => text.includes('ESTABLISHED')))
    expect(item(made, 'ssh-rate')?.cost).toBeTruthy()
  })
})

describe('what listens', () => {
  const listeners = [
    SSHD,
    listener('tcp', '0.0.0.0', 80, 'nginx'),
    listener('tcp', '[2001:db8::10]', 443, 'nginx'),
    listener('tcp', '*', 3306, 'mysqld'),
    listener('tcp', '0.0.0.0', 8443, 'java'),
    listener('udp', '0.0.0.0', 68, 'dhclient'),
    listener('tcp', '127.0.0.1', 6379, 'redis-server'),
    listener('udp', '127.0.0.53%lo', 53, 'systemd-resolve'),
  ]
  const made = make(inputOf({}, { listeners }))

  test('is open where it is for everybody, and named and closed with the reason where it is not', () => {
    const services = made.items.filter((one) => one.kind === 'service').map(({ title, on }) => [title, on])
    expect(services).toEqual([
      ['tcp 80 http (nginx)', true],
      ['tcp 443 (nginx)', true],
      ['tcp 3306 (mysqld)', false],
      ['tcp 8443 (java)', false],
    ])
    expect(item(made, 'service:tcp/3306')?.why).toContain('database')
  })

  test('is open in the family in which it listens', () => {
    const https = '-p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT'
    expect(made.chain('v4', 'INPUT')).not.toContain(https)
    expect(made.chain('v6', 'INPUT')).toContain(https)
  })

  test('stays open where a rule of one’s own opens it to all, whatever it is', () => {
    const v4 = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT\nCOMMIT\n'
    const kept = make(inputOf({ v4 }, { listeners }))
    expect(item(kept, 'service:tcp/8443')).toMatchObject({ on: true, rules: [] })
    const replaced = make(inputOf({ v4 }, { listeners }), OFF('own'))
    expect(replaced.chain('v4', 'INPUT')).toContain('-p tcp -m tcp --dport 8443 -m conntrack --ctstate NEW -j ACCEPT')
  })

  test('is not guessed where it was not read', () => {
    const web = item(make(inputOf({}, { listeners: null })), 'service:web')
    expect(web).toMatchObject({ on: true, warning: expect.stringContaining('closed by this baseline') })
  })
})

describe('FTP', () => {
  const ftp = [{ program: 'vsftpd' as const, port: 10021, passive: { from: 10030, to: 10049 } }]
  const listeners = [SSHD, listener('tcp', '*', 10021, 'vsftpd')]

  test('is open where a server is configured and listens: control, passive range, helper, modules at boot', () => {
    const made = make(inputOf({}, { listeners, firewall: { ftp } }))
    expect(made.chain('v4', 'INPUT')).toEqual(
      expect.arrayContaining([
        '-p tcp -m tcp --dport 10021 -m conntrack --ctstate NEW -j ACCEPT',
        '-p tcp -m tcp --dport 10030:10049 -m conntrack --ctstate NEW -j ACCEPT',
      ]),
    )
    expect(made.chain('v6', 'PREROUTING', 'raw')).toEqual(['-p tcp -m tcp --dport 10021 -j CT --helper ftp'])
    expect(made.chain('v4', 'OUTPUT', 'raw')).toEqual(['-p tcp -m tcp --dport 21 -j CT --helper ftp'])
    expect(item(made, 'ftp')?.file).toEqual({
      path: '/etc/modules-load.d/hardtui-ftp.conf',
      text: 'nf_conntrack_ftp\nnf_nat_ftp\n',
      was: null,
    })
  })

  test('is nowhere else', () => {
    expect(item(make(inputOf({}, { firewall: { ftp } })), 'ftp')).toBeUndefined()
    expect(item(make(inputOf({}, { listeners })), 'ftp')).toBeUndefined()
  })

  test('loads no modules twice', () => {
    const atBoot = { ftp, ftpHelper: { loaded: true, atBoot: true } }
    expect(item(make(inputOf({}, { listeners, firewall: atBoot })), 'ftp')?.file).toBeNull()
  })
})

describe('policies', () => {
  test('are DROP in all three chains of both families', () => {
    const made = make(inputOf())
    for (const chain of ['INPUT', 'OUTPUT', 'FORWARD'])
      expect([made.policy('v4', chain), made.policy('v6', chain)]).toEqual(['DROP', 'DROP'])
  })

  test.each([
    [
      'forwards',
      inputOf(
        {},
        {
          firewall: {
            network: { interfaces: [], defaultInterface: { v4: 'eth0', v6: null }, forwards: { v4: true, v6: false } },
          },
        },
      ),
    ],
    [
      'has Docker’s chains',
      inputOf({ v4: '*filter\n:FORWARD ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\nCOMMIT\n' }),
    ],
    [
      'translates for others',
      inputOf({ v4: '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n' }),
    ],
  ])('leave FORWARD alone on a host that %s, with the reason', (_, input) => {
    const made = make(input)
    expect(made.policy('v4', 'FORWARD')).toBe('ACCEPT')
    expect(item(made, 'policy-forward')).toMatchObject({ on: false, why: expect.stringContaining('left alone') })
    expect(make(input, ON('policy-forward')).policy('v4', 'FORWARD')).toBe('DROP')
  })
})

test('a node of a cluster is not closed by itself', () => {
  const input = inputOf({
    v4: '*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\n-A INPUT -j KUBE-FIREWALL\nCOMMIT\n',
  })
  const made = make(input)
  expect(['INPUT', 'OUTPUT', 'FORWARD'].map((chain) => made.policy('v4', chain))).toEqual([
    'ACCEPT',
    'ACCEPT',
    'ACCEPT',
  ])
  expect(made.chain('v4', 'INPUT')[0]).toBe('-j KUBE-FIREWALL')
})

test('a family that can’t be read is left out', () => {
  const input = { ...inputOf(), sets: { ...inputOf().sets, v6: null } }
  expect(make(input).edits.every((edit) => edit.at.family === 'v4')).toBe(true)
})

test('neighbours are let in with a hop limit of 255, listeners from the link alone, errors from anywhere', () => {
  const texts = make(inputOf()).chain('v6', 'INPUT')
  expect(texts).toContain('-p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT')
  expect(texts).toContain('-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 143 -j ACCEPT')
  expect(texts).toContain('-p ipv6-icmp -m icmp6 --icmpv6-type 2 -j ACCEPT')
})

test('every flood limit and log is off, and says what it costs', () => {
  const options = make(inputOf()).items.filter((one) => one.kind === 'option' && one.id !== 'ssh-mine')
  expect(options).toHaveLength(6)
  for (const one of options) expect(one).toMatchObject({ on: false, cost: expect.any(String) })
})

test('what is in force counts as on, is called so, and goes when it is switched off', () => {
  const input = inputOf({}, { listeners: [SSHD, listener('tcp', '*', 8443, 'java')] })
  const later = applied(input, make(input, ON('service:tcp/8443')))
  expect(item(make(later), 'service:tcp/8443')).toMatchObject({ on: true, inForce: true })
  const without = make(later, OFF('service:tcp/8443'))
  expect(without.edits.map((edit) => edit.kind)).toEqual(['delete', 'delete'])
})
