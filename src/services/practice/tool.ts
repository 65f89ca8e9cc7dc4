import { readFileSync, writeSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { checkPassword, hashPasswords, keyFingerprint } from './accounts.ts'
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
  'ssh-keygen': ({ args }) => keyFingerprint(args),
  'systemd-run': ({ args }) => systemdRun(root, args),
  // Not tools: the processes that keep a transient unit.
  supervise: ({ args }) => supervise(root, args),
  timer: ({ args }) => waitThenSupervise(root, args),
  // For the stand-ins of sudo and chpasswd.
  'check-password': ({ args, stdin }) => checkPassword(root, args, stdin()),
  'hash-passwords': ({ stdin }) => hashPasswords(root, stdin()),
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
const run: Run = {
  program,
  args,
  kernel: process.env.HARDTUI_KERNEL ?? join(root, 'kernel'),
  stdin: () => readFileSync(0, 'utf8'),
}
/** What only root may have done, whoever $HARDTUI_AS says is at work. */
const isRefused = /^(?:ip6?tables.*|nft|systemd-run)$/.test(program) && (process.env.HARDTUI_AS ?? '0') !== '0'
const NOBODY: Outcome = { status: 4, stdout: '', stderr: `${program}: Permission denied (you must be root)\n` }
const NOTHING: Outcome = { status: 127, stdout: '', stderr: `${program}: not found\n` }
const outcome = isRefused ? NOBODY : ((await PROGRAMS[program]?.(run)) ?? NOTHING)
print(1, outcome.stdout)
print(2, outcome.stderr)
process.exitCode = outcome.status
