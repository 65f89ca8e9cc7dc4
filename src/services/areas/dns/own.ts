import { readAddress } from '../../model/addresses.ts'
import type { OwnAddress } from './facts.ts'

/** Reads `ip -o address show up` (ip-address(8)): the host's own addresses, and the networks that they are in. */
export const ownAddresses = (lines: readonly string[]): readonly OwnAddress[] =>
  lines.flatMap((line): readonly OwnAddress[] => {
    const [, name, text, , peer, length] =
      /^\d+:\s+(\S+)\s+inet6?\s+([\da-fA-F:.]+)(\s+peer\s+([\da-fA-F:.]+))?(?:\/(\d+))?/.exec(line) ?? []
    const address = readAddress(text ?? '')
    if (address === null || name === undefined) return []
    const most = typeof address === 'number' ? 32 : 128
    // The network of a point-to-point link is its other end's; what is this host's is its own address alone.
    const bits = peer === undefined && length !== undefined ? Number(length) : most
    return [{ address, bits: Math.min(bits, most), interface: name, text: text ?? '' }]
  })
