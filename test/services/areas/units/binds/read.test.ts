import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { databaseBind } from '../../../../../src/services/areas/units/binds/databases.ts'
import {
  isBindFile,
  parseBinds,
  parseLooked,
  RPCBIND_FILE,
} from '../../../../../src/services/areas/units/binds/read.ts'
import { someUnits } from '../../../../support/make-plan.ts'
import { outputFrom } from '../../../../support/probe-output.ts'
import { someBinds, written } from './some-binds.ts'

describe('what is printed of a service’s files', () => {
  test('is known by service, with the lines as they stand', () => {
    const looked = parseLooked(
      'redis line /etc/redis/redis.conf 87 bind 0.0.0.0 -::*\nredis file /etc/redis/redis.conf\nredis end\nmysql end\n',
    )
    expect(looked.get('redis')).toEqual({
      lines: [{ path: '/etc/redis/redis.conf', line: 87, text: 'bind 0.0.0.0 -::*' }],
      files: ['/etc/redis/redis.conf'],
      why: null,
    })
    expect(looked.get('mysql')).toEqual({ lines: [], files: [], why: null })
  })

  test('is not known where it was cut off', () => {
    expect(parseLooked('redis line /etc/redis/redis.conf 87 bind 0.0.0.0\nmysql end\n').has('redis')).toBe(false)
    const { files, rpcbindSocket } = parseBinds(outputFrom('binds', ''))
    expect([...files.values()].every(({ ok }) => !ok)).toBe(true)
    expect(rpcbindSocket).toBeNull()
  })

  test.each([
    ['redis unread /etc/redis/redis.conf', "/etc/redis/redis.conf can't be read"],
    ['redis closed /etc/redis', 'nobody but its owner may look into /etc/redis'],
    ['redis odd', 'a file there has a name that is none of a configuration file'],
    ['redis many', 'there are more lines and files of it than are read here'],
    ['redis line /etc/redis/redis.conf', 'a line of the answer is odd'],
  ])('says why it is not whole: %s', (line, why) => {
    expect(parseLooked(`${line}\nredis end\n`).get('redis')?.why).toBe(why)
  })

  test('can be drawn, whatever stands in the file', () => {
    const text = parseLooked('redis line /x 1 bind \u001b[2J\u202e\nredis end\n').get('redis')?.lines[0]?.text
    expect(text).toBe('bind ␛[2J\\u{202e}')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (odd) => void parseLooked(odd)))
  })

  test('is changed in three files and no other', () => {
    const paths = ['/etc/exim4/update-exim4.conf.conf', '/etc/postfix/main.cf', RPCBIND_FILE]
    expect(paths.every(isBindFile)).toBe(true)
    expect(['/etc/postfix/master.cf', '/etc/redis/redis.conf', '/etc/shadow'].some(isBindFile)).toBe(false)
  })
})

describe('where a database listens', () => {
  const bind = (looked: string) => databaseBind('redis', { ...someUnits([]), binds: someBinds({ looked }) })

  test('is advised with the file and the line', () => {
    const one = bind('redis line /etc/redis/redis.conf 87 bind 0.0.0.0\nredis file /etc/redis/redis.conf\nredis end\n')
    expect(one.at).toEqual(['/etc/redis/redis.conf, line 87: bind 0.0.0.0'])
    expect(written(one)).toBe(
      'no: set bind 127.0.0.1 -::1 in /etc/redis/redis.conf, line 87, and restart it; x stops it',
    )
  })

  test('is what the service does without a word where no file has one', () => {
    expect(bind('redis file /etc/redis/redis.conf\nredis end\n').at).toEqual([
      'nothing is set in /etc/redis/redis.conf, which means all addresses',
    ])
    expect(bind('redis end\n').at).toEqual(['no file of it stands where it is looked for'])
  })

  test('is said to be not all known where a file could not be read', () => {
    expect(bind('redis closed /etc/redis\nredis end\n').at).toEqual([
      'where it is set is not all known: nobody but its owner may look into /etc/redis',
    ])
    expect(databaseBind('redis', someUnits([])).at).toEqual([
      'where it is set is not all known: its files were not read to their end',
    ])
  })
})
