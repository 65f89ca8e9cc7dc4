import { readFileSync } from 'node:fs'
import type { ProbeOutput } from '../../src/services/model/command.ts'

const PART = ['part', 'file-part']
  .map((name) => readFileSync(new URL(`../../src/services/host/${name}.sh`, import.meta.url), 'utf8'))
  .join('')
const BOUNDARY = 'b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0'

/** A probe as a script that a test runs by itself, without the batch around it. */
export const standalone = (script: string): string => `HARDTUI_BOUNDARY=${BOUNDARY}\n${PART}${script}`

/** What such a run printed, its parts each behind `@@NAME`, as tests write them. */
export const readable = (printed: string): string => printed.replaceAll(`\n${BOUNDARY} part `, '\n@@')

/** The output of a probe, from a text that has each part behind `@@NAME`. */
export function outputFrom(id: string, text: string, more: Partial<ProbeOutput> = {}): ProbeOutput {
  const parts = new Map<string, string>()
  for (const chunk of `\n${text}`.split('\n@@').slice(1)) {
    const end = chunk.indexOf('\n')
    const name = end < 0 ? chunk : chunk.slice(0, end)
    if (!parts.has(name)) parts.set(name, end < 0 ? '' : chunk.slice(end + 1))
  }
  return { id, status: 0, parts, cut: null, timedOut: false, ...more }
}
