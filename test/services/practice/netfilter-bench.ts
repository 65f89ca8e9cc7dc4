import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { splitWords } from '../../../src/services/areas/firewall/words.ts'
import { quote } from '../../../src/services/model/shell.ts'
import {
  iptables,
  iptablesRestore,
  iptablesSave,
  nft,
  type Outcome,
} from '../../../src/services/practice/netfilter/programs.ts'

const PROGRAMS = { iptables, iptablesRestore, iptablesSave, nft }

/** One command as it is typed, and what is piped into it. */
export type Typed = { readonly line: string; readonly stdin?: string }
/** What a command left, as text to compare: both outputs without the saves' time stamps, and the status. */
export type Left = string

const asText = ({ status, stdout, stderr }: Outcome): Left =>
  `${stdout.replace(/^# (Generated|Completed).*\n/gm, '')}${stderr}= ${status}`

/** A practice kernel of its own in a temporary folder; `run` carries out typed commands on it. */
export function openKernel() {
  const kernel = mkdtempSync(join(tmpdir(), 'practice-kernel-'))
  const run = ({ line, stdin = '' }: Typed): Left => {
    const split = splitWords(line)
    const [program = '', ...args] = split.ok ? split.value : []
    const play = program.endsWith('-save')
      ? PROGRAMS.iptablesSave
      : program.endsWith('-restore')
        ? PROGRAMS.iptablesRestore
        : program === 'nft'
          ? PROGRAMS.nft
          : PROGRAMS.iptables
    return asText(play({ program, args, kernel, stdin: () => stdin }))
  }
  return { kernel, run, close: () => rmSync(kernel, { recursive: true, force: true }) }
}

const version = spawnSync('unshare', ['-n', 'iptables', '--version'], { encoding: 'utf8' })
/** Whether the real programs that are imitated are here: this very release, and root to run them in a network of their own. */
export const hasRealOne: boolean = version.status === 0 && version.stdout.includes('v1.8.9 (nf_tables)')

/** Carries out typed commands with the real programs, one after the other, in one empty network namespace. */
export function runReal(typed: readonly Typed[]): readonly Left[] {
  const script = typed
    .map(({ line, stdin = '' }) => `printf %s ${quote(stdin)} | { ${line} 2>&1; printf '= %s\\n@@\\n' $?; }`)
    .join('\n')
  const { stdout } = spawnSync('unshare', ['-n', 'sh', '-s'], { input: script, encoding: 'utf8' })
  return stdout
    .split('\n@@\n')
    .slice(0, -1)
    .map((text) => text.replace(/^# (Generated|Completed).*\n/gm, ''))
}
