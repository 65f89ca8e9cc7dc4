import type { HostError } from '../../services/model/errors.ts'
import type { Host, Link } from '../../services/model/host.ts'
import { factsOf } from '../../services/model/reading.ts'
import { say } from '../../services/model/safe.ts'
import { loadKnown } from '../areas/securelog/known.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import type { FollowActions } from './follow.ts'
import type { QuestionActions } from './questions.ts'
import type { ReadActions } from './read.ts'
import type { TransactionActions } from './transaction.ts'

export type ConnectActions = {
  /** Opens the connection and reads everything; tried again with R when it fails. */
  readonly connect: () => Promise<void>
  /** R: reads again, or tries to connect again. */
  readonly refreshOrConnect: () => void
  /** Esc while connecting: ends the attempt, which then counts as failed. */
  readonly giveUp: () => void
  readonly disconnect: () => void
}

type Others = {
  readonly questions: QuestionActions
  readonly read: ReadActions
  readonly follow: FollowActions
  readonly transaction: TransactionActions
}

const GIVEN_UP: HostError = {
  kind: 'cancelled',
  message: say`Connecting was given up.`,
  next: say`Press R to try again.`,
}

/** Connecting, and what happens when the link comes and goes. */
export function createConnectActions(kit: Kit, others: Others): ConnectActions {
  let attempt: AbortController | null = null

  function onLink(link: Link): void {
    const before = kit.get().connection.link
    const again = link.state === 'lost' && before.state === 'lost'
    kit.set(({ connection }) => ({ connection: { ...connection, link, tries: again ? connection.tries + 1 : 0 } }))
    others.transaction.tick()
    if (link.state === 'lost' && before.state === 'up')
      kit.tell('bad', say`The connection is lost: ${link.reason} Trying again by itself.`)
    // Trying again is up to the operator: it would ask him something, or the key is another one.
    if (link.state === 'lost' && link.nextTryAt === null) kit.tell('bad', say`${link.reason} Press R to try again.`)
    if (link.state !== 'up' || before.state !== 'lost') return
    kit.tell('good', say`Connected again.`)
    void readAll()
  }

  /** The facts, and whether somebody's change waits there. */
  async function readAll(): Promise<boolean> {
    const done = await others.read.refresh()
    const looked = await kit.server()?.transactions.look()
    const may = ['root', 'sudo'].includes(kit.get().connection.host?.login.escalation ?? '')
    if (looked === false && may && kit.get().connection.link.state === 'up')
      kit.tell('bad', say`Whether a change waits on this server could not be read. R asks again.`)
    return done
  }

  function open(host: Host): void {
    const transactions = kit.deps.createTransactions(
      host,
      () => kit.get().connection.host,
      () => loginPort(kit.get(), host.target.port),
    )
    kit.setServer({ host, transactions, rehearse: kit.deps.createRehearse(host) })
    transactions.subscribe(others.transaction.changed)
    host.onLink(onLink)
    void loadKnown(kit)
    kit.set(({ connection }) => ({
      connection: { ...connection, attempt: 'open', link: host.link(), banner: host.banner(), error: null },
    }))
  }

  async function connect(): Promise<void> {
    const { connection } = kit.get()
    if (connection.attempt === 'open' || attempt) return
    attempt = new AbortController()
    kit.set((state) => ({
      connection: { ...state.connection, attempt: 'connecting', link: { state: 'connecting' }, error: null },
    }))
    const result = await kit.deps.connect(others.questions.ask, attempt.signal)
    const givenUp = attempt.signal.aborted
    attempt = null
    if (result.ok && !givenUp) {
      open(result.value)
      await readAll()
      return
    }
    // It may have come about just as it was given up.
    if (result.ok) result.value.close()
    const error = result.ok ? GIVEN_UP : result.error
    kit.set((state) => ({
      connection: { ...state.connection, attempt: 'failed', link: { state: 'closed' }, error },
    }))
  }

  return {
    connect,
    refreshOrConnect: () => {
      const { connection } = kit.get()
      if (connection.attempt === 'failed') void connect()
      else if (connection.reading) kit.tell('info', say`Still reading.`)
      else if (kit.server()) {
        kit.tell('info', say`Reading the server again…`)
        void readAll().then((done) => done && kit.tell('good', say`Read again just now.`))
      }
    },
    giveUp: () => attempt?.abort(),
    disconnect: () => {
      attempt?.abort()
      others.questions.cancelAll()
      others.follow.stopFollow()
      kit.server()?.host.close()
      kit.setServer(null)
    },
  }
}

/** sshd may listen no longer where this console dialled; behind a port that is forwarded nobody can tell. */
function loginPort({ connection, readings }: ConsoleState, dialled: number): number | undefined {
  const facts = factsOf(readings.byArea.sshd)
  const isDirect = connection.host?.session.serverPort === dialled
  return !facts || !isDirect || facts.ports.includes(dialled) ? undefined : facts.ports[0]
}
