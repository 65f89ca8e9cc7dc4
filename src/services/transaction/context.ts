import { SUDOERS } from '../model/account.ts'
import type { AskDns } from '../model/dns.ts'
import type { FreshLogin, Host, HostFacts, WayIn } from '../model/host.ts'
import type { ChangePlan } from '../model/plan.ts'
import type { Safe } from '../model/safe.ts'
import { type StageLine, type Transaction, timerOf } from '../model/transaction.ts'
import { freshStages } from './stages.ts'

/** Time as this machine sees it; tests bring their own. `after` gives back what cancels it. */
export type Clock = { readonly now: () => number; readonly after: (ms: number, run: () => void) => () => void }

export type TransactionDeps = {
  readonly host: Pick<Host, 'exec' | 'proveFreshLogin' | 'link' | 'onLink' | 'comeBackBy'>
  readonly facts: () => HostFacts | null
  readonly clock: Clock
  readonly newId: () => string
  /** How long a change may take to show its harm before a new login is tried, in ms. */
  readonly settleMs: number
  /** Where new logins go meanwhile, where that is not the port that was dialled: sshd may have been moved. */
  readonly loginPort?: () => number | undefined
  /** Reads which rule limits how often new logins may come to a port, in words; asked only where one failed. */
  readonly limitOnLogins?: (port: number) => Promise<Safe | null>
  /** Asks the server's name server from this machine; absent where nothing is asked. */
  readonly askDns?: AskDns
}

/** What the phases of one transaction share. `set` is the only way on. */
export type Context = TransactionDeps & {
  readonly state: () => Transaction
  readonly set: (next: Transaction) => void
  readonly subscribe: (listener: (transaction: Transaction) => void) => () => void
  readonly stages: () => readonly StageLine[]
  /** The outcome of what was under way is not known; `words` say what is. */
  readonly doubt: (words: Safe) => void
  /** Plans of the transactions that this console began, by id: what goes back into staging after a rollback. */
  readonly plans: Map<string, ChangePlan>
  /** Names this console on the server: whoever holds the pending change may confirm and extend it. */
  readonly holder: string
  /** Id of the transaction last seen or begun: what the server is asked about. */
  readonly lastId: () => string
  /** Secrets are the passwords of accounts that are made, by their names; they stay in memory, for their own logins. */
  readonly begin: (id: string, plan: ChangePlan, secrets: ReadonlyMap<string, string>) => void
  /**
   * How a login proves the change: by the port that it moves sshd to, and as the account that it, or an earlier change,
   * made for the operator.
   */
  readonly proofWay: () => WayIn
  /** The login that proved the change, kept for the confirm; closed with the transaction. */
  readonly fresh: () => FreshLogin | null
  readonly keepFresh: (login: FreshLogin | null) => void
}

export function createContext(deps: TransactionDeps): Context {
  const listeners = new Set<(transaction: Transaction) => void>()
  const plans = new Map<string, ChangePlan>()
  let now: Transaction = { phase: 'idle' }
  let fresh: FreshLogin | null = null
  let lastId = ''
  let successor: string | undefined
  let moved: readonly number[] = []
  const passwords = new Map<string, string>()

  /** A change to the account itself, such as its undoing, takes it for no way in: the operator's own has to do. */
  const userFor = (id: string): string | undefined => {
    const { proofAs, steps } = plans.get(id) ?? { proofAs: null, steps: [] }
    const isTouched = steps.some((step) => isAgainst(step, successor))
    return proofAs ?? (isTouched ? undefined : successor)
  }

  const as = (user: string | undefined): WayIn => {
    const sudoPassword = user === undefined ? undefined : passwords.get(user)
    return {
      ...(user === undefined ? {} : { user }),
      ...(sudoPassword === undefined ? {} : { sudoPassword }),
    }
  }

  /** Back in by what was confirmed and by what is under way; a refused login is counted against our address. */
  const comeBack = (id: string): void => {
    const user = userFor(id)
    const ports = [...new Set([...(plans.get(id)?.newPorts ?? []), ...moved])]
    // An account that the change itself touches may still be the only way, until it is applied.
    const users = [...new Set([user, undefined, successor])].map(as)
    deps.host.comeBackBy([...users, ...ports.flatMap((port) => users.map((one) => ({ ...one, port })))])
  }

  const holder = deps.newId()
  const keepFresh = (login: FreshLogin | null): void => {
    if (fresh && fresh !== login) fresh.close()
    fresh = login
  }
  const set = (next: Transaction): void => {
    now = next
    const timer = timerOf(next)
    if (next.phase === 'confirmed') {
      successor = userFor(next.id)
      moved = [...(plans.get(next.id)?.newPorts ?? []), ...moved]
      comeBack(next.id)
    }
    if (timer) lastId = timer.id
    else if (next.phase !== 'in-doubt') keepFresh(null)
    // sshd is back where it was: whoever answers on the port it was to move to is somebody else.
    if (next.phase === 'rolled-back' || next.phase === 'aborted') comeBack('')
    for (const listener of listeners) listener(next)
  }
  const stages = (): readonly StageLine[] => ('stages' in now ? now.stages : freshStages())
  return {
    ...deps,
    state: () => now,
    set,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    stages,
    doubt: (words) => set({ phase: 'in-doubt', timer: timerOf(now), stages: stages(), doubt: words }),
    plans,
    holder,
    lastId: () => lastId,
    begin: (id, plan, secrets) => {
      lastId = id
      plans.set(id, plan)
      for (const [name, password] of secrets) passwords.set(name, password)
      comeBack(id)
    },
    proofWay: () => {
      const port = plans.get(lastId)?.newPorts[0] ?? deps.loginPort?.()
      return { ...(port === undefined ? {} : { port }), ...as(userFor(lastId)) }
    },
    fresh: () => fresh,
    keepFresh,
  }
}

/** Whether a step is about an account itself, or takes away what makes it root. */
const isAgainst = (step: ChangePlan['steps'][number], name: string | undefined): boolean =>
  step.kind === 'account'
    ? step.change.name === name
    : step.kind === 'file' && step.text === null && step.path === `${SUDOERS}${name}`
