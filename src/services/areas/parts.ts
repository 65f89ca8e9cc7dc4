import type { ProbeOutput } from '../model/command.ts'

/** The text of a part by its name, without blanks at its end; empty where the probe printed no such part. */
export type Part = (name: string) => string

/** Gives the parts of a probe's output; of one that has not come, empty ones. */
export const partsOf =
  (output: ProbeOutput | null): Part =>
  (name) =>
    output?.parts.get(name)?.trimEnd() ?? ''

/** Whether the probe printed a part to its end. */
export const isWhole = (output: ProbeOutput, name: string): boolean => output.parts.has(name) && output.cut !== name

/** The lines of a text that are not empty. */
export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')

/** The lines of a part that ends with a line `end`; null where the probe did not come so far. */
export function endedLines(output: ProbeOutput, name: string): readonly string[] | null {
  const lines = isWhole(output, name) ? linesOf(partsOf(output)(name)) : []
  return lines.at(-1) === 'end' ? lines.slice(0, -1) : null
}
