import type { Writable } from 'node:stream'
import { besideReasons } from '../services/areas/firewall/beside.ts'
import { whyNotScript } from '../services/areas/firewall/export/owned.ts'
import { exportScript } from '../services/areas/firewall/export/script.ts'
import { FAMILIES } from '../services/model/firewall.ts'
import type { Host } from '../services/model/host.ts'
import { type Safe, say } from '../services/model/safe.ts'
import { EXIT } from './pending.ts'
import { readFirewall } from './read-firewall.ts'

/** Where the script goes, and what is said beside it. */
export type Streams = { readonly stdout: Writable; readonly stderr: Writable }

/**
 * `hardtui export HOST`: reads the firewall rules and writes them as a script to standard output; what is not in it is
 * said on standard error. Gives the exit status. Changes nothing on the server.
 */
export async function exportRules(host: Host, now: Date, { stdout, stderr }: Streams): Promise<number> {
  const tell = (words: Safe): void => void stderr.write(`hardtui: ${words}\n`)
  const failed = (words: Safe): number => {
    tell(words)
    return EXIT.failed
  }
  const read = await readFirewall(host, now.getTime())
  if (!read.ok) return failed(say`${read.error.message} ${read.error.next}`)
  const escalation = read.value?.facts.login.escalation
  if (!read.value || (escalation !== 'root' && escalation !== 'sudo'))
    return failed(say`Only root can read the rules: log in as root or as a user who may use sudo.`)
  const { facts: seen, firewall: reading } = read.value
  if (reading.state === 'unread') return failed(say`The server did not say what its rules are; try again.`)
  if (reading.state !== 'present') return failed(say`There are no rules to export: ${reading.reason}`)
  const owned = whyNotScript(reading.facts)
  if (owned) return failed(say`No script is written: ${owned}.`)
  for (const family of FAMILIES) {
    const one = reading.facts.families[family]
    if (one.state === 'unreadable')
      tell(say`the ${family === 'v4' ? say`IPv4` : say`IPv6`} rules are not in the script: ${one.reason}`)
  }
  for (const warning of [...reading.facts.warnings, ...besideReasons(reading.facts)]) tell(warning)
  const script = exportScript({
    hostname: seen.hostname,
    address: host.target.host,
    exportedAt: now,
    source: 'live',
    firewall: reading.facts,
  })
  return (await written(stdout, script)) ? EXIT.done : failed(say`The script could not be written.`)
}

/** Whether all of a text was taken: a reader may have gone away. */
const written = (stream: Writable, text: string): Promise<boolean> =>
  new Promise((resolve) => {
    stream.once('error', () => resolve(false))
    stream.write(text, (error) => resolve(!error))
  })
