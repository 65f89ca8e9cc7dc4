import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import probeScript from '../../../../../src/services/areas/units/binds/probe.sh'
import { parseBinds } from '../../../../../src/services/areas/units/binds/read.ts'
import { outputFrom, readable, standalone } from '../../../../support/probe-output.ts'
import { SHELLS } from '../../stand-in-host.ts'

/** Root may read everything. */
const AS_NOBODY = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []

/** What the probe finds below a root with these files; what is named in `closed` nobody may read. */
function found(shell: readonly string[], files: Readonly<Record<string, string>>, closed: readonly string[] = []) {
  const root = mkdtempSync(join(tmpdir(), 'binds-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  chmodSync(root, 0o755)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  for (const name of closed) chmodSync(join(root, name), 0)
  onTestFinished(() => closed.forEach((name) => void chmodSync(join(root, name), 0o755)))
  const [program = '', ...words] = [...AS_NOBODY, ...shell]
  const env = { ...process.env, HARDTUI_ROOT: root }
  const printed = execFileSync(program, [...words, '-c', standalone(probeScript)], { encoding: 'utf8', env })
  return parseBinds(outputFrom('binds', readable(printed)))
}

describe.each(SHELLS)('the files of services, read by %s', (_name, shell) => {
  test('are found with the lines that say where they listen, and nothing else of them', () => {
    const { looked, files } = found(shell, {
      'etc/redis/redis.conf': '# bind 1\nrequirepass hunter2\nbind 0.0.0.0 -::*\n',
      'etc/mysql/mariadb.conf.d/50-server.cnf': '[mysqld]\nbind-address            = 0.0.0.0\npassword=hunter2\n',
      'etc/postgresql/15/main/postgresql.conf': "#listen_addresses = 'x'\nListen_Addresses = '*'\n",
      'etc/memcached.conf': '-m 64\n-l 0.0.0.0\n',
      'etc/mongod.conf': 'net:\n  port: 1\n  bindIp: 0.0.0.0\n',
      'etc/elasticsearch/elasticsearch.yml': 'network.host: 0.0.0.0\n',
      'etc/default/exim4': "# -oX 1\nSMTPLISTENEROPTIONS='-oX 25'\n",
      'etc/postfix/main.cf': 'a = é',
    })
    const lines = Object.fromEntries(
      [...looked].map(([word, one]) => [word, one.lines.map(({ path, line, text }) => `${path}:${line} ${text}`)]),
    )
    expect(lines).toEqual({
      exim: ["/etc/default/exim4:2 SMTPLISTENEROPTIONS='-oX 25'"],
      mysql: ['/etc/mysql/mariadb.conf.d/50-server.cnf:2 bind-address            = 0.0.0.0'],
      postgresql: ["/etc/postgresql/15/main/postgresql.conf:2 Listen_Addresses = '*'"],
      redis: ['/etc/redis/redis.conf:3 bind 0.0.0.0 -::*'],
      memcached: ['/etc/memcached.conf:2 -l 0.0.0.0'],
      mongodb: ['/etc/mongod.conf:3 bindIp: 0.0.0.0'],
      elasticsearch: ['/etc/elasticsearch/elasticsearch.yml:1 network.host: 0.0.0.0'],
    })
    expect(JSON.stringify([...looked])).not.toContain('hunter2')
    expect([...looked.values()].map(({ why }) => why)).toEqual(Array(7).fill(null))
    expect(files.get('/etc/postfix/main.cf')).toEqual({ ok: true, value: 'a = Ã©' })
    expect(files.get('/etc/postfix/master.cf')).toEqual({ ok: true, value: null })
  })

  test('are not all known where one is closed, odd, too long, or one of very many', () => {
    const { looked } = found(
      shell,
      {
        'etc/redis/redis.conf': 'bind 0.0.0.0\n',
        'etc/mysql/conf.d/a b.cnf': 'bind-address = ::\n',
        'etc/memcached.conf': `${'#'.repeat(300_000)}\n-l 0.0.0.0\n`,
        'etc/mongod.conf': 'bind_ip = 0.0.0.0\n',
        ...Object.fromEntries(
          Array.from({ length: 45 }, (_, at) => [`etc/postgresql/15/main/conf.d/${at}.conf`, 'x = y\n']),
        ),
        'etc/elasticsearch/elasticsearch.yml': 'http.host: 0.0.0.0\n'.repeat(30),
      },
      ['etc/redis', 'etc/mongod.conf'],
    )
    const why = (word: string) => looked.get(word)?.why
    expect(why('redis')).toBe('nobody but its owner may look into /etc/redis')
    expect(why('mysql')).toBe('a file there has a name that is none of a configuration file')
    expect(why('memcached')).toBe("/etc/memcached.conf can't be read")
    expect(why('mongodb')).toBe("/etc/mongod.conf can't be read")
    expect(why('postgresql')).toBe('there are more lines and files of it than are read here')
    expect(looked.get('elasticsearch')?.lines).toHaveLength(10)
    expect(why('elasticsearch')).toBe('there are more lines and files of it than are read here')
  })
})
