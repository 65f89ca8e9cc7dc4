// Nothing of a server outlives it, however it ends.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cgroups, reap } from './demolish.ts'
import { find, list, up, whyNoLab } from './lab.ts'
import { LAB_DIR, serverPath } from './paths.ts'
import { until } from './run.ts'
import { needState } from './state.ts'

const reason = whyNoLab()

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Everything on this machine that has a server's name on it. */
function tracesOf(name: string): string[] {
  const mark = `hardtui-${name}`
  const folder = `${serverPath(name)}/`
  const marked = (lines: readonly string[]): string[] =>
    lines.filter((line) => line.includes(mark) || line.includes(folder))
  const processes = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
  return [
    ...[serverPath(name), ...cgroups(name)].filter((path) => existsSync(path)),
    ...marked(readdirSync('/run/netns')),
    ...marked(existsSync('/run/systemd/nspawn/propagate') ? readdirSync('/run/systemd/nspawn/propagate') : []),
    ...marked(textOf('/proc/mounts').split('\n')),
    ...marked(execFileSync('losetup', ['--list', '--noheadings'], { encoding: 'utf8' }).split('\n')),
    ...marked(processes),
    ...processes.filter((line) => line.includes(`keeper.ts ${name}`)),
  ]
}

/** A process that brings a server up and then does nothing; killed, it can clean up nothing. */
function startOwner(name: string) {
  const script = `import { up } from ${JSON.stringify(join(LAB_DIR, 'lab.ts'))}
await up({ name: ${JSON.stringify(name)} })
console.log('up')
setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { owner, isUp: new Promise((resolve) => owner.stdout?.once('data', resolve)) }
}

const unique = (prefix: string): string => `${prefix}-${process.pid}`

describe.skipIf(reason !== null)(`the lab cleans up${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('after down, whatever went on', async () => {
    const server = await up()
    expect(tracesOf(server.name).length).toBeGreaterThan(5)
    await server.delay(10)
    await server.cut('in')
    await server.dial()
    await server.down()
    expect(tracesOf(server.name)).toEqual([])
    await server.down()
  })

  it('after down of a server whose power is off', async () => {
    const server = await up()
    await server.powerCut({ stayOff: true })
    expect(server.isOn()).toBe(false)
    await expect(server.sh('true')).rejects.toThrow(`${server.name} is off`)
    await server.down()
    expect(tracesOf(server.name)).toEqual([])
  })

  it('at the end of an "await using" block', async () => {
    let name = ''
    {
      await using server = await up()
      name = server.name
    }
    expect(tracesOf(name)).toEqual([])
  })

  it('when the process that wanted the server is killed', async () => {
    const name = unique('owner')
    const { owner, isUp } = startOwner(name)
    await isUp
    owner.kill('SIGKILL')
    await until('the server to go', () => tracesOf(name).length === 0)
  })

  it('when that process is killed while the server is on its way up', async () => {
    const name = unique('early')
    const { owner } = startOwner(name)
    await until('the folder', () => existsSync(serverPath(name, 'state.json')))
    owner.kill('SIGKILL')
    await until('the server to go', async () => {
      await reap()
      return tracesOf(name).length === 0
    })
  })

  it('at the next up, when the keeper itself was killed', async () => {
    const server = await up()
    process.kill(needState(server.name).keeper?.pid ?? 0, 'SIGKILL')
    await until('the server to be unlisted', async () => !(await list()).some(({ name }) => name === server.name))
    expect(tracesOf(server.name)).not.toEqual([])
    await using next = await up()
    expect(tracesOf(server.name)).toEqual([])
    expect(await next.canLogin()).toBe(true)
  })

  it('and keeps several servers at once apart', async () => {
    await using one = await up()
    await using two = await up({ flavour: 'debian13' })
    await one.must('iptables -P INPUT DROP; echo one > /root/note')
    expect(await one.canLogin({ timeoutMs: 1000 })).toBe(false)
    expect(await two.canLogin()).toBe(true)
    expect((await two.sh('cat /root/note')).status).toBe(1)
    expect((await two.client.ssh('hostname')).stdout).toBe(`${two.name}\n`)
    await two.powerCut()
    expect(await one.must('cat /root/note')).toBe('one')
  })

  it('and refuses names that are taken or are none, and servers that are not up', async () => {
    await using server = await up()
    await expect(up({ name: server.name })).rejects.toThrow(`a server named ${server.name} is up already`)
    expect(await server.canLogin()).toBe(true)
    await expect(up({ name: '../etc' })).rejects.toThrow('not a server name: ../etc')
    expect(() => find('nobody')).toThrow('no server named nobody is up')
    expect(() => server.clockJump(3600)).toThrow('cannot set a clock')
  })
})
