import type { Safe } from '../../model/safe.ts'

/** The port that a name stands for, by the server's own services(5); null where it has no such name. */
export function portNamed(name: string, protocol: string, portNames: ReadonlyMap<string, Safe>): string | null {
  for (const [key, known] of portNames)
    if (known === name && key.startsWith(`${protocol}/`)) return key.slice(protocol.length + 1)
  return null
}
