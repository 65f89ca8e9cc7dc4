// `npm run lab -- …`: the lab by hand. Messages are one line; exit status 1 for what failed, 2 for bad usage.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { reap } from './demolish.ts'
import { downAll, find, list, prepare, up } from './lab.ts'
import type { Direction } from './network.ts'
import { LAB_DIR } from './paths.ts'
import { FLAVOURS, type Flavour, VARIANTS, type Variant } from './recipe.ts'
import { LabError } from './run.ts'
import type { Server } from './server.ts'

const USAGE = `usage: npm run lab -- COMMAND
  build [--flavour F]                       make the trees of one flavour, or of all
  up [--flavour F] [--variant V] [--packages A,B] [--name N]
                                            boot a server (${FLAVOURS.join(', ')}; ${VARIANTS.join(', ')})
  list                                      what is up
  ssh N [USER] [-- COMMAND]                 log in from the operator's machine (root, ops, pat, guest)
  console N [USER]                          hardtui on it, from the operator's machine
  sh N [COMMAND]                            a root shell inside, whatever the firewall does
  reboot N [--power-cut]                    reboot it, cleanly or not
  cut N [in|out|both]                       drop what goes to the server, comes from it, or both
  heal N                                    end every cut
  delay N MS                                make the operator's line slower by this round trip; 0 ends it
  down N | --all                            take one away, or all with every leftover`

class UsageError extends Error {}

/** Runs a program on this terminal; gives its exit status. */
function onTerminal(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [file = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', env })
    // The program on the terminal decides what Ctrl-C means.
    process.on('SIGINT', () => {})
    child.on('error', reject)
    child.on('exit', (status) => resolve(status ?? 1))
  })
}

function oneOf<T extends string>(what: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || allowed.includes(value as T)) return value as T | undefined
  throw new UsageError(`no such ${what}: ${value} (there are: ${allowed.join(', ')})`)
}

async function start(args: readonly string[]): Promise<number> {
  const option = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { flavour: option, variant: option, packages: option, name: option },
  })
  const began = performance.now()
  const server = await up({
    flavour: oneOf<Flavour>('flavour', values.flavour, FLAVOURS) ?? 'debian12',
    variant: oneOf<Variant>('variant', values.variant, VARIANTS) ?? 'plain',
    packages: values.packages?.split(',') ?? [],
    ...(values.name === undefined ? {} : { name: values.name }),
    keep: true,
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${server.name} is up (${server.flavour}, ${server.variant}) after ${seconds} s`)
  console.log(`  npm run lab -- ssh ${server.name}      npm run lab -- console ${server.name}`)
  return 0
}

async function show(): Promise<number> {
  for (const { name, flavour, variant, leader, boots, owner } of await list()) {
    const power = leader === null ? 'off' : `on, boot ${boots}`
    console.log(
      `${name.padEnd(20)} ${flavour.padEnd(9)} ${variant.padEnd(12)} ${power.padEnd(12)} by pid ${owner?.pid}`,
    )
  }
  return 0
}

async function build(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { flavour: { type: 'string' } } })
  const one = oneOf<Flavour>('flavour', values.flavour, FLAVOURS)
  const timed = async (flavour: Flavour): Promise<void> => {
    const began = performance.now()
    await prepare({ flavour })
    console.log(`${flavour}: there after ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
  if (one) await timed(one)
  // Two at a time: sysvinit is a layer over debian12.
  else await Promise.all([timed('debian12').then(() => timed('sysvinit')), timed('debian13')])
  return 0
}

async function console_(server: Server, [user = 'root']: readonly string[]): Promise<number> {
  const program = join(LAB_DIR, '../../dist/hardtui.js')
  if (!existsSync(program)) throw new LabError('dist/hardtui.js is not there: run "npm run build" first')
  // ssh looks for its configuration where the user database says, not where HOME does.
  const known = `UserKnownHostsFile=${server.knownHosts}`
  const argv = [process.execPath, program, '-i', server.key, '-o', known, `${user}@${server.address}`]
  return onTerminal(server.client.argv(argv), server.client.env())
}

async function login(server: Server, args: readonly string[]): Promise<number> {
  const dashes = args.indexOf('--')
  const [user = 'root'] = dashes === -1 ? args : args.slice(0, dashes)
  const command = dashes === -1 ? [] : ['--', ...args.slice(dashes + 1)]
  const argv = server.client.sshArgv({ user, timeoutMs: 10_000, args: command.length ? [] : ['-o', 'BatchMode=no'] })
  return onTerminal(server.client.argv([...argv, ...command]), server.client.env())
}

type Command = (server: Server, args: readonly string[]) => Promise<number | undefined>

/** Commands whose first argument is a server's name. */
const COMMANDS: Readonly<Record<string, Command>> = {
  ssh: login,
  console: console_,
  sh: (server, args) =>
    onTerminal(server.insideArgv(args.length === 0 ? ['/bin/bash', '-l'] : ['/bin/sh', '-c', args.join(' ')])),
  reboot: async (server, args) => {
    await (args.includes('--power-cut') ? server.powerCut() : server.reboot())
    return 0
  },
  cut: async (server, [direction]) => {
    await server.cut(oneOf<Direction>('direction', direction, ['in', 'out', 'both']) ?? 'both')
    return 0
  },
  heal: async (server) => {
    await server.heal()
    return 0
  },
  delay: async (server, [ms]) => {
    if (!/^\d+$/.test(ms ?? '')) throw new UsageError('delay: how many ms? e.g. npm run lab -- delay N 300')
    await server.delay(Number(ms))
    return 0
  },
  down: async (server) => {
    await server.down()
    return 0
  },
}

async function main([verb = '', ...args]: readonly string[]): Promise<number> {
  if (verb === 'up') return start(args)
  if (verb === 'list') return show()
  if (verb === 'build') return build(args)
  if (verb === 'down' && args[0] === '--all') {
    console.log(`down: ${(await downAll()).join(', ') || 'nothing was up'}`)
    return 0
  }
  const command = COMMANDS[verb]
  if (!command) throw new UsageError(verb === '' ? 'which command?' : `no such command: ${verb}`)
  const [name, ...rest] = args
  if (name === undefined) throw new UsageError(`${verb}: which server? "npm run lab -- list" shows them`)
  if (verb === 'down') await reap()
  return (await command(find(name), rest)) ?? 0
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: Error) => {
    if (error instanceof UsageError) console.error(`${USAGE}\n\n${error.message}`)
    else console.error(error instanceof LabError ? `lab: ${error.message}` : error)
    process.exit(error instanceof UsageError ? 2 : 1)
  },
)
