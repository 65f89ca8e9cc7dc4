import type { Duplex } from 'node:stream'
import { type Safe, say } from '../model/safe.ts'

/** All that a server has to say until the login is over is some ten kilobytes; banners are the longest of it. Bytes. */
export const LOGIN_CAP = 1024 * 1024
/**
 * What may wait for a server that reads none of the answers it asks for. A command fills its window at most, which is two
 * megabytes with sshd; an answer takes thirty times its bytes in memory. Bytes.
 */
export const UNREAD_CAP = 3 * 1024 * 1024

/** What comes in so large a piece has more behind it: a socket is read 64 KiB at a time. Bytes. */
const FULL = 32 * 1024

/**
 * Watches a connection's stream for a server that sends without end before anybody is logged in, or asks without reading
 * the answers: both would fill this machine's memory. `onFlood` is told once, in words; it must close the stream.
 * Of one that sends faster than its messages are read, a piece is taken at a time and answered at once, so that keys
 * come in between: Node would read two megabytes before it looked at anything else, and write each answer by itself.
 */
export function watchFlood(stream: Duplex, onFlood: (words: Safe) => void) {
  let received = 0
  let loggedIn = false
  const onData = (chunk: Buffer): void => {
    received += chunk.length
    if (chunk.length >= FULL) takeTurns(stream)
    const flood = !loggedIn && received > LOGIN_CAP
    if (!flood && stream.writableLength <= UNREAD_CAP) return
    stream.off('data', onData)
    onFlood(flood ? say`it sends without end` : say`it asks without end and reads no answer`)
  }
  stream.on('data', onData)
  return {
    /** From now on what comes is what was asked for. */
    loggedIn: (): void => {
      loggedIn = true
    },
  }
}

function takeTurns(stream: Duplex): void {
  stream.pause()
  stream.cork()
  setImmediate(() => {
    stream.uncork()
    stream.resume()
  })
}
