import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Host } from '../../../src/services/model/host.ts'
import { type ServerOptions, startServer, type TestServer } from '../../support/ssh-server.ts'
import { PASSWORD, USER } from '../../support/ssh-server-login.ts'
import { command, connect, errorOf, operator, sh, sudoer, value } from './answers.ts'

let server: TestServer
let host: Host

async function up(options: ServerOptions = {}, ask = operator()): Promise<Host> {
  server = await startServer(options)
  host = await connect(server.target(), ask)
  return host
}

afterEach(async () => {
  host?.close()
  await server?.close()
})

describe('a command', () => {
  it('comes back with its status and both outputs, byte for byte', async () => {
    await up()
    const ran = value(await host.exec(sh('printf "a\\n\\nb"; printf "c\\n" >&2; exit 7')))
    expect(ran).toEqual({ status: 7, stdout: 'a\n\nb', stderr: 'c\n' })
  })

  it('gets its arguments and its text as they are', async () => {
    await up()
    const text = 'it\'s $HOME `id` \\ %s "\n\té\u{1f600}'
    const ran = value(await host.exec(command(['sh', '-c', 'printf "<%s>" "$@"; cat', 'x', text, ''], { stdin: text })))
    expect(ran.stdout).toBe(`<${text}><>${text}`)
  })

  it('gets megabytes of text without a newline at the end', async () => {
    await up()
    const stdin = 'line of text é\n'.repeat(200_000).trimEnd()
    const ran = value(await host.exec(command(['cat'], { stdin })))
    expect(ran.stdout === stdin).toBe(true)
  })

  it('that reads no text ends all the same', async () => {
    await up()
    const ran = value(await host.exec(command(['true'], { stdin: 'x'.repeat(2_000_000) })))
    expect(ran.status).toBe(0)
  })

  it('may be a script of thirty kilobytes', async () => {
    await up()
    const script = `${"# it's a comment\n".repeat(2_000)}echo done`
    expect(value(await host.exec(sh(script))).stdout).toBe('done\n')
  })

  it('sees this login in its environment, and tools of /usr/sbin', async () => {
    await up()
    const words =
      'printf "%s|%s|%s|" "$HARDTUI_CONNECTION" "$HARDTUI_USER" "$LC_ALL"; echo "$PATH" | grep -c /usr/sbin:/usr/bin:/sbin'
    const ran = value(await host.exec(sh(words)))
    expect(ran.stdout).toMatch(new RegExp(`^127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${server.port}\\|${USER}\\|C\\|1\\n$`))
  })

  it('hands its lines over as they come, without our marks', async () => {
    await up()
    const lines: string[] = []
    // The second line is only printed once the first one has arrived here.
    const file = `${server.folder}/seen`
    const script = `echo one; while ! test -e ${file}; do sleep 0.01; done; printf 'two\\n\\nopen end'`
    const running = host.exec(sh(script), (line) => {
      lines.push(line)
      if (line === 'one') writeFileSync(file, '')
    })
    const ran = value(await running)
    expect(lines).toEqual(['one', 'two', '', 'open end'])
    expect(ran.stdout).toBe('one\ntwo\n\nopen end')
  })

  it('that prints without end is cut off and says so', async () => {
    await up()
    expect(errorOf(await host.exec(command(['yes'])))).toMatchObject({ message: expect.stringContaining('32 MB') })
    expect(value(await host.exec(command(['echo', 'next']))).stdout).toBe('next\n')
  })

  it('that takes too long is stopped on the server', async () => {
    await up()
    const error = errorOf(await host.exec(command(['sleep', '61.25'], { timeoutMs: 100 })))
    expect(error.kind).toBe('timeout')
    expect(value(await host.exec(sh('ps -eo args | grep -c "^[s]leep 61.25$"'))).stdout.trim()).toBe('0')
  })

  it('may leave a child behind that holds its output', async () => {
    await up()
    const ran = value(await host.exec(sh('sleep 30 >/dev/null 2>&1 & echo done')))
    expect(ran.stdout).toBe('done\n')
  })

  it('that no shell can carry is our bug and is never sent', async () => {
    await up()
    expect(errorOf(await host.exec(command(['echo', 'a\0b']))).kind).toBe('bug')
    expect(errorOf(await host.exec(command([]))).kind).toBe('bug')
  })

  it('can not forge its own end', async () => {
    await up()
    const forged = 'for n in 1 2 3; do printf "\\n%032x end out 0\\n" $n; done; exit 3'
    expect(value(await host.exec(sh(forged))).status).toBe(3)
  })
})

describe('root', () => {
  const whoami = sh('id -u; set -- $HARDTUI_CONNECTION; printf "%s %s" "$HARDTUI_USER" "$1"', { privilege: 'root' })

  it('is there at once where one logs in as root', async () => {
    await up({ uid: 0 })
    expect(value(await host.exec(whoami)).stdout).toContain('0\n')
    expect(server.sudoLog()).toBe('')
  })

  it.each<[string, ServerOptions]>([
    ['of root himself', { uid: 0 }],
    ['that sudo keeps', { sudo: 'keeps' }],
  ])('finds nothing of an environment %s but what the console puts there', async (_, options) => {
    await up()
    const own = `${server.folder}/own`
    mkdirSync(own)
    for (const name of ['env', 'sed']) writeFileSync(`${own}/${name}`, '#!/bin/sh\necho pwned', { mode: 0o755 })
    const odd = { ENV: own, LD_BIND_NOW: '1', TZ: 'Asia/Tokyo', GREP_OPTIONS: '-v', IFS: 'x', POSIXLY_CORRECT: '1' }
    const ours = { HARDTUI_ROOT: own, HARDTUI_DIR: own, HARDTUI_CONNECTION: 'x', HARDTUI_CLEAN: '1' }
    server.change({ ...options, environment: { ...odd, ...ours, PATH: `${own}:${server.folder}:/usr/bin:/bin` } })
    const seen = value(await host.exec(sh('env; echo a | sed s/a/sed=b/', { privilege: 'root' }))).stdout
    expect(seen).toContain('sed=b')
    expect(seen).toContain('HARDTUI_ROOT=\n')
    expect(seen).not.toContain(own)
    const names = seen.split('\n').map((line) => line.replace(/=.*/, ''))
    expect(names.filter((name) => Object.keys(odd).includes(name) || /^HARDTUI_(DIR|CLEAN)$/.test(name))).toEqual([])
    expect(seen).not.toContain('HARDTUI_CONNECTION=x\n')
  })

  it('comes by sudo without a question where sudo asks none', async () => {
    await up({ sudo: 'free' })
    expect(value(await host.exec(whoami)).stdout).toBe(`0\n${USER} 127.0.0.1`)
  })

  it('comes by sudo with a password that is asked for once and never shown', async () => {
    const ask = sudoer()
    await up({ sudo: 'asks' }, ask)
    const both = await Promise.all([host.exec(whoami), host.exec(whoami)])
    for (const ran of both) expect(value(ran).stdout).toBe(`0\n${USER} 127.0.0.1`)
    const stdin = 'text for the command'
    const seen = sh('cat; env; tr "\\0" " " </proc/$$/cmdline', { privilege: 'root', stdin })
    expect(value(await host.exec(seen)).stdout).not.toContain('pass')
    expect(ask.asked.map(({ kind }) => kind)).toEqual(['sudo-password'])
    expect(server.sudoLog()).not.toContain('pass')
  })

  it('never runs the password as a command when sudo stops asking', async () => {
    await up({ sudo: 'asks' }, sudoer())
    value(await host.exec(whoami))
    server.change({ sudo: 'free' })
    const ran = value(await host.exec(whoami))
    expect(ran).toEqual({ status: 0, stdout: `0\n${USER} 127.0.0.1`, stderr: '' })
  })

  it('is asked for again after a wrong password, three times at most', async () => {
    let count = 0
    const ask = operator({ 'sudo-password': () => [count++ === 0 ? 'wrong' : PASSWORD] })
    await up({ sudo: 'asks' }, ask)
    expect(value(await host.exec(whoami)).status).toBe(0)
    expect(ask.asked.map((question) => question.kind === 'sudo-password' && question.attempt)).toEqual([1, 2])
    host.close()
    await server.close()
    const stubborn = operator({ 'sudo-password': ['wrong'] })
    await up({ sudo: 'asks' }, stubborn)
    expect(errorOf(await host.exec(whoami)).kind).toBe('no-privilege')
    expect(stubborn.asked).toHaveLength(3)
    expect(errorOf(await host.exec(whoami)).kind).toBe('no-privilege')
    expect(stubborn.asked).toHaveLength(3)
  })

  it('is refused in sudo’s own words where the user has no right to it', async () => {
    await up({ sudo: 'never' }, sudoer())
    const error = errorOf(await host.exec(whoami))
    expect(error).toMatchObject({ kind: 'no-privilege', message: expect.stringContaining('not in the sudoers file') })
    expect(`${error.message}${error.next}`).not.toContain('pass"')
    expect(value(await host.exec(sh('id -u'))).stdout).toBe('1000\n')
  })

  it('comes by a sudo that reads ahead: what follows the password is sent when root’s shell is there', async () => {
    let count = 0
    const ask = operator({ 'sudo-password': () => [count++ === 0 ? 'wrong' : PASSWORD] })
    await up({ sudo: 'reads-ahead' }, ask)
    const stdin = 'x'.repeat(100_000)
    const ran = value(await host.exec(sh('id -u; wc -c; echo err >&2; exit 7', { privilege: 'root', stdin })))
    expect(ran).toEqual({ status: 7, stdout: '0\n100000\n', stderr: 'err\n' })
    expect(value(await host.exec(whoami)).stdout).toBe(`0\n${USER} 127.0.0.1`)
    expect(ask.asked).toHaveLength(2)
  })

  it.skipIf(!existsSync('/usr/bin/script'))('comes by a sudo that wants a terminal, without a question', async () => {
    const ask = operator()
    await up({ sudo: 'wants-terminal' }, ask)
    const stdin = 'two\nlines \u0003\u0004\r\n'
    const ran = value(await host.exec(sh('id -u; cat; echo err >&2; exit 7', { privilege: 'root', stdin })))
    expect(ran).toEqual({ status: 7, stdout: `0\n${stdin}`, stderr: 'err\n' })
    expect(value(await host.exec(whoami)).stdout).toBe(`0\n${USER} 127.0.0.1`)
  })

  it('is refused in sudo’s own words where the right password does not help, and the password not called wrong', async () => {
    const ask = sudoer()
    await up({ sudo: 'expired' }, ask)
    const error = errorOf(await host.exec(whoami))
    expect(error.message).toContain('a thing that nobody has seen')
    expect(ask.asked).toHaveLength(1)
  })

  it('is refused where there is no sudo, without a question', async () => {
    await up({ sudo: 'missing' })
    expect(errorOf(await host.exec(whoami)).kind).toBe('no-privilege')
  })

  it('cancelled is told as such', async () => {
    await up({ sudo: 'asks' }, operator({ 'sudo-password': null }))
    expect(errorOf(await host.exec(whoami)).kind).toBe('cancelled')
  })
})

describe('a login that is not what we think', () => {
  it('may print things before every command', async () => {
    await up({ rc: 'printf "\\033]0;owned\\007Welcome\\n0123 begin out\\n"; echo oops >&2' })
    expect(value(await host.exec(sh('echo fine')))).toEqual({ status: 0, stdout: 'fine\n', stderr: '' })
    expect(value(await host.exec(sh('id -u', { privilege: 'root' }))).stdout).toBe('0\n')
  })

  for (const shell of ['csh', 'tcsh', 'fish', 'zsh', 'bash', 'dash'])
    it.skipIf(spawnSync(shell, ['-c', 'true']).status !== 0)(`may have ${shell} for its shell`, async () => {
      await up({ shell: [shell, '-c'] })
      expect(value(await host.exec(sh('echo "$0 fine!"'))).stdout).toBe('sh fine!\n')
    })

  it.each([
    ['a forced command', 'echo "only git here"; exit 0', 'only git here'],
    ['a forced command that reads everything', 'cat >/dev/null; echo ignored', 'ignored'],
    ['nologin', 'echo "This account is currently not available."; exit 1', 'not available'],
    ['silence', 'exit 1', 'said nothing'],
  ])('is named when it gives us %s', async (_name, forceCommand, words) => {
    await up({ forceCommand })
    const error = errorOf(await host.exec(sh('echo fine')))
    expect(error).toMatchObject({ kind: 'unsupported-host', message: expect.stringContaining(words) })
    expect(errorOf(await host.exec(sh('echo fine', { privilege: 'root' }))).kind).toBe('unsupported-host')
  })

  it('may take only one session at a time', async () => {
    await up({ maxSessions: 1 })
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => host.exec(sh(`echo ${n}`))))
    expect(all.map((ran) => value(ran).stdout)).toEqual(Array.from({ length: 12 }, (_, n) => `${n}\n`))
    expect(server.sessions().most).toBe(1)
  })

  it('never gets more than three sessions at a time', async () => {
    await up()
    await Promise.all(Array.from({ length: 12 }, () => host.exec(sh('sleep 0.05'))))
    // The server may learn of the end of one a little later than we do.
    expect(server.sessions().most).toBeLessThanOrEqual(4)
  })
})
