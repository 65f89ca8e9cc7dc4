import type { Conditions, Net, Ranges } from './conditions.ts'

/** Whether every packet that `b` matches is matched by `a` too. No is also said where that can't be told. */
export function covers(a: Conditions, b: Conditions): boolean {
  return (
    a.able &&
    (a.protocol === null || a.protocol === b.protocol) &&
    within(a.source, b.source) &&
    within(a.destination, b.destination) &&
    onDevice(a.inDevice, b.inDevice) &&
    onDevice(a.outDevice, b.outDevice) &&
    inRanges(a.sourcePorts, b.sourcePorts) &&
    inRanges(a.destinationPorts, b.destinationPorts) &&
    a.states.every((wanted) => b.states.some((states) => states.every((state) => wanted.includes(state)))) &&
    a.exact.every((text) => b.exact.includes(text))
  )
}

const within = (a: Net | null, b: Net | null): boolean => {
  if (a === null) return true
  if (b === null || b.words.length !== a.words.length || b.bits < a.bits) return false
  return a.words.every((word, i) => {
    const kept = Math.min(32, Math.max(0, a.bits - 32 * i))
    const size = 2 ** (32 - kept)
    return Math.floor(word / size) === Math.floor((b.words[i] as number) / size)
  })
}

const onDevice = (a: string | null, b: string | null): boolean =>
  a === null || (b !== null && (a === b || (a.endsWith('+') && b.startsWith(a.slice(0, -1)))))

const inRanges = (a: Ranges | null, b: Ranges | null): boolean =>
  a === null || (b?.every(([from, to]) => a.some(([first, last]) => from >= first && to <= last)) ?? false)
