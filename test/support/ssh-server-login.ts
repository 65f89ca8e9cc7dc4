import ssh2, { type AuthContext } from 'ssh2'

/** Who may log in, and with what: characters in it that every quoting must survive. */
export const USER = 'pat'
export const PASSWORD = 'pat;s "pass"$(word) \\ \'word'

export type Method = 'publickey' | 'password' | 'keyboard-interactive'
export type Round = {
  /** The server has nothing to tell beside its prompts. */
  readonly silent?: boolean
  readonly prompts: readonly { prompt: string; echo: boolean }[]
  readonly answers: readonly string[]
}

/** What a login must pass, and what counts. */
export type LoginRules = {
  /** What must be passed, in this order; each step by any of its methods. One step with a key or a password by default. */
  readonly steps?: readonly (readonly Method[])[]
  /** Prompts of keyboard-interactive, one list per round, and the answers that count. */
  readonly rounds?: readonly Round[]
}

/** `rules` is asked at every attempt; `allowed` is the one public key, `note` hears what was tried. */
export type LoginDesk = {
  readonly rules: () => LoginRules
  readonly allowed: Buffer
  readonly note: (line: string) => void
}

/** Follows `steps`: a method that counts takes the login one step further, with "partial success" until the last. */
export function authenticator({ rules, allowed, note }: LoginDesk): (context: AuthContext) => void {
  let step = 0
  return (context) => {
    const { steps = [['publickey', 'password']] } = rules()
    const methods = steps[step] ?? []
    const refuse = (): void => {
      note(`${context.username} ${context.method} no`)
      context.reject([...methods])
    }
    const grant = (): void => {
      step += 1
      note(`${context.username} ${context.method} yes`)
      const next = steps[step]
      if (next === undefined) context.accept()
      else context.reject([...next], true)
    }
    if (!methods.includes(context.method as Method)) return refuse()
    if (context.method === 'password') return context.password === PASSWORD ? grant() : refuse()
    if (context.method === 'keyboard-interactive') return askRounds(context, rules().rounds ?? [], grant, refuse)
    if (context.method !== 'publickey' || !context.key.data.equals(allowed)) return refuse()
    // Only a question whether this key would do; the signature comes next.
    if (context.signature === undefined) return context.accept()
    const key = ssh2.utils.parseKey(context.key.data)
    const { blob, signature, hashAlgo } = context
    if (key instanceof Error || blob === undefined) return refuse()
    const parsed = Array.isArray(key) ? key[0] : key
    return parsed?.verify(blob, signature, hashAlgo) === true ? grant() : refuse()
  }
}

function askRounds(
  context: Extract<AuthContext, { method: 'keyboard-interactive' }>,
  rounds: readonly Round[],
  grant: () => void,
  refuse: () => void,
): void {
  const [round, ...rest] = rounds
  if (round === undefined) return grant()
  const [name, instructions] = round.silent ? ['', ''] : ['Second \u001b[31mfactor', 'Look at your\u0007 device']
  context.prompt([...round.prompts], name ?? '', instructions ?? '', (answers) => {
    const right = round.answers.every((answer, index) => answers[index] === answer)
    if (right) askRounds(context, rest, grant, refuse)
    else refuse()
  })
}
