import { createHash } from 'node:crypto'

declare const brand: unique symbol

/**
 * What a file holds, byte for byte: one character a byte (U+0000 to U+00FF). Text in any encoding, with or without a last
 * line end, is compared, kept and written back exactly as it is; only what is drawn is decoded.
 */
export type FileBytes = string & { readonly [brand]: 'bytes' }

/** The bytes of a text of our own in UTF-8. */
export const bytesOf = (text: string): FileBytes => fromBytes(new TextEncoder().encode(text))

/** Bytes as the wire gives them. */
export function fromBytes(bytes: Uint8Array): FileBytes {
  let made = ''
  // In pieces: a call takes some ten thousands of arguments at most.
  for (let at = 0; at < bytes.length; at += 8192) made += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return made as FileBytes
}

/** Bytes as the wire takes them. */
export const toBytes = (bytes: FileBytes): Uint8Array => Uint8Array.from(bytes, (char) => char.charCodeAt(0))

/**
 * The text that bytes are in UTF-8, a byte order mark as well; what is none is shown as U+FFFD. For reading, never for
 * writing back.
 */
export const textOf = (bytes: FileBytes): string =>
  // Files of many short lines are read a line at a time, and nearly all of them are plain.
  ASCII.test(bytes) ? bytes : new TextDecoder('utf-8', { ignoreBOM: true }).decode(toBytes(bytes))

const ASCII = /^[\u0000-\u007f]*$/

/** Bytes as base64(1) prints them: lines of 76 characters. */
export const toBase64 = (bytes: FileBytes): string =>
  Buffer.from(bytes, 'latin1')
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n')

/** Reads what base64(1) printed; null where it is none, or was cut off in the middle of a group. */
export function fromBase64(text: string): FileBytes | null {
  const coded = text.replace(/\s/g, '')
  const bytes = Buffer.from(coded, 'base64')
  return bytes.toString('base64') === coded ? fromBytes(bytes) : null
}

/** SHA-256 in hexadecimal, as sha256sum(1) prints it. */
export const sumOf = (bytes: FileBytes): string => createHash('sha256').update(toBytes(bytes)).digest('hex')
