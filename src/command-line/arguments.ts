import { parseArgs } from 'node:util'
import { fail, ok, type Result } from '../services/model/errors.ts'
import { WINDOW } from '../services/planning/plan.ts'

/** What the command line asks for. Usage errors are one line that says what to do, for status 2. */
export type Arguments =
  | { readonly verb: 'help' }
  | { readonly verb: 'version' }
  | { readonly verb: 'console'; readonly destination: string; readonly options: Options }
  | { readonly verb: 'demo'; readonly options: Options }
  | { readonly verb: 'explain'; readonly id: string | null }
  | {
      readonly verb: 'status' | 'confirm' | 'rollback' | 'export'
      readonly destination: string
      readonly options: Options
    }

export type Options = {
  readonly port: number | null
  readonly user: string | null
  readonly identityFiles: readonly string[]
  readonly configFile: string | null
  /** ssh_config options, `Name=value` each. */
  readonly sshOptions: readonly string[]
  readonly windowSeconds: number
  readonly readOnly: boolean
  readonly color: boolean
}

export const USAGE = `usage: hardtui [-p PORT] [-l USER] [-i FILE] [-F CONFIG] [-o Option=value]
               [--timer 3m] [--read-only] [--no-color] [user@]host[:port]
       hardtui demo                          the console on a practice server inside this program
       hardtui status|confirm|rollback HOST  a pending change, without the console
       hardtui export HOST                   the firewall rules as a commented shell script, on standard output
       hardtui explain [ID]                  what a finding means; all of them, a line each, without an id
       hardtui --version | --help`

const HELP_HINT = 'see hardtui --help'

/** Reads argv (without node and script). */
export function readArguments(argv: readonly string[]): Result<Arguments, string> {
  const parsed = parse(argv)
  if (!parsed.ok) return parsed
  const { values, positionals } = parsed.value
  if (values.help) return ok({ verb: 'help' })
  if (values.version) return ok({ verb: 'version' })
  const options = readOptions(values)
  if (!options.ok) return options
  const [first, second, third] = positionals
  if (first === undefined) return fail('Say which server: hardtui user@host, or hardtui demo to try it without one.')
  if (first === 'demo' && second === undefined) return ok({ verb: 'demo', options: options.value })
  // A host may be called so as well: hardtui user@explain gets there.
  if (first === 'explain') {
    if (third !== undefined) return fail(`One finding at a time; ${HELP_HINT}.`)
    return ok({ verb: 'explain', id: second ?? null })
  }
  if (first === 'status' || first === 'confirm' || first === 'rollback' || first === 'export') {
    if (second === undefined) return fail(`Say which server: hardtui ${first} user@host.`)
    if (third !== undefined) return fail(`One server at a time; ${HELP_HINT}.`)
    return ok({ verb: first, destination: second, options: options.value })
  }
  if (second !== undefined) return fail(`“${first}” is no command of hardtui, or two servers are named; ${HELP_HINT}.`)
  return ok({ verb: 'console', destination: first, options: options.value })
}

type Values = {
  readonly help?: boolean
  readonly version?: boolean
  readonly port?: string
  readonly login?: string
  readonly identity?: readonly string[]
  readonly config?: string
  readonly option?: readonly string[]
  readonly timer?: string
  readonly 'read-only'?: boolean
  readonly 'no-color'?: boolean
}

function parse(argv: readonly string[]): Result<{ values: Values; positionals: readonly string[] }, string> {
  try {
    return ok(
      parseArgs({
        args: [...argv],
        allowPositionals: true,
        options: {
          help: { type: 'boolean', short: 'h' },
          version: { type: 'boolean', short: 'V' },
          port: { type: 'string', short: 'p' },
          login: { type: 'string', short: 'l' },
          identity: { type: 'string', short: 'i', multiple: true },
          config: { type: 'string', short: 'F' },
          option: { type: 'string', short: 'o', multiple: true },
          timer: { type: 'string' },
          'read-only': { type: 'boolean' },
          'no-color': { type: 'boolean' },
        },
      }),
    )
  } catch (error) {
    const words = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)
    return fail(`${words}; ${HELP_HINT}.`)
  }
}

function readOptions(values: Values): Result<Options, string> {
  const port = values.port === undefined ? null : Number(values.port)
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    return fail(`${values.port} is not a port: give -p a number from 1 to 65535.`)
  const windowSeconds = values.timer === undefined ? WINDOW.usual : readDuration(values.timer)
  if (windowSeconds === null) return fail(`--timer takes a time such as 90s, 3m or 1h, not ${values.timer}.`)
  if (windowSeconds < WINDOW.least || windowSeconds > WINDOW.most)
    return fail(
      '--timer must be between 30s and 2h: shorter is too short to log in anew and look, longer is no safety.',
    )
  return ok({
    port,
    user: values.login ?? null,
    identityFiles: values.identity ?? [],
    configFile: values.config ?? null,
    sshOptions: values.option ?? [],
    windowSeconds,
    readOnly: values['read-only'] ?? false,
    color: !(values['no-color'] ?? false),
  })
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 }

/** `90`, `90s`, `3m`, `1h`, in seconds; null for anything else. */
export function readDuration(text: string): number | null {
  const match = /^(\d{1,5})([smh]?)$/.exec(text)
  return match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1) : null
}
