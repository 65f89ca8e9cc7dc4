import { execFile } from 'node:child_process'
import { fail, ok, type Result } from '../model/errors.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { Surroundings, TargetOptions } from './target.ts'

/** What ssh_config(5) says of one host; null where it says nothing, `agent` undefined for the environment's own. */
export type Configured = {
  readonly host: string | null
  readonly port: number | null
  readonly user: string | null
  readonly identityFiles: readonly string[]
  readonly identitiesOnly: boolean
  readonly agent: string | null | undefined
  readonly knownHostsFiles: readonly string[]
  readonly hostKeyAlias: string | null
  readonly hashKnownHosts: boolean
  readonly proxyCommand: string | null
}

/** Asks for a host's configuration; null when there is nobody to ask. */
export type SshConfig = (
  host: string,
  options: TargetOptions,
  around: Pick<Surroundings, 'home' | 'user'>,
) => Promise<Result<Configured | null, Safe>>

/** A `Match exec` in the operator's own file may hang; his console must not. Milliseconds. */
const PATIENCE = 5_000

/** The arguments of `ssh -G`: the host after `--`, so that nothing in it can be an option. */
export const sshArguments = (host: string, options: TargetOptions): readonly string[] => [
  '-G',
  ...(options.configFile === undefined ? [] : ['-F', options.configFile]),
  ...(options.options ?? []).flatMap((option) => ['-o', option]),
  ...(options.jump === undefined ? [] : ['-J', options.jump]),
  ...(options.port === undefined ? [] : ['-p', String(options.port)]),
  ...(options.user === undefined ? [] : ['-l', options.user]),
  ...(options.identityFiles ?? []).flatMap((file) => ['-i', file]),
  '--',
  host,
]

/** Runs `ssh -G` (ssh(1)), which prints the configuration after Host and Match and connects nowhere. */
export const runSshConfig: SshConfig = (host, options, around) =>
  new Promise((resolve) => {
    execFile('ssh', sshArguments(host, options), { timeout: PATIENCE, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) return resolve(ok(parseSshConfig(stdout, around)))
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(ok(null))
      const lines = stderr.trim().split('\n')
      const words = error.killed ? 'it did not answer within 5 seconds' : (lines.at(-1) ?? '')
      resolve(fail(say`ssh refuses its configuration for ${safe(host)}: ${safe(words)}`))
    })
  })

type Lines = { readonly one: (key: string) => string | null; readonly all: (key: string) => readonly string[] }

const readLines = (text: string): Lines => {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    found.set(key, [...(found.get(key) ?? []), value])
  }
  return { one: (key) => found.get(key)?.[0] ?? null, all: (key) => found.get(key) ?? [] }
}

/** ssh -G leaves `~` and the TOKENS of ssh_config(5) in file names as they were written. */
function expand(text: string, tokens: Readonly<Record<string, string>>): string {
  const home = tokens.d ?? ''
  return text.replace(/^~(?=\/|$)/, home).replace(/%([%a-zA-Z])/g, (all, token: string) => tokens[token] ?? all)
}

function agentOf(value: string | null, tokens: Readonly<Record<string, string>>): string | null | undefined {
  if (value === null || value === 'SSH_AUTH_SOCK') return undefined
  if (value === 'none') return null
  if (value.startsWith('$')) return process.env[value.slice(1).replace(/^\{|\}$/g, '')] || null
  return expand(value, tokens)
}

// As ssh(1) does it itself: a second ssh that carries our bytes. BatchMode, for a prompt would land on our screen.
const jumpCommand = (jump: string): string | null => {
  const hops = jump.split(',')
  const last = hops.pop() ?? ''
  const [, user, host, port] =
    /^(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^:\s]+)(?::(\d+))?$/.exec(last.replace(/^ssh:\/\//, '')) ?? []
  if (host === undefined || /['"`$\\;&<>|(){}]/.test(`${user ?? ''}${jump}`) || host.startsWith('-')) return null
  return [
    'ssh -o BatchMode=yes',
    ...(hops.length > 0 ? [`-J '${hops.join(',')}'`] : []),
    ...(user === undefined ? [] : [`-l '${user}'`]),
    ...(port === undefined ? [] : [`-p ${port}`]),
    `-W '[%h]:%p' -- '${host.replace(/^\[|\]$/g, '')}'`,
  ].join(' ')
}

/** Reads the output of `ssh -G`. */
export function parseSshConfig(text: string, around: Pick<Surroundings, 'home' | 'user'>): Configured {
  const { one, all } = readLines(text)
  const host = one('hostname')
  const port = one('port')
  const user = one('user')
  const tokens = {
    '%': '%',
    d: around.home,
    u: around.user,
    h: host ?? '',
    p: port ?? '22',
    r: user ?? around.user,
    n: one('host') ?? host ?? '',
  }
  const files = ['userknownhostsfile', 'globalknownhostsfile'].flatMap((key) => (one(key) ?? '').split(' '))
  const jump = one('proxyjump')
  const command = jump !== null && jump !== 'none' ? jumpCommand(jump) : one('proxycommand')
  return {
    host,
    port: port === null ? null : Number(port),
    user,
    identityFiles: all('identityfile')
      .filter((file) => file !== 'none')
      .map((file) => expand(file, tokens)),
    identitiesOnly: one('identitiesonly') === 'yes',
    agent: agentOf(one('identityagent'), tokens),
    knownHostsFiles: files.filter((file) => file !== '' && file !== 'none').map((file) => expand(file, tokens)),
    hostKeyAlias: one('hostkeyalias'),
    hashKnownHosts: one('hashknownhosts') === 'yes',
    proxyCommand: command === null || command === 'none' ? null : expand(command, tokens),
  }
}
