import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readable, standalone } from '../../support/probe-output.ts'

/** The shells every probe must run in, as far as this machine has them, with the argv that starts each. */
export const SHELLS: readonly (readonly [name: string, argv: readonly string[]])[] = (
  [
    ['sh', ['/bin/sh']],
    ['dash', ['/bin/dash']],
    ['busybox sh', ['/bin/busybox', 'sh']],
  ] as const
).filter(([, [program]]) => existsSync(program))

const PLAIN_TOOLS = [
  'sed',
  'tr',
  'sort',
  'grep',
  'cat',
  'tail',
  'head',
  'wc',
  'date',
  'readlink',
  'id',
  'dirname',
  'awk',
]

/**
 * Runs a probe as the batch does, where only plain tools and the given stand-ins (name to sh text) exist.
 * Gives what it printed, each part behind `@@NAME`.
 */
export async function runProbe(
  shell: readonly string[],
  script: string,
  tools: Readonly<Record<string, string>>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'probe-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const bin = join(root, 'bin')
  await mkdir(bin)
  for (const name of PLAIN_TOOLS) if (!(name in tools)) await symlink(await pathOf(name), join(bin, name))
  for (const [name, text] of Object.entries(tools)) {
    // Never through a link, into a program of this machine.
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { flag: 'wx' })
    await chmod(join(bin, name), 0o755)
  }
  const file = join(root, 'probe.sh')
  await writeFile(file, standalone(script))
  const env = {
    PATH: bin,
    LC_ALL: 'C',
    login_user: 'ops',
    client_address: '198.51.100.20',
    client_port: '50022',
    server_address: '203.0.113.10',
    server_port: '22',
  }
  const [program, ...args] = shell
  return await new Promise((resolve) => {
    execFile(program as string, [...args, file], { env }, (_error, stdout) => resolve(readable(stdout)))
  })
}

const pathOf = (name: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', `command -v ${name}`], (error, stdout) =>
      error ? reject(error) : resolve(stdout.trim()),
    )
  })
