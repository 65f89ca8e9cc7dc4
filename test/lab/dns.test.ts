// BIND on a real server: an open resolver is found from outside, closed, and still serves those who may ask.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { DnsAnswer, DnsQuestion } from '../../src/services/model/dns.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import { audit } from './auditor.ts'
import { type Asker, askerIn, makeStranger, STRANGER } from './dns-asker.ts'
import { fileChange } from './faults/world.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import { ADDRESSES } from './paths.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { applyStaged, confirm, goToRow, openPane } from './steps.ts'
import { KEYS, openTerminal, type Terminal } from './terminal.ts'

const HOST = ADDRESSES.server
const OPTIONS = '/etc/bind/named.conf.options'
const FAR: DnsQuestion = { name: 'www.example.net', type: 'A', recursive: true }
const OWN: DnsQuestion = { name: 'example.org', type: 'SOA', recursive: false }

/** An open resolver as people make it, a zone of its own beside it; whom it asks is a root server on its own loopback. */
const OPEN = `options {
	directory "/var/cache/bind";
	dnssec-validation no;
	forwarders { 127.0.0.1 port 5300; };
	forward only;
	allow-query { any; };	// everybody may have our zone
	query-source address * port 5353;
	listen-on-v6 { any; };
};
`
const SETUP = `set -e
mkdir -p /var/cache/bind/root
cat >/var/cache/bind/root/named.conf <<'CONF'
options { directory "/var/cache/bind/root"; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; };
controls { };
zone "." { type master; file "zone"; };
CONF
cat >/var/cache/bind/root/zone <<'ZONE'
$TTL 60
@ IN SOA . . 1 60 60 60 60
@ IN NS here.
here. IN A 127.0.0.1
www.example.net. IN A 198.51.100.80
ZONE
chown -R bind /var/cache/bind/root
cat >/etc/systemd/system/rootserver.service <<'UNIT'
[Service]
ExecStart=/usr/sbin/named -f -u bind -c /var/cache/bind/root/named.conf
[Install]
WantedBy=multi-user.target
UNIT
echo 'zone "example.org" { type master; file "/etc/bind/db.local"; };' >/etc/bind/named.conf.local
systemctl enable --now rootserver
sync`

const writing = (text: string): string => `echo ${Buffer.from(text).toString('base64')} | base64 -d >${OPTIONS}`

describe.skipIf(whyNoLab() !== null)('a name server', () => {
  let server: Server
  let asker: Asker
  beforeAll(async () => {
    server = await up({ packages: ['bind9', 'bind9-dnsutils', 'dnsmasq-base'] })
    await makeStranger(server)
    await server.must(`${SETUP}; ${writing(OPEN)}; systemctl restart named`)
    // A network of the host's own, with somebody in it.
    await server.must(`ip link add lan0 type bridge; ip address add 10.77.0.1/24 dev lan0; ip link set lan0 up
      unshare -n sleep 100000 >/dev/null 2>&1 & echo $! >/run/guest; sleep 0.2
      ip link add port0 type veth peer name eth0 netns "$(cat /run/guest)"; ip link set port0 master lan0 up
      nsenter -n -t "$(cat /run/guest)" sh -c 'ip address add 10.77.0.2/24 dev eth0; ip link set eth0 up'`)
    asker = askerIn(server.client)
  })
  afterAll(async () => {
    asker?.end()
    await server?.down()
  })

  const ask = (question: DnsQuestion, from?: string, transport: 'udp' | 'tcp' = 'udp'): Promise<DnsAnswer> =>
    asker.ask(question, {
      address: from?.includes(':') ? HOST.v6 : HOST.v4,
      transport,
      timeoutMs: 10_000,
      ...(from === undefined ? {} : { from }),
    })
  const guest = (): Promise<string> =>
    server.must('nsenter -n -t "$(cat /run/guest)" dig +short +time=3 www.example.net @10.77.0.1')
  const holds = async (): Promise<string> => `${await server.must(`cat ${OPTIONS}`)}\n`

  const stage = async (name: string, row: RegExp): Promise<Terminal> => {
    const terminal = await openPane(server, '6', '✗ open-resolver')
    await goToRow(terminal, name, row)
    terminal.press(' ')
    await terminal.waitFor('fix staged')
    terminal.press('s')
    await terminal.waitFor('reload')
    return terminal
  }

  test('an open resolver is found from outside, closed by a list of its own networks, and proven closed', async () => {
    for (const [from, transport] of [
      [undefined, 'udp'],
      [undefined, 'tcp'],
      [STRANGER.v4, 'udp'],
      [STRANGER.v6, 'tcp'],
    ] as const)
      expect(await ask(FAR, from, transport)).toMatchObject({ recursion: true, code: 'NOERROR', answers: 1 })
    const terminal = await stage('open-resolver', /▸ ✗ open-resolver +for everybody/)
    await applyStaged(terminal, /✓ new login[\s\S]*no recursion for 192\.0\.2\.2 \(udp, tcp\)[\s\S]*over v6/)
    await confirm(terminal)
    terminal.kill()
    expect(await holds()).toBe(
      OPEN.replace(/^/, 'acl TRUSTSRC { localhost; 10.77.0.0/24; };\n\n').replace(
        /\};\n$/,
        '\tallow-recursion { TRUSTSRC; };\n\tallow-query-cache { TRUSTSRC; };\n};\n',
      ),
    )
    for (const from of [undefined, STRANGER.v4, STRANGER.v6])
      for (const transport of ['udp', 'tcp'] as const) {
        expect(await ask(FAR, from, transport)).toMatchObject({ recursion: false, code: 'REFUSED', answers: 0 })
        expect(await ask(OWN, from, transport)).toMatchObject({ authoritative: true, code: 'NOERROR', answers: 1 })
      }
    expect((await guest()).trim()).toBe('198.51.100.80')
  })

  test('no recursion, and the power cut in the window: it is back as it was after the boot', async () => {
    await server.must(`${writing(OPEN)}; systemctl reload named`)
    const terminal = await stage('DNS-recursion', /▸ ✗ recursion/)
    await applyStaged(terminal, /✓ new login[\s\S]*example\.org answered/)
    expect(await ask(FAR, STRANGER.v4)).toMatchObject({ recursion: false, code: 'REFUSED' })
    expect(await ask(OWN, STRANGER.v4)).toMatchObject({ authoritative: true })
    terminal.kill()
    await server.powerCut()
    await until('the change to be gone', async () => (await holds()) === OPEN)
    await until('names to be looked up as before', async () => {
      const answer = await ask(FAR)
      return answer.state === 'answered' && answer.answers === 1
    })
  })

  test('what named-checkconf refuses is never armed', async () => {
    const operator = await logIn(server)
    const also = [
      await fileChange(server, OPTIONS, (now) => now.replace('options {', 'options {\n\tno-such-word yes;')),
    ]
    const plan = await operator.plan(() => [], { also })
    const before = await holds()
    await operator.transactions.apply({
      ...plan,
      checks: ['named'],
      named: { conf: '/etc/bind/named.conf', chroot: '' },
    })
    expect(operator.transactions.state()).toMatchObject({
      phase: 'aborted',
      reason: expect.stringContaining(
        "BIND refuses the change: /etc/bind/named.conf.options:2: unknown option 'no-such-word'",
      ),
    })
    expect(await holds()).toBe(before)
    operator.close()
  })

  test('another resolver that answers outside is found by the same question', async () => {
    await server.must(`systemctl stop named; systemctl start rootserver
      dnsmasq --no-resolv --server=127.0.0.1#5300 --pid-file=/run/dnsmasq.pid`)
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    terminal.press('6')
    await terminal.waitFor(/✗ other-resolver +dnsmasq looks up/)
    terminal.kill()
    await server.must('kill "$(cat /run/dnsmasq.pid)"')
  })

  test('a configuration that somebody runs named with by himself is not taken for the host’s', async () => {
    await server.must(`systemctl stop named rootserver
      printf 'options { directory "/tmp"; listen-on port 5301 { 127.0.0.1; }; listen-on-v6 { none; }; };controls {};' >/tmp/mine.conf
      su guest -s /bin/sh -c 'named -f -c /tmp/mine.conf >/dev/null 2>&1 &'`)
    await until('his to run', async () => (await server.must('pgrep -f mine.conf || :')) !== '')
    const { host } = await logIn(server)
    const { reading } = await audit(host, 'dns')
    host.close()
    expect(factsOf(reading)?.named).toMatchObject({ running: false, conf: '/etc/bind/named.conf' })
  })
})

/** named in a folder of its own as Debian's wiki has it, started by its script, with two views of one zone. */
const CHROOT = `service named stop
for dir in etc run/named var/cache/bind dev usr/share; do mkdir -p /srv/named/$dir; done
mv /etc/bind /srv/named/etc/bind; ln -s /srv/named/etc/bind /etc/bind; cp -a /usr/share/dns /srv/named/usr/share/
mknod /srv/named/dev/null c 1 3; mknod /srv/named/dev/random c 1 8; chmod 666 /srv/named/dev/*
cat >/etc/bind/named.conf <<'CONF'
options { directory "/var/cache/bind"; dnssec-validation no; allow-query { any; }; };
view "inside" { match-clients { 127.0.0.0/8; }; recursion yes; zone "example.org" { type master; file "own.zone"; }; };
view "outside" { match-clients { any; }; zone "example.org" { type master; file "own.zone"; }; };
CONF
printf '$TTL 60\n@ IN SOA a. b. 1 60 60 60 60\n@ IN NS a.\n' >/srv/named/var/cache/bind/own.zone
chown -R bind /srv/named/run/named /srv/named/var/cache/bind
sed -i 's#^OPTIONS=.*#OPTIONS="-u bind -t /srv/named"#' /etc/default/named
sed -i 's#^PIDFILE=.*#PIDFILE=/srv/named/run/named/named.pid#' /etc/init.d/named
service named start`

describe.skipIf(whyNoLab() !== null)('a name server in a folder of its own, without systemd', () => {
  test('is found open by its view, closed in the file that it reads, and answers for its zone', async () => {
    const server = await up({ flavour: 'sysvinit', packages: ['bind9'] })
    onTestFinished(() => server.down())
    await server.must(CHROOT)
    const terminal = await openPane(server, '6', /✗ open-resolver +for everybody/)
    await goToRow(terminal, 'open-resolver', /▸ ✗ open-resolver/)
    terminal.press(KEYS.enter)
    await terminal.waitFor('follows in view outside (/etc/bind/named.conf:1)')
    terminal.press(KEYS.escape)
    terminal.press(' ')
    await terminal.waitFor('fix staged')
    terminal.press('s')
    await terminal.waitFor('service named reload')
    await applyStaged(
      terminal,
      /✓ new login[\s\S]*no recursion for 192\.0\.2\.2 \(udp, tcp\)[\s\S]*example\.org answered/,
    )
    await confirm(terminal)
    expect(await server.must('cat /srv/named/etc/bind/named.conf')).toMatch(/allow-recursion \{ TRUSTSRC; \};/)
    terminal.kill()
  })
})
