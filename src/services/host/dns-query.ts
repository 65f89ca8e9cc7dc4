import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { type AskDns, DNS_TYPES, type DnsAnswer, type DnsQuestion, type DnsTransport } from '../model/dns.ts'
import type { Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { addressFromHere } from './from-here.ts'

/** Where a question goes, and how long its answer is waited for, in milliseconds. `from`: an address of this machine's. */
export type DnsTarget = {
  readonly address: string
  readonly port?: number
  readonly from?: string
  readonly transport: DnsTransport
  readonly timeoutMs: number
}

const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
const IN = 1
const HEADER = 12
/** The most that comes over either transport. Bytes. */
const MOST = 65_535

/** A question as it travels (RFC 1035, 4.1); `id` is what its answer is known by. */
export function dnsMessage({ name, type, recursive }: DnsQuestion, id: number): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  const words = labels.map((label) => {
    const bytes = Buffer.from(label, 'latin1')
    if (bytes.length > 63) throw new RangeError('a label of a name has 63 bytes at most')
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  })
  const head = Buffer.alloc(HEADER)
  head.writeUInt16BE(id, 0)
  head.writeUInt16BE(recursive ? 0x0100 : 0, 2)
  head.writeUInt16BE(1, 4)
  const end = Buffer.alloc(5)
  end.writeUInt16BE(DNS_TYPES[type], 1)
  end.writeUInt16BE(IN, 3)
  return Buffer.concat([head, ...words, end])
}

/** Reads the answer to a message; null for what is none to it: another one's, a question, too short. */
export function dnsReply(asked: Buffer, came: Buffer, elapsedMs: number): DnsAnswer | null {
  if (came.length < HEADER || came.readUInt16BE(0) !== asked.readUInt16BE(0)) return null
  const flags = came.readUInt16BE(2)
  const isReply = (flags & 0x8000) !== 0 && (flags & 0x7800) === 0
  // Some leave the question out of a refusal.
  const question = asked.subarray(HEADER)
  const same = came.readUInt16BE(4) === 0 || came.subarray(HEADER, HEADER + question.length).equals(question)
  if (!isReply || !same) return null
  const code = flags & 0x000f
  return {
    state: 'answered',
    recursion: (flags & 0x0080) !== 0,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    code: safe(CODES[code] ?? `code ${code}`),
    answers: came.readUInt16BE(6),
    elapsedMs,
  }
}

const problem = (state: 'refused' | 'silent' | 'unreachable' | 'nonsense', reason: Safe): DnsAnswer => ({
  state,
  reason,
})

function failureOf(error: NodeJS.ErrnoException): DnsAnswer {
  if (error.code === 'ECONNREFUSED') return problem('refused', say`nobody listens there`)
  return problem('unreachable', say`it can’t be reached from here (${safe(error.code ?? 'unknown', 40)})`)
}

/**
 * Asks a name server one question from this machine, as anybody could, and gives what it answered. Never rejects. Over UDP
 * the question is sent a second time at half of the time, for a packet may be lost.
 */
export function askDns(question: DnsQuestion, way: DnsTarget): Promise<DnsAnswer> {
  return way.transport === 'udp' ? askUdp(question, way) : askTcp(question, way)
}

const sentFrom = (answer: DnsAnswer, from: string | undefined): DnsAnswer =>
  answer.state === 'answered' && from !== undefined ? { ...answer, from } : answer

const silence = ({ timeoutMs }: DnsTarget): DnsAnswer =>
  problem('silent', say`no answer within ${Math.round(timeoutMs / 100) / 10} s`)

const newMessage = (question: DnsQuestion): Buffer => dnsMessage(question, randomInt(65_536))

function askUdp(question: DnsQuestion, way: DnsTarget): Promise<DnsAnswer> {
  const { address, port = 53, from, timeoutMs } = way
  return new Promise((resolve) => {
    const message = newMessage(question)
    const began = performance.now()
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const end = (answer: DnsAnswer): void => {
      clearTimeout(again)
      clearTimeout(over)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.close()
      resolve(answer)
    }
    const send = (): void => socket.send(message, (error) => error && end(failureOf(error)))
    const again = setTimeout(send, timeoutMs / 2)
    const over = setTimeout(() => end(silence(way)), timeoutMs)
    socket.on('error', (error) => end(failureOf(error)))
    socket.on('message', (came) => {
      const answer = dnsReply(message, came, performance.now() - began)
      if (answer) end(sentFrom(answer, socket.address().address))
    })
    // Connected: what comes from anywhere else is not ours, and a port that nobody holds is heard of.
    const go = (): void => socket.connect(port, address, (error?: Error) => (error ? end(failureOf(error)) : send()))
    if (from === undefined) go()
    else socket.bind({ address: from }, go)
  })
}

function askTcp(question: DnsQuestion, way: DnsTarget): Promise<DnsAnswer> {
  const { address, port = 53, from, timeoutMs } = way
  return new Promise((resolve) => {
    const message = newMessage(question)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(message.length)
    const began = performance.now()
    const socket = connect({ host: address, port, ...(from === undefined ? {} : { localAddress: from }) })
    let came = Buffer.alloc(0)
    const end = (answer: DnsAnswer): void => {
      clearTimeout(over)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(answer)
    }
    const over = setTimeout(() => end(silence(way)), timeoutMs)
    socket.on('error', (error) => end(failureOf(error)))
    socket.on('close', () => end(problem('nonsense', say`it closed the connection without an answer`)))
    socket.on('connect', () => socket.write(Buffer.concat([length, message])))
    socket.on('data', (chunk) => {
      came = Buffer.concat([came, chunk])
      if (came.length > MOST + 2) return end(problem('nonsense', say`it sends without end`))
      if (came.length < 2 || came.length < 2 + came.readUInt16BE(0)) return
      const answer = dnsReply(message, came.subarray(2, 2 + came.readUInt16BE(0)), performance.now() - began)
      end(
        answer
          ? sentFrom(answer, socket.localAddress)
          : problem('nonsense', say`what it sends is no answer to the question`),
      )
    })
  })
}

/** What an answer may take, in milliseconds: a resolver may have to ask others first. */
const PATIENCE_MS = 5_000

/** Asks whoever answers on port 53 of the host that the console is connected to. */
export const dnsAsker =
  (target: Pick<Target, 'host' | 'proxyCommand'>): AskDns =>
  async (question, { family, transport, address: given }) => {
    const address = await addressFromHere(target, family, given)
    return address.ok
      ? askDns(question, { address: address.value, transport, timeoutMs: PATIENCE_MS })
      : problem('unreachable', address.error)
  }
