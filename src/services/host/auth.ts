import type { AnyAuthMethod, Prompt, SignCallback, SigningRequestOptions } from 'ssh2'
import type { Ask, ClientKey, LoginMethod, LoginNeeds, Target } from '../model/host.ts'
import { type Safe, safe, safeLines, say } from '../model/safe.ts'
import { Cancelled, type Identity, type Unlocked } from './identities.ts'
import { keyType, rsaBits } from './known-hosts.ts'
import { DEFAULT_POLICY } from './login-policy.ts'
import type { Ssh2 } from './ssh2.ts'

/** What one login taught us, kept in memory for the next one: nothing is asked twice unless it must be (a code). */
export type Credentials = {
  readonly unlocked: Unlocked
  password: string | null
  /** What let us in, in order: one entry, or several where the server wants more than one. */
  succeeded: readonly string[]
}

export const noCredentials = (): Credentials => ({ unlocked: new Map(), password: null, succeeded: [] })

type Attempt = {
  readonly id: string
  readonly label: Safe
  readonly method: AnyAuthMethod
  readonly succeeded?: () => void
  /** What it proves us by, for `LoginNeeds`. */
  readonly used: LoginMethod | ClientKey
}

/** The login in progress, driven by ssh2's authHandler. */
export type Auth = {
  /** The next method to try, or false when there is none left. */
  readonly next: () => Promise<AnyAuthMethod | false>
  /** The server's USERAUTH_FAILURE (RFC 4252, 5.1). */
  readonly refused: (methods: readonly string[], partial: boolean) => void
  /** The server tells something and asks nothing; `answered` goes on. */
  readonly told: (name: string, instructions: string, answered: () => void) => void
  /** The server let us in. */
  readonly accepted: () => void
  /** What let us in, for the header and the proof. */
  readonly label: () => Safe
  readonly used: () => Pick<LoginNeeds, 'methods' | 'keys' | 'offered'>
  /** Methods the server said it accepts; null when it never said. */
  readonly methods: () => readonly string[] | null
  readonly tried: () => readonly Safe[]
}

export type AuthOptions = {
  readonly ssh2: Ssh2
  readonly target: Target
  readonly ask: Ask
  readonly credentials: Credentials
  readonly identities: Promise<readonly Identity[]>
  /** Try only what worked before: a proof must not collect failures, for the server counts them against our address. */
  readonly onlyProven: boolean
  readonly cancel: () => void
  /** Ends the login for something that the server does. */
  readonly refuse: (cause: string) => void
}

/** Questions of one login, and prompts of one question: enough for every PAM stack, and no way to wear anybody down. */
const MAX_ROUNDS = 20
const MAX_PROMPTS = 16
const MAX_INSTRUCTION_LINES = 40
/** Characters. */
const MAX_WORDS = 8_192

const ASKS_PASSWORD = /password/i

/** Ends in the order of PreferredAuthentications (ssh_config(5)); what worked last time first. */
export function createAuth(options: AuthOptions): Auth {
  const { target, credentials } = options
  const { methods: wanted, passwordPrompts } = target.policy ?? DEFAULT_POLICY
  const tried: { id: string; label: Safe }[] = []
  const entered: Attempt[] = []
  /** What the server accepts by its latest word; null before it said anything. */
  let offered: readonly string[] | null = null
  let current: Attempt | null = null
  let held: readonly Identity[] = []
  let cancelled = false
  const count = (id: string): number => tried.filter((one) => one.id === id).length

  const give = (attempt: Attempt): AnyAuthMethod => {
    current = attempt
    tried.push({ id: attempt.id, label: attempt.label })
    return attempt.method
  }
  const cancel = (): void => {
    cancelled = true
    options.cancel()
  }
  const questions = serverQuestions(options)
  const makers = {
    publicKey: keyAttempt(options, cancel),
    interactive: interactiveAttempt(options, questions, cancel),
  }

  const password = async (): Promise<Attempt | null> => {
    const remembered = count('password') === 0 ? credentials.password : null
    const attempt = count('password') + 1
    const question = { kind: 'password', user: safe(target.user), host: safe(target.host), attempt } as const
    const text = remembered ?? (await options.ask(question))?.[0]
    if (text === undefined) {
      cancel()
      return null
    }
    credentials.password = null
    const succeeded = (): void => {
      credentials.password = text
    }
    const method = { type: 'password', username: target.user, password: text } as const
    return { id: 'password', label: say`password`, method, succeeded, used: 'password' }
  }

  const choose = async (): Promise<Attempt | null> => {
    const identities = await options.identities
    held = identities
    const can = (method: LoginMethod): boolean => (offered?.includes(method) ?? false) && wanted.includes(method)
    const proven = credentials.succeeded[entered.length]
    const fresh = identities.filter((identity) => count(identity.id) === 0)
    const known = fresh.find((identity) => identity.id === proven)
    // Before the server has said what it takes, only a key or what worked before is tried blindly.
    const blind = offered === null
    if (known !== undefined && (blind || can('publickey'))) return makers.publicKey(known)
    // Nobody is asked for a password that the server has not said it takes.
    const isKnown = credentials.password !== null
    if (proven === 'password' && count('password') === 0 && (blind ? isKnown : can('password'))) return password()
    if (proven === 'keyboard-interactive' && count(proven) === 0 && (blind || can(proven))) return makers.interactive(1)
    if (options.onlyProven && proven !== undefined) return null
    const [first] = fresh
    if (blind && first !== undefined && wanted[0] === 'publickey') return makers.publicKey(first)
    if (blind)
      return { id: 'none', label: say`none`, method: { type: 'none', username: target.user }, used: 'password' }
    for (const method of wanted) {
      if (!can(method)) continue
      if (method === 'publickey' && first !== undefined) return makers.publicKey(first)
      if (method === 'publickey' || count(method) >= passwordPrompts) continue
      return method === 'password' ? password() : makers.interactive(count(method) + 1)
    }
    return null
  }

  return {
    next: async () => {
      if (cancelled) return false
      const attempt = await choose()
      return attempt === null || cancelled ? false : give(attempt)
    },
    refused: (methods, partial) => {
      offered = methods
      if (partial && current !== null) {
        entered.push(current)
        current.succeeded?.()
      }
    },
    told: (name, instructions, answered) => {
      questions(name, instructions, []).then((answers) => (answers === null ? cancel() : answered()), cancel)
    },
    accepted: () => {
      if (current === null) return
      entered.push(current)
      current.succeeded?.()
      credentials.succeeded = entered.map(({ id }) => id)
    },
    label: () => safe(entered.map(({ label }) => label).join(', then ')),
    used: () => {
      const used = entered.flatMap((one) => (one.id === 'none' ? [] : [one.used]))
      return {
        methods: used.map((one) => (typeof one === 'string' ? one : 'publickey')),
        keys: used.flatMap((one) => (typeof one === 'string' ? [] : [one])),
        offered: held.map(keyOf),
      }
    },
    methods: () => offered,
    tried: () => tried.filter(({ id }) => id !== 'none').map(({ label }) => label),
  }
}

/**
 * A key as an agent that holds just this one: the only form in which ssh2 signs asynchronously, and so the only one in
 * which a passphrase can be asked for after the server has said that the key would do.
 */
const keyAttempt =
  ({ ssh2, target }: AuthOptions, cancel: () => void) =>
  (identity: Identity): Attempt => {
    class OneKey extends ssh2.BaseAgent {
      override getIdentities(callback: (error: undefined, keys: (typeof identity.publicKey)[]) => void): void {
        callback(undefined, [identity.publicKey])
      }
      override sign(_key: unknown, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback) {
        const callback = typeof options === 'function' ? options : done
        const hash = typeof options === 'function' ? undefined : options.hash
        identity.sign(data, hash).then(
          (signature) => callback?.(null, signature),
          (error: Error) => {
            if (error instanceof Cancelled) cancel()
            else callback?.(error)
          },
        )
      }
    }
    return {
      id: identity.id,
      label: identity.label,
      used: keyOf(identity),
      method: { type: 'agent', username: target.user, agent: new OneKey() },
    }
  }

function keyOf({ publicKey, id }: Identity): ClientKey {
  const blob = publicKey.getPublicSSH()
  const type = keyType(blob)
  return { type, bits: rsaBits(blob), fingerprint: id, line: `${type} ${blob.toString('base64')}` }
}

/** Puts what the server asks to the operator, as his words and bounded; ends the login of one that asks without end. */
function serverQuestions({ target, ask, refuse }: AuthOptions) {
  let round = 0
  return async (name: string, instructions: string, prompts: readonly Prompt[]): Promise<readonly string[] | null> => {
    round += 1
    if (round > MAX_ROUNDS || prompts.length > MAX_PROMPTS) {
      refuse(`it asked ${round > MAX_ROUNDS ? `more than ${MAX_ROUNDS} times` : `${prompts.length} things at once`}`)
      return new Promise(() => {})
    }
    const lines = linesOf(instructions)
    // PAM's last round of every login is an empty one (sshd with UsePAM).
    if (prompts.length === 0 && name.trim() === '' && lines.length === 0) return []
    return ask({
      kind: 'keyboard-interactive',
      user: safe(target.user),
      host: safe(target.host),
      round,
      name: safe(name),
      instructions: lines,
      prompts: prompts.map(({ prompt, echo }) => ({ text: safe(prompt, 1_024), echo: echo === true })),
    })
  }
}

const linesOf = (text: string): readonly Safe[] =>
  text.trim() === ''
    ? []
    : safeLines(text.slice(0, MAX_WORDS).replaceAll('\r', '').trimEnd(), 1_024).slice(0, MAX_INSTRUCTION_LINES)

/** RFC 4256: any number of rounds, each with any number of prompts. */
const interactiveAttempt =
  ({ target, credentials }: AuthOptions, questions: ReturnType<typeof serverQuestions>, cancel: () => void) =>
  (attempt: number): Attempt => {
    let typed: string | null = null
    const answer = async (name: string, instructions: string, prompts: readonly Prompt[]): Promise<string[] | null> => {
      const [only] = prompts
      const isPassword = prompts.length === 1 && only !== undefined && !only.echo && ASKS_PASSWORD.test(only.prompt)
      if (isPassword && attempt === 1 && typed === null && credentials.password !== null) {
        typed = credentials.password
        return [typed]
      }
      const answers = await questions(name, instructions, prompts)
      if (answers === null) return null
      if (isPassword) typed = answers[0] ?? null
      return prompts.map((_, index) => answers[index] ?? '')
    }
    return {
      id: 'keyboard-interactive',
      label: say`keyboard-interactive`,
      used: 'keyboard-interactive',
      method: {
        type: 'keyboard-interactive',
        username: target.user,
        prompt: (name, instructions, _lang, prompts, finish) => {
          answer(name, instructions, prompts).then((answers) => (answers === null ? cancel() : finish(answers)), cancel)
        },
      },
      succeeded: () => {
        if (typed !== null) credentials.password = typed
      },
    }
  }
