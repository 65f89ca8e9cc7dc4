import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { askDns, dnsAsker, dnsMessage, dnsReply } from '../../../src/services/host/dns-query.ts'
import type { DnsQuestion } from '../../../src/services/model/dns.ts'

const QUESTION: DnsQuestion = { name: 'www.example.org', type: 'A', recursive: true }

let cleanup: (() => void)[] = []
afterEach(() => {
  for (const end of cleanup) end()
  cleanup = []
})

/** An answer to a message: its flags, and a count of records that are not there. */
function answerTo(asked: Buffer, flags: number, answers = 0): Buffer {
  const made = Buffer.from(asked)
  made.writeUInt16BE(flags, 2)
  made.writeUInt16BE(answers, 6)
  return made
}

/** A name server over UDP; `reply` gives what it sends for what came. Gives its port. */
async function overUdp(reply: (asked: Buffer) => readonly Buffer[]): Promise<number> {
  const socket = createSocket('udp4')
  cleanup.push(() => socket.close())
  socket.on('message', (asked, from) => {
    for (const one of reply(asked)) socket.send(one, from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return socket.address().port
}

async function overTcp(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    cleanup.push(() => socket.destroy())
    serve(socket)
  })
  cleanup.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
const framed = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message])
const udp = (port: number, timeoutMs = 5_000) =>
  askDns(QUESTION, { address: '127.0.0.1', port, transport: 'udp', timeoutMs })
const tcp = (port: number, timeoutMs = 5_000) =>
  askDns(QUESTION, { address: '127.0.0.1', port, transport: 'tcp', timeoutMs })

test('a question as RFC 1035 has it', () => {
  expect(dnsMessage(QUESTION, 0x1234).toString('hex')).toBe(
    '12340100000100000000000003777777076578616d706c65036f72670000010001',
  )
  expect(dnsMessage({ name: '.', type: 'NS', recursive: false }, 1).toString('hex')).toBe(
    '0001000000010000000000000000020001',
  )
})

test('bits and codes of the answer, over either transport', async () => {
  const open = await overUdp((asked) => [answerTo(asked, 0x8180, 2)])
  expect(await udp(open)).toMatchObject({
    state: 'answered',
    recursion: true,
    authoritative: false,
    code: 'NOERROR',
    answers: 2,
  })
  const closed = await overTcp((socket) =>
    socket.on('data', (came) => socket.write(framed(answerTo(came.subarray(2), 0x8505)))),
  )
  expect(await tcp(closed)).toMatchObject({ state: 'answered', recursion: false, authoritative: true, code: 'REFUSED' })
  expect([await udp(open), await tcp(closed)]).toMatchObject([{ from: '127.0.0.1' }, { from: '127.0.0.1' }])
})

test('what is no answer to the question is passed over, and the answer behind it counts', async () => {
  const port = await overUdp((asked) => {
    const other = answerTo(asked, 0x8180)
    other.writeUInt16BE(asked.readUInt16BE(0) ^ 1, 0)
    const elsewhere = answerTo(asked, 0x8180)
    elsewhere[13] = 0x41
    return [Buffer.from('x'), other, elsewhere, asked, answerTo(asked, 0x8105)]
  })
  expect(await udp(port)).toMatchObject({ state: 'answered', recursion: false, code: 'REFUSED' })
})

test('a packet that was lost is sent again', async () => {
  let count = 0
  const port = await overUdp((asked) => (++count < 2 ? [] : [answerTo(asked, 0x8180)]))
  expect(await udp(port, 1_000)).toMatchObject({ state: 'answered' })
})

test('silence, a closed port, and what is no name server', async () => {
  const silent = await overUdp(() => [])
  expect(await udp(silent, 60)).toMatchObject({ state: 'silent' })
  const gone = createSocket('udp4')
  const port = await new Promise<number>((resolve) => gone.bind(0, '127.0.0.1', () => resolve(gone.address().port)))
  await new Promise<void>((resolve) => gone.close(resolve))
  expect(await udp(port)).toMatchObject({ state: 'refused' })
  expect(await tcp(port)).toMatchObject({ state: 'refused' })
  expect(await tcp(await overTcp((socket) => socket.end()))).toMatchObject({ state: 'nonsense' })
  expect(await tcp(await overTcp((socket) => socket.write(framed(Buffer.from('no answer')))))).toMatchObject({
    state: 'nonsense',
  })
  expect(await tcp(await overTcp(() => {}), 60)).toMatchObject({ state: 'silent' })
})

test('an answer that comes in pieces is put together', async () => {
  const port = await overTcp((socket) =>
    socket.on('data', (came) => {
      const answer = framed(answerTo(came.subarray(2), 0x8180))
      socket.write(answer.subarray(0, 1))
      setImmediate(() => socket.write(answer.subarray(1)))
    }),
  )
  expect(await tcp(port)).toMatchObject({ state: 'answered', recursion: true })
})

test('whatever bytes come are no answer, or are read without harm', () => {
  const asked = dnsMessage(QUESTION, 7)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const answer = dnsReply(asked, Buffer.from(bytes), 1)
      expect(answer === null || answer.state === 'answered').toBe(true)
    }),
  )
})

test('behind a proxy nobody is asked: what this machine reaches may be another host', async () => {
  const ask = dnsAsker({ host: '127.0.0.1', proxyCommand: 'ssh -W %h:%p jump' })
  expect(await ask(QUESTION, { family: 'v4', transport: 'udp' })).toMatchObject({
    state: 'unreachable',
    reason: expect.stringContaining('by a proxy'),
  })
})

test('a family that the host has no address of is said to be none', async () => {
  expect(await dnsAsker({ host: '127.0.0.1' })(QUESTION, { family: 'v6', transport: 'udp' })).toMatchObject({
    state: 'unreachable',
  })
})
