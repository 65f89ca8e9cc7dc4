// `npm run lab`: what a person at the keyboard gets from it.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { find, prepare, whyNoLab } from './lab.ts'
import { LAB_DIR } from './paths.ts'
import { type Result, run } from './run.ts'
import { readState } from './state.ts'

const reason = whyNoLab()

const cli = (...args: string[]): Promise<Result> => run([process.execPath, join(LAB_DIR, 'cli.ts'), ...args])

describe.skipIf(reason !== null)(`the lab's command line${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const name = `cli-${process.pid}`
  beforeAll(async () => {
    await prepare()
    expect(await cli('up', '--name', name)).toMatchObject({ status: 0, stdout: expect.stringContaining('is up') })
  })
  afterAll(() => cli('down', name))

  it('brings up servers that stay, and lists them', async () => {
    expect((await cli('list')).stdout).toMatch(new RegExp(`^${name} +debian12 +plain +on`, 'm'))
    expect(await cli('up', '--name', name)).toMatchObject({
      status: 1,
      stderr: `lab: a server named ${name} is up already\n`,
    })
  })

  it('leads onto a server, by ssh and without it, and hands the exit status on', async () => {
    expect(await cli('ssh', name, 'ops', '--', 'id -un')).toMatchObject({ status: 0, stdout: 'ops\n' })
    expect(await cli('ssh', name, '--', 'exit 3')).toMatchObject({ status: 3 })
    expect(await cli('sh', name, 'hostname; exit 7')).toMatchObject({ status: 7, stdout: `${name}\n` })
  })

  it('cuts and heals the line', async () => {
    expect(await cli('cut', name, 'in')).toMatchObject({ status: 0 })
    expect(await find(name).canLogin({ timeoutMs: 1000 })).toBe(false)
    expect(await cli('heal', name)).toMatchObject({ status: 0 })
    expect(await find(name).canLogin()).toBe(true)
  })

  it('reboots with and without power', async () => {
    expect(await cli('reboot', name)).toMatchObject({ status: 0 })
    expect(await cli('reboot', name, '--power-cut')).toMatchObject({ status: 0 })
    expect(find(name).boots()).toBe(3)
  })

  it('says in one line what is wrong', async () => {
    expect(await cli('ssh', 'nobody')).toMatchObject({
      status: 1,
      stderr: 'lab: no server named nobody is up: see "npm run lab -- list"\n',
    })
    expect((await cli('cut')).stderr).toMatch(/^usage:[\s\S]*\n\ncut: which server\?/)
    expect((await cli('cut', name, 'sideways')).stderr).toMatch(/\n\nno such direction: sideways/)
    expect((await cli('up', '--flavour', 'redhat')).stderr).toMatch(/\n\nno such flavour: redhat/)
    expect(await cli('frobnicate')).toMatchObject({ status: 2 })
  })

  it('takes a server down', async () => {
    expect(await cli('down', name)).toMatchObject({ status: 0 })
    expect(readState(name)).toBeNull()
  })
})
