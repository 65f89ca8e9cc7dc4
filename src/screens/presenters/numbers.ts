import { type Safe, safe, say } from '../../services/model/safe.ts'

const UNITS: readonly (readonly [number, Safe])[] = [
  [1e12, say` T`],
  [1e9, say` G`],
  [1e6, say` M`],
  [1e3, say` k`],
]

/** A counter in few columns: `7`, `98 k`, `1.2 M`. */
export function shortCount(count: number): Safe {
  const unit = UNITS.find(([size]) => count >= size)
  if (!unit) return say`${count}`
  const value = count / unit[0]
  return say`${safe(value < 10 ? value.toFixed(1) : String(Math.floor(value)))}${unit[1]}`
}

/** Packets a second in few columns: `12/s`, `0.4/s`; empty for none. */
export function rateWords(rate: number | null): Safe {
  if (rate === null || rate <= 0) return say``
  if (rate < 0.1) return say`<0.1/s`
  return rate < 9.95 ? say`${safe(rate.toFixed(1))}/s` : say`${shortCount(Math.round(rate))}/s`
}

/** `2:41`, `1:02:03`; never negative. */
export function clockWords(seconds: number): Safe {
  const left = Math.max(0, Math.ceil(seconds))
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(left / 3600)
  const minutes = Math.floor((left % 3600) / 60)
  const rest = two(left % 60)
  return safe(hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`)
}

/** `0.4 s`, `1.2 s`, `48 ms`. */
export const tookWords = (ms: number): Safe =>
  ms < 100 ? say`${Math.round(ms)} ms` : say`${safe((ms / 1000).toFixed(1))} s`

/** `1 change`, `3 changes`. */
export const plural = (count: number, one: Safe, many: Safe): Safe => say`${count} ${count === 1 ? one : many}`
