import { fail } from '../../src/services/model/errors.ts'
import { say } from '../../src/services/model/safe.ts'
import { type Console, createConsole } from '../../src/state/store.ts'

const never = (): never => {
  throw new Error('this console has no server')
}

/** A console that shows its panes but has no server behind it. */
export function someConsole(): Console {
  const console = createConsole({
    target: { name: 'web1', host: 'web1.example.net', port: 22, user: 'ops' },
    connect: async () => fail({ kind: 'unreachable', message: say`not here`, next: say`not now` }),
    createTransactions: never,
    createRehearse: never,
    log: { script: never, reader: never },
    clock: { now: () => 0, after: () => () => {} },
    windowSeconds: 180,
    readOnly: false,
    version: '0.0.0',
    copy: () => {},
  })
  console.store.setState(({ connection }) => ({ connection: { ...connection, attempt: 'open' } }))
  return console
}
