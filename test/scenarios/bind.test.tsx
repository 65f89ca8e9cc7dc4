import { describe, expect, test } from 'vitest'
import { type Bench, openConsole } from '../support/console.tsx'
import { filePart } from '../support/file-part.ts'
import { someTexts } from '../support/probe-texts.ts'

const MAIN = '# ours\nmyhostname = vm\ninet_interfaces = all\ninet_protocols = all\n'
const PATH = '/etc/postfix/main.cf'

/** The Services pane of a server on which postfix and Redis listen to everybody. */
async function onServices(main = MAIN): Promise<Bench> {
  const { units } = someTexts()
  const redis = 'redis line /etc/redis/redis.conf 87 bind 0.0.0.0\nredis file /etc/redis/redis.conf\nredis end\n'
  const bench = await openConsole({
    files: { [PATH]: main },
    texts: {
      units: {
        ...units,
        units: `${units.units}\npostfix.service loaded active running Postfix\nredis-server.service loaded active running Redis`,
        files: `${units.files}\npostfix.service enabled enabled\nredis-server.service enabled enabled`,
        'listeners-ss': `${units['listeners-ss']}
tcp LISTEN 0 100 0.0.0.0:25 0.0.0.0:* users:(("master",pid=700,fd=13)) cgroup:/system.slice/postfix.service <->
tcp LISTEN 0 511 0.0.0.0:6379 0.0.0.0:* users:(("redis-server",pid=800,fd=6)) cgroup:/system.slice/redis-server.service <->`,
      },
      binds: { postfix: filePart(main), 'postfix-master': filePart(''), looked: redis },
    },
  })
  await bench.press('3', 'z')
  await bench.sees(/✗ postfix/)
  return bench
}
const goTo = async (bench: Bench, name: string): Promise<void> => {
  await bench.press('/')
  await bench.type(name)
  await bench.press('Enter', 'g')
}

describe('a service that listens outside', () => {
  test('is bound to loopback by Space: its file, then its restart, armed as one change', async () => {
    const bench = await onServices()
    await bench.sees(/✗ postfix .*:25 v4 +outside/)
    await goTo(bench, 'postfix')
    await bench.press('Enter')
    await bench.sees('SVC-mail', `${PATH}, line 3: inet_interfaces = all`, 'Space on its row stages one')
    await bench.press('Esc', 'Space')
    await bench.sees('2 staged', 'staged: restart')
    await bench.press('s')
    await bench.sees(
      'one transaction',
      '- inet_interfaces = all',
      '+ inet_interfaces = loopback-only',
      '+ active (restart)',
      'systemctl restart postfix.service',
    )
    await bench.press('A')
    await bench.sees('Arm the timer and apply?')
    await bench.press('Y')
    expect(bench.transactions.calls).toContain('apply')
  })

  test('is left as it is by Space again', async () => {
    const bench = await onServices()
    await goTo(bench, 'postfix')
    await bench.press('Space')
    await bench.sees('2 staged')
    await bench.press('Space')
    await bench.sees('the fix is taken back')
    await bench.lacks('2 staged')
  })

  test('that is not understood is left alone, and the reason stands at the key and in the detail', async () => {
    const bench = await onServices(`${MAIN}inet_interfaces = localhost\n`)
    await goTo(bench, 'postfix')
    await bench.press('Space')
    await bench.sees(`${PATH} sets inet_interfaces twice`)
    await bench.press('Enter')
    await bench.sees('line 3: inet_interfaces = all', 'line 5: inet_interfaces = localhost', 'to do')
  })

  test('and keeps data is only advised about, with the file and the line', async () => {
    const bench = await onServices()
    await goTo(bench, 'redis')
    await bench.press('Space')
    await bench.sees('set bind 127.0.0.1 -::1 in /etc/redis/redis.conf, line 87')
    await bench.press('Enter')
    await bench.sees('SVC-redis', '/etc/redis/redis.conf, line 87: bind 0.0.0.0', 'high')
  })
})

describe('what inetd starts', () => {
  test('is a row of its own, judged, only shown, and says the line to change', async () => {
    const { units } = someTexts()
    const bench = await openConsole({
      texts: {
        units: { ...units, units: `${units.units}\nopenbsd-inetd.service loaded active running Internet superserver` },
        inetd: { entries: 'inetd\t/etc/inetd.conf\t3\ttelnet\ttcp\troot\t/usr/sbin/in.telnetd\nend' },
      },
    })
    await bench.press('3', 'z')
    await bench.sees(/✗ inetd: telnet +on demand +tcp as root +\/usr\/sbin\/in\.telnetd/)
    await goTo(bench, 'inetd: telnet')
    for (const key of ['Space', 'x']) {
      await bench.press(key)
      await bench.sees('it is only shown: put # before line 3 of /etc/inetd.conf, and reload inetd')
    }
    await bench.press('Enter')
    await bench.sees('SVC-inetd', '/etc/inetd.conf, line 3', 'runs as')
  })
})
