// What the machine is asked. A case gives the words for what it measured, and throws where the server did not do as it
// should.
import type { Machine } from './machine.ts'

export type Case = {
  /** Its number in the fault matrix. */
  readonly fault: number
  readonly name: string
  readonly run: (machine: Machine) => Promise<string>
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`
