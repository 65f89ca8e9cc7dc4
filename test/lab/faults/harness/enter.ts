import { answering, type Operator, operate, targetOf } from '../../operator.ts'
import type { Server } from '../../server.ts'
import type { User } from '../../users.ts'
import type { Kind } from './kinds.ts'

/** Logs in as the console does, by the port that operators of such a server use. */
export const enter = (server: Server, kind: Kind, user: User): Promise<Operator> =>
  operate(
    { ...targetOf(server, user), port: kind.ports[0] },
    answering(user),
    ({ port }) => server.client.connect({ host: server.address, port }),
    0,
  )
