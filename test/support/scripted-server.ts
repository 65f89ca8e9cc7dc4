import type { Command, Output } from '../../src/services/model/command.ts'
import { fail, type HostError, ok, type Result } from '../../src/services/model/errors.ts'
import type { FreshLogin, Host, HostFacts, Link, WayIn } from '../../src/services/model/host.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import { say } from '../../src/services/model/safe.ts'
import type { Transaction, Transactions } from '../../src/services/model/transaction.ts'
import type { TransactionDeps } from '../../src/services/transaction/context.ts'
import { createTransactions } from '../../src/services/transaction/machine.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { firewallFacts, hostFacts, insertFirst, planOf } from './plans.ts'

/** What a command is answered: its output, how it ended, or why there is no answer; a promise answers when it likes. */
export type Answer = string | Partial<Output> | HostError
type Verb =
  | 'arm'
  | 'start-apply'
  | 'status'
  | 'confirm'
  | 'extend'
  | 'takeover'
  | 'rollback'
  | 'note_proof'
  | 'id'
  | 'history'
  | 'record'

export const LOST: HostError = { kind: 'disconnected', message: say`The link was lost.`, next: say`Wait for it.` }
export const TIMED_OUT: HostError = { kind: 'timeout', message: say`:22 timed out.`, next: say`Roll back with X.` }
export const REFUSED: HostError = { kind: 'auth-failed', message: say`No key is taken.`, next: say`Roll back with X.` }

/** A server in the middle of a change, as `guard.sh status raw` says it. */
export const pending = (more: Readonly<Record<string, string>> = {}): string => {
  const told = {
    state: 'armed',
    id: 'tx1',
    owner: 'root',
    from: '198.51.100.20',
    since: '09:18:07',
    deadline: '09:18:37',
    left: '3000',
    window: '30',
    holder: 'console',
    applied: 'yes',
    ...more,
  }
  return `${Object.entries(told)
    .map(([word, rest]) => `@${word} ${rest}\n`)
    .join('')}@end status\n`
}
export const over = (ending: string, ...lines: readonly string[]): string =>
  ['@state none', `@ended ${ending}`, ...lines, '@end status', ''].join('\n')
export const NOTHING_PENDING = '@state none\n@end status\n'

const USUAL: Readonly<Record<Verb, Answer>> = {
  arm: '@checked\n@checkpoint 12 KB in /var/lib/hardtui\n@armed tx1 3000 09:18:37 09:18:07\n@triggers systemd and a process\n',
  'start-apply': '@applied 1 rule\n',
  status: pending(),
  confirm: '@confirmed tx1\n',
  extend: '@extended tx1\n',
  takeover: '@took tx1\n',
  rollback: '@rolled-back tx1\n',
  note_proof: '',
  id: '0\n',
  history: '',
  record: '',
}

/** A console and its server, both played by a test; time stands still until the test moves it. */
export type ScriptedServer = {
  readonly transactions: Transactions
  readonly clock: HandClock
  /** States as they came. */
  readonly states: Transaction[]
  /** What was asked, in order: `arm`, `login`, `login: id`, … */
  readonly asked: string[]
  /** Words of the last command of a kind. */
  readonly words: (verb: Verb) => readonly string[]
  /** Answers of a command from now on, one after the other; the last one stays. */
  readonly answer: (verb: Verb, ...answers: readonly (Answer | Promise<Answer>)[]) => void
  /** Why new logins fail from now on; null: they work. */
  login: HostError | null
  /** Ports that new logins were tried on; undefined where the console came by. */
  readonly loginPorts: (number | undefined)[]
  /** New logins that are open. */
  readonly open: () => number
  /** How to come back when the link is lost, as last told. */
  readonly waysBack: () => readonly WayIn[]
  readonly setLink: (link: Link) => void
  /** Lets all that waits for an answer, or for the change to show its harm, go on until it has come to rest. */
  readonly rest: <T>(doing: Promise<T>) => Promise<T>
}

/** How long the console waits before it logs in anew. */
export const SETTLE_MS = 1_500

const verbOf = ({ argv, stdin }: Command): Verb => {
  if (argv[0] === 'id') return 'id'
  if (argv[2]?.includes('status raw')) return 'status'
  return stdin?.startsWith('@@ guard.sh') ? 'arm' : (argv[4] as Verb)
}

const isError = (answer: Answer): answer is HostError => typeof answer === 'object' && 'kind' in answer

/** One turn of the loop: whatever could go on has gone on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function scriptedServer(
  deps: Partial<TransactionDeps> & { readonly facts?: () => HostFacts | null } = {},
): ScriptedServer {
  const clock = handClock()
  const answers = new Map<Verb, (Answer | Promise<Answer>)[]>()
  const asked: string[] = []
  const commands = new Map<Verb, Command>()
  const listeners = new Set<(link: Link) => void>()
  const loginPorts: (number | undefined)[] = []
  let [open, link, waysBack]: [number, Link, readonly WayIn[]] = [0, { state: 'up', roundTripMs: 1 }, []]

  const exec =
    (over: string) =>
    async (command: Command, onLine?: (line: string) => void): Promise<Result<Output>> => {
      const verb = verbOf(command)
      asked.push(`${over}${verb}`)
      commands.set(verb, command)
      const given = answers.get(verb)
      const answer = (await (given && given.length > 1 ? given.shift() : given?.[0])) ?? USUAL[verb]
      if (typeof answer !== 'string' && isError(answer)) return fail(answer)
      const output = {
        status: 0,
        stdout: '',
        stderr: '',
        ...(typeof answer === 'string' ? { stdout: answer } : answer),
      }
      for (const line of output.stdout.split('\n')) onLine?.(line)
      return ok(output)
    }
  const proveFreshLogin: Host['proveFreshLogin'] = async (options) => {
    asked.push('login')
    loginPorts.push(options?.port)
    if (self.login) return fail(self.login)
    open++
    const fresh: FreshLogin = {
      exec: exec('login: '),
      elapsedMs: 40,
      session: { ...hostFacts.session, clientPort: 50_100 + loginPorts.length, serverPort: options?.port ?? 22 },
      method: say`publickey`,
      close: () => void open--,
    }
    return ok(fresh)
  }
  let ids = 0
  const transactions = createTransactions({
    host: {
      exec: exec(''),
      proveFreshLogin,
      link: () => link,
      onLink: (listener) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      comeBackBy: (ways) => {
        waysBack = ways
      },
    },
    facts: () => hostFacts,
    clock,
    // The first one names the console itself.
    newId: () => (ids++ === 0 ? 'console' : `tx${ids - 1}`),
    settleMs: SETTLE_MS,
    ...deps,
  })
  const states: Transaction[] = []
  transactions.subscribe((one) => states.push(one))
  const self: ScriptedServer = {
    transactions,
    clock,
    states,
    asked,
    words: (verb) => commands.get(verb)?.argv.slice(4) ?? [],
    answer: (verb, ...given) => void answers.set(verb, [...given]),
    login: null,
    loginPorts,
    open: () => open,
    waysBack: () => waysBack,
    setLink: (next) => {
      link = next
      for (const listener of listeners) listener(next)
    },
    rest: async (doing) => {
      let over = false
      const watched = doing.finally(() => {
        over = true
      })
      for (let turns = 0; !over && turns < 20; turns++) {
        await turn()
        if (!over && transactions.state().phase === 'proving') clock.advance(SETTLE_MS)
      }
      return watched
    },
  }
  return self
}

/** A plan of one rule. */
export const onePlan = (more: Partial<ChangePlan> = {}): ChangePlan => {
  const facts = firewallFacts('')
  return { ...planOf(facts, [insertFirst(facts, '-p tcp -m tcp --dport 80 -j ACCEPT')]), blockers: [], ...more }
}

/** A console whose change waits for its confirm. */
export async function waiting(deps: Partial<TransactionDeps> = {}, plan = onePlan()): Promise<ScriptedServer> {
  const server = scriptedServer(deps)
  await server.rest(server.transactions.apply(plan))
  return server
}
