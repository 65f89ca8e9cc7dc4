// client-agent.ts - runs in a client's network namespace for a test process outside of it, over node's IPC channel.
// A namespace is a property of a process, but a socket keeps the one it was made in: made here, handed over there.
import { createServer, Socket } from 'node:net'

export type AgentRequest = {
  readonly id: number
  readonly host: string
  readonly port: number
  /** Listen here and dial for everyone who connects; without it, dial once and hand the socket over. */
  readonly path?: string
}
export type AgentReply = { readonly id: number; readonly code?: string; readonly message?: string }

function connect({ id, host, port }: AgentRequest): void {
  const socket = new Socket()
  // Not a byte may be read here, or it is missing there.
  socket.pause()
  socket.setNoDelay(true)
  const refused = (error: NodeJS.ErrnoException): void => {
    process.send?.({ id, code: error.code ?? 'EIO', message: error.message } satisfies AgentReply)
  }
  socket.once('error', refused)
  socket.connect(port, host, () => {
    socket.off('error', refused)
    process.send?.({ id } satisfies AgentReply, socket, { keepOpen: false })
  })
}

function listen({ id, host, port, path }: AgentRequest): void {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    const farSide = new Socket({ allowHalfOpen: true })
    near.on('error', () => farSide.destroy())
    farSide.on('error', () => near.destroy())
    near.on('close', () => farSide.destroy())
    farSide.on('close', () => near.destroy())
    farSide.setNoDelay(true)
    farSide.connect(port, host, () => {
      farSide.pipe(near)
      near.pipe(farSide)
      near.resume()
    })
  })
  server.listen(path, () => process.send?.({ id } satisfies AgentReply))
}

process.on('message', (request: AgentRequest) => (request.path ? listen(request) : connect(request)))
process.on('disconnect', () => process.exit(0))
