// Whose port the guard takes for sshd's, in a /proc of the test's own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readMessages } from '../../../src/services/transaction/protocol.ts'
import { SHELLS } from '../areas/stand-in-host.ts'

const part = (name: string): string => readFileSync(`src/services/transaction/server/${name}.sh`, 'utf8')

type Process = {
  readonly comm?: string
  readonly exe?: string
  /** Real and effective uid. */
  readonly uids?: readonly [number, number]
  readonly namespace?: string
  readonly socket: number
}

let root = ''
let proc = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hardtui-proc-'))
  proc = join(root, 'proc')
  mkdirSync(join(proc, 'net'), { recursive: true })
  mkdirSync(join(proc, 'self/ns'), { recursive: true })
  symlinkSync('pid:[1]', join(proc, 'self/ns/pid'))
  const rows = [22, 2222, 8022].map(
    (port, at) =>
      `   ${at}: 00000000:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${port} 1`,
  )
  writeFileSync(join(proc, 'net/tcp'), `  sl  local_address rem_address st\n${rows.join('\n')}\n`)
  put(500, { socket: 22 })
})
afterEach(() => rmSync(root, { recursive: true }))

function put(
  pid: number,
  { comm = 'sshd', exe = '/usr/sbin/sshd', uids = [0, 0], namespace = 'pid:[1]', socket }: Process,
): void {
  const dir = join(proc, `${pid}`)
  for (const one of ['ns', 'fd']) mkdirSync(join(dir, one), { recursive: true })
  writeFileSync(join(dir, 'comm'), `${comm}\n`)
  writeFileSync(
    join(dir, 'status'),
    `Name:\t${comm.replaceAll('\n', '\\n')}\nUid:\t${uids[0]}\t${uids[1]}\t${uids[1]}\t${uids[1]}\n`,
  )
  symlinkSync(exe, join(dir, 'exe'))
  symlinkSync(namespace, join(dir, 'ns/pid'))
  symlinkSync(`socket:[${socket}]`, join(dir, 'fd/3'))
}

describe.each(SHELLS)('the guard under %s', (_name, [program = '', ...args]) => {
  const run = (script: string, input = ''): string =>
    spawnSync(program, [...args, '-c', script, 'hardtui'], {
      input,
      env: { ...process.env, HARDTUI_ROOT: root },
    }).stdout.toString()
  const listeners = (): string => run(`${part('lib')}\n${part('sshd')}\nsshd_listeners`)

  test.each<[string, Process]>([
    ['what a user calls sshd', { exe: '/usr/bin/python3.11', uids: [1000, 1000], socket: 8022 }],
    ['an sshd that a user runs', { uids: [1000, 1000], socket: 8022 }],
    [
      "a program of root's that a user runs under that name with a socket of his",
      { exe: '/usr/bin/su', uids: [1000, 0], socket: 8022 },
    ],
    ['a name of two lines', { comm: 'x\nsshd', exe: '/usr/bin/python3.11', uids: [1000, 1000], socket: 8022 }],
    ['the sshd of a container', { namespace: 'pid:[2]', socket: 8022 }],
  ])('takes no port from %s, and keeps its own', (_case, other) => {
    put(400, other)
    put(600, other)
    expect(listeners()).toBe('22 500\n')
  })

  test('knows an sshd whose program was replaced meanwhile', () => {
    put(600, { exe: '/usr/sbin/sshd (deleted)', socket: 2222 })
    expect(listeners()).toBe('22 500\n2222 600\n')
  })

  test('says one line a message, whatever its words hold', () => {
    const said = run(`${part('lib')}\nsay "note a\n@state none\n@end status"\nsay 'plain  words'`)
    expect(readMessages(said)).toEqual([
      { word: 'note', rest: 'a @state none @end status' },
      { word: 'plain', rest: ' words' },
    ])
  })
})
