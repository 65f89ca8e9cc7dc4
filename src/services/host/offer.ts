import type { Duplex } from 'node:stream'
import type { Offer } from '../model/host.ts'

/** A packet of a key exchange that is longer is none of an SSH server (RFC 4253, 6.1), and what comes before its version. Bytes. */
const PACKET_CAP = 35_000
const PREAMBLE_CAP = 64 * 1024
const KEXINIT = 20
/** The cookie in front of the lists. */
const COOKIE = 16

/** The lists of an offer, before anybody has agreed on anything. */
export type Lists = Pick<Offer, 'kex' | 'hostKey' | 'cipher' | 'mac'>

/**
 * Reads the server's SSH_MSG_KEXINIT (RFC 4253, 7.1) out of all that it has said so far: it follows its version line in the
 * clear. Null while there is too little, `none` where it is not what is to come.
 */
export function readOffer(bytes: Buffer): Lists | null | 'none' {
  const text = bytes.toString('latin1')
  const version = /(?:^|\n)SSH-[^\n]*\n/.exec(text)
  if (!version) return bytes.length > PREAMBLE_CAP ? 'none' : null
  const packet = bytes.subarray(version.index + version[0].length)
  if (packet.length < 6) return null
  const length = packet.readUInt32BE(0)
  if (length > PACKET_CAP || packet[5] !== KEXINIT) return 'none'
  if (packet.length < 4 + length) return null
  const padding = packet[4] as number
  const end = 4 + length - padding
  const lists: string[][] = []
  let at = 6 + COOKIE
  for (let count = 0; count < 6; count++) {
    if (at + 4 > end) return 'none'
    const size = packet.readUInt32BE(at)
    if (at + 4 + size > end) return 'none'
    const list = packet.toString('latin1', at + 4, at + 4 + size)
    lists.push(list === '' ? [] : list.split(','))
    at += 4 + size
  }
  const [kex = [], hostKey = [], toServer = [], fromServer = [], macTo = [], macFrom = []] = lists
  const both = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])]
  return { kex: kex.filter(isMethod), hostKey, cipher: both(toServer, fromServer), mac: both(macTo, macFrom) }
}

/** Names among the methods that are none: they say what else this side can do (RFC 8308, PROTOCOL of OpenSSH 1.9). */
const isMethod = (name: string): boolean => !/^(?:ext-info-[cs]|kex-strict-[cs]-v00@openssh\.com)$/.test(name)

/** Listens on a stream until the offer was heard; gives it, or null as long as it was not. */
export function listenForOffer(stream: Duplex): () => Lists | null {
  let heard = Buffer.alloc(0)
  let offer: Lists | null = null
  const onData = (chunk: Buffer): void => {
    heard = Buffer.concat([heard, chunk])
    const read = readOffer(heard)
    if (read === null) return
    stream.removeListener('data', onData)
    heard = Buffer.alloc(0)
    if (read !== 'none') offer = read
  }
  stream.on('data', onData)
  return () => offer
}
