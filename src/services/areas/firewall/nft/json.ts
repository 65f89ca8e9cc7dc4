/** An object of libnftables-json(5). */
export type Json = Readonly<Record<string, unknown>>

/** Whether a value is one, and no list. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
