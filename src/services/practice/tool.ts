import { readFileSync, writeSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { iptables, iptablesRestore, iptablesSave, nft, type Outcome, type Run } from './netfilter/programs.ts'
import { limited, sha256sum } from './processes.ts'
import { supervise, systemdRun, waitThenSupervise } from './systemd-run.ts'

/*
 * The program behind the practice server's stand-in tools, run as `node tool.mjs NAME args`. It is bundled into one
 * text by itself and never imported. It finds its server by $HARDTUI_ROOT, and the rules by $HARDTUI_KERNEL (which
 * unshare points to a scratch copy).
 */
const PROGRAMS: Readonly<Record<string, (run: Run) => Outcome | Promise<Outcome>>> = {
  iptables,
  ip6tables: iptables,
  'iptables-save': iptablesSave,
  'ip6tables-save': iptablesSave,
  'iptables-restore': iptablesRestore,
  'ip6tables-restore': iptablesRestore,
  nft,
  'systemd-run': ({ args }) => systemdRun(root, args),
  // Not tools: the processes that keep a transient unit.
  supervise: ({ args }) => supervise(root, args),
  timer: ({ args }) => waitThenSupervise(root, args),
  // Where the machine has none.
  sha256sum,
  timeout: limited,
}

/** Synchronously: what a full pipe has not taken yet must not be lost when the process exits. */
function print(stream: 1 | 2, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(stream, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
    }
  }
}

const [program = '', ...args] = process.argv.slice(2)
const root = process.env.HARDTUI_ROOT ?? ''
// Starting is most of what a call takes.
enableCompileCache(join(root, 'cache'))
const outcome = (await PROGRAMS[program]?.({
  program,
  args,
  kernel: process.env.HARDTUI_KERNEL ?? join(root, 'kernel'),
  stdin: () => readFileSync(0, 'utf8'),
})) ?? { status: 127, stdout: '', stderr: `${program}: not found\n` }
print(1, outcome.stdout)
print(2, outcome.stderr)
process.exitCode = outcome.status
