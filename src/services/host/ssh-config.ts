import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { fail, ok, type Result } from '../model/errors.ts'
import type { LoginPolicy } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { quote } from '../model/shell.ts'
import { readPolicy } from './login-policy.ts'
import type { Operator, TargetOptions } from './target-options.ts'

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
  readonly policy: LoginPolicy
}

/** Asks for a host's configuration; null when there is nobody to ask. */
export type SshConfig = (
  host: string,
  options: TargetOptions,
  around: Operator,
) => Promise<Result<Configured | null, Safe>>

/** A `Match exec` in the operator's own file may hang; his console must not. Milliseconds. */
const PATIENCE = 5_000

/** The arguments of `ssh -G`: the host after `--`, so that nothing in it can be an option. */
const sshArguments = (host: string, options: TargetOptions): readonly string[] => [
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
      if (error === null) return resolve(parseSshConfig(stdout, around, { host, ...options }))
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
    const values = found.get(key)
    if (values) values.push(value)
    else found.set(key, [value])
  }
  return { one: (key) => found.get(key)?.[0] ?? null, all: (key) => found.get(key) ?? [] }
}

type Tokens = Readonly<Record<string, string>>

const expandTokens = (text: string, tokens: Tokens): string =>
  text.replace(/%([%a-zA-Z])/g, (all, token: string) => tokens[token] ?? all)

/** ssh -G leaves `~`, `${VARIABLES}` and the TOKENS of ssh_config(5) in file names as they were written. */
function expand(text: string, tokens: Tokens): string {
  const home = tokens.d ?? ''
  const named = text
    .replace(/^~(?=\/|$)/, home)
    .replace(/\$\{(\w+)\}/g, (all, name: string) => process.env[name] ?? all)
  return expandTokens(named, tokens)
}

function agentOf(value: string | null, tokens: Tokens): string | null | undefined {
  if (value === null || value === 'SSH_AUTH_SOCK') return undefined
  if (value === 'none') return null
  const variable = /^\$(?:\{(\w+)\}|(\w+))$/.exec(value)
  if (variable) return process.env[variable[1] ?? variable[2] ?? ''] || null
  return expand(value, tokens)
}

/** What of the command line's -o goes to the jump's ssh too: whom to trust, and what to show him. */
const TRUST =
  /^\s*(?:StrictHostKeyChecking|UserKnownHostsFile|GlobalKnownHostsFile|RevokedHostKeys|KnownHostsCommand|HostKeyAlgorithms|KexAlgorithms|Ciphers|MACs|RequiredRSASize|PubkeyAcceptedAlgorithms|PubkeyAuthentication|IdentitiesOnly|IdentityAgent)[\s=]/i

// As ssh(1) does it itself: a second ssh that carries our bytes, by the same -F, for the jump's own name may stand in that
// file alone. ssh leaves its -o to the destination; what says whom to trust is meant for both. BatchMode, for a prompt
// would land on our screen.
function jumpCommand(jump: string, { configFile, options = [] }: Typed): Result<string, Safe> {
  const hops = jump.split(',')
  const last = hops.pop() ?? ''
  const [, user, host, port] =
    /^(?:([^@\s]+)@)?(\[[^\]\s]+\]|[^:\s]+)(?::(\d+))?$/.exec(last.replace(/^ssh:\/\//, '')) ?? []
  if (host === undefined || /['"`$\\;&<>|(){}]/.test(jump) || host.startsWith('-')) {
    return fail(say`ProxyJump ${safe(jump)} can't be used: write user@host:port, several with commas between them.`)
  }
  const literal = (text: string): string => quote(text).replaceAll('%', '%%')
  return ok(
    [
      'ssh -o BatchMode=yes',
      ...(configFile === undefined ? [] : [`-F ${literal(configFile)}`]),
      ...options.filter((option) => TRUST.test(option)).map((option) => `-o ${literal(option)}`),
      ...(hops.length > 0 ? [`-J ${literal(hops.join(','))}`] : []),
      ...(user === undefined ? [] : [`-l ${literal(user)}`]),
      ...(port === undefined ? [] : [`-p ${port}`]),
      `-W '[%h]:%p' -- ${literal(host.replace(/^\[|\]$/g, ''))}`,
    ].join(' '),
  )
}

/** The tokens whose values come from elsewhere than the command: sh(1) would act on odd characters in them. */
const PLAIN = /^[\w.@:+,/=%-]*$/

function proxyCommandOf(command: string | null, tokens: Tokens): Result<string | null, Safe> {
  if (command === null || command === 'none') return ok(null)
  const used = [...new Set(command.match(/%[%a-zA-Z]/g))].map((token) => token.slice(1))
  const odd = used.find((token) => token !== '%' && token in tokens && !PLAIN.test(tokens[token] ?? ''))
  if (odd !== undefined) {
    return fail(
      say`ProxyCommand of ssh_config uses %${safe(odd)}, which is ${safe(tokens[odd] ?? '')} here: the shell would act on its characters. Write it into the command itself.`,
    )
  }
  return ok(expandTokens(command, tokens))
}

/**
 * The files of a list as `ssh -G` prints it, without the quotes that held a blank in: a word that begins no path goes on
 * with the one before.
 */
const filesOf = (value: string | null): readonly string[] => {
  const files: string[] = []
  for (const word of (value ?? '').split(' ')) {
    const before = files.at(-1)
    if (before === undefined || /^(?:[~/%$]|none$)/.test(word) || !/^[~/%$]/.test(before)) files.push(word)
    else files[files.length - 1] = `${before} ${word}`
  }
  return files.filter((file) => file !== '' && file !== 'none')
}

type Typed = Pick<TargetOptions, 'configFile' | 'options'> & { readonly host?: string }

/**
 * Reads the output of `ssh -G`; `asked` is what it was asked for: the host as it was typed, -F and -o. What can't be done
 * as it is configured is an error of one sentence.
 */
export function parseSshConfig(text: string, around: Operator, asked: Typed = {}): Result<Configured, Safe> {
  const { one, all } = readLines(text)
  const host = one('hostname')
  const port = one('port')
  const user = one('user')
  const typed = asked.host ?? one('host') ?? host ?? ''
  const proxyJump = one('proxyjump')
  const jump = proxyJump === 'none' ? null : proxyJump
  const own = {
    '%': '%',
    d: around.home,
    u: around.user,
    i: String(process.getuid?.() ?? ''),
    l: hostname(),
    L: hostname().replace(/\..*/, ''),
    h: host ?? '',
    p: port ?? '22',
    r: user ?? around.user,
    n: typed,
    k: one('hostkeyalias') ?? typed,
    j: jump ?? '',
  }
  const connection = createHash('sha1').update(`${own.l}${own.h}${own.p}${own.r}${own.j}`).digest('hex')
  const tokens: Tokens = { ...own, C: connection }
  const files = ['userknownhostsfile', 'globalknownhostsfile'].flatMap((key) => filesOf(one(key)))
  const command = jump !== null ? jumpCommand(jump, asked) : ok(one('proxycommand'))
  if (!command.ok) return command
  const proxyCommand = proxyCommandOf(command.value, tokens)
  if (!proxyCommand.ok) return proxyCommand
  const policy = readPolicy(one)
  if (!policy.ok) return policy
  const { revokedHostKeys } = policy.value
  return ok({
    host,
    port: port === null ? null : Number(port),
    user,
    identityFiles: all('identityfile')
      .filter((file) => file !== 'none')
      .map((file) => expand(file, tokens)),
    identitiesOnly: one('identitiesonly') === 'yes',
    agent: agentOf(one('identityagent'), tokens),
    knownHostsFiles: files.map((file) => expand(file, tokens)),
    hostKeyAlias: one('hostkeyalias'),
    hashKnownHosts: one('hashknownhosts') === 'yes',
    proxyCommand: proxyCommand.value,
    policy: {
      ...policy.value,
      revokedHostKeys: revokedHostKeys === null ? null : expand(revokedHostKeys, tokens),
    },
  })
}
