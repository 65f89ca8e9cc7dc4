import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as startTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import type { Packet } from '../areas/firewall/walk/packet.ts'
import { walk } from '../areas/firewall/walk/walk.ts'
import type { RuleSet } from '../model/firewall.ts'

/** The addresses a practice connection is said to have: ones kept for documentation. */
export type Wire = {
  readonly clientAddress: string
  readonly clientPort: number
  readonly serverAddress: string
  readonly serverPort: number
}

/** How often a packet that was dropped is sent again, in milliseconds. */
const RETRANSMIT = 200

/**
 * Lets a connection feel the practice rules: `arrive` asks whether a new one gets through, and the stream it gives
 * carries bytes only while the rules let established packets pass, both ways, as TCP would: what was dropped is sent
 * again until it passes.
 */
export function createGate(rules: () => RuleSet) {
  const fate = (wire: Wire, state: Packet['state']): Fate => {
    const inward = passes(rules(), 'in', packetIn(wire, state))
    return inward === 'accept' ? passes(rules(), 'out', packetOut(wire)) : inward
  }

  /** Waits until a new connection gets through; false when it was refused or gave up. */
  const arrive = async (socket: Socket, wire: Wire): Promise<boolean> => {
    while (!socket.destroyed) {
      const now = fate(wire, 'NEW')
      if (now === 'accept') return true
      if (now === 'reject') socket.resetAndDestroy()
      else await setTimeout(RETRANSMIT)
    }
    return false
  }

  return {
    arrive,
    stream: (socket: Socket, wire: Wire) => new GatedStream(socket, wire, () => fate(wire, 'ESTABLISHED')),
  }
}

type Fate = 'accept' | 'drop' | 'reject'

/** What depends on things that are not modelled here (rates, sets) is let in. */
function passes(rules: RuleSet, direction: 'in' | 'out', packet: Packet): Fate {
  const { answer, because } = walk(rules, direction, packet)
  if (answer !== 'no') return 'accept'
  return / -j REJECT\b/.test(because) ? 'reject' : 'drop'
}

const packetIn = (wire: Wire, state: Packet['state']): Packet => ({
  protocol: 'tcp',
  source: wire.clientAddress,
  destination: wire.serverAddress,
  sourcePort: wire.clientPort,
  destinationPort: wire.serverPort,
  inInterface: 'eth0',
  outInterface: null,
  state,
})

const packetOut = (wire: Wire): Packet => ({
  protocol: 'tcp',
  source: wire.serverAddress,
  destination: wire.clientAddress,
  sourcePort: wire.serverPort,
  destinationPort: wire.clientPort,
  inInterface: null,
  outInterface: 'eth0',
  state: 'ESTABLISHED',
})

/** A socket's bytes, held back while its packets are dropped. */
class GatedStream extends Duplex {
  /** Read by ssh2, which hands the port back with the connection. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly #socket: Socket
  readonly #fate: () => Fate
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(socket: Socket, wire: Wire, fate: () => Fate) {
    super()
    this.remoteAddress = wire.clientAddress
    this.remotePort = wire.clientPort
    this.#socket = socket
    this.#fate = fate
    socket.on('data', (chunk) => {
      socket.pause()
      this.#whenOpen(() => {
        if (this.push(chunk)) socket.resume()
      })
    })
    socket.once('end', () => this.#whenOpen(() => this.push(null)))
    socket.once('close', () => this.destroy())
    socket.on('error', (error) => this.destroy(error))
  }

  #whenOpen(work: () => void): void {
    if (this.destroyed) return
    if (this.#fate() === 'accept') return work()
    const timer = startTimer(() => {
      this.#timers.delete(timer)
      this.#whenOpen(work)
    }, RETRANSMIT)
    this.#timers.add(timer)
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#whenOpen(() => this.#socket.write(chunk, done))
  }

  override _final(done: () => void): void {
    this.#whenOpen(() => {
      this.#socket.end()
      done()
    })
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#socket.destroy()
    done(error)
  }
}
