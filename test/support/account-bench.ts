// A bench that has accounts: files of passwd(5) and homes below its root, changed there by the system's own tools.
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { AccountChange } from '../../src/services/model/account.ts'
import { bytesOf, fromBytes, sumOf } from '../../src/services/model/file-bytes.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import type { FileChange } from '../../src/services/model/step.ts'
import { accountParts } from '../../src/services/steps/account-step.ts'
import { fileStep } from '../../src/services/steps/file-step.ts'
import { applyCommand, armCommand, rollbackCommand } from '../../src/services/transaction/scripts.ts'
import type { Bench, Ran } from './guard-bench.ts'
import { planFrom } from './make-plan.ts'
import { firewallFacts, hostFacts } from './plans.ts'

/** Numbers that no user of this machine has: what they run is looked for in the real /proc. */
export const GUEST = { name: 'guest', uid: 54321 } as const
export const OTHER_UID = 54320
const HASH = '$6$salt$hashOfGuest'

const FILES = {
  passwd: `root:x:0:0:root:/root:/bin/sh\nother:x:${OTHER_UID}:${OTHER_UID}::/home/other:/bin/sh\nguest:x:${GUEST.uid}:${GUEST.uid}:,,,:/home/guest:/bin/bash\n`,
  shadow: `root:*:19000:0:99999:7:::\nother:!:19000::::::\nguest:${HASH}:19000:0:99999:7:::\n`,
  group: `root:x:0:\nsudo:x:27:guest\nwheel:x:28:\nother:x:${OTHER_UID}:\nguest:x:${GUEST.uid}:\n`,
  gshadow: 'root:*::\nsudo:*::guest\nwheel:!::\nother:!::\nguest:!::\n',
  subuid: 'guest:100000:65536\n',
  subgid: 'guest:100000:65536\n',
} as const
export const ACCOUNT_FILES = Object.keys(FILES).flatMap((name) => [name, `${name}-`])

/** The real tools below the bench's root. chpasswd(8) can only chroot(2); this one notes what everybody could see meanwhile. */
const TOOLS: Readonly<Record<string, string>> = {
  useradd: 'exec /usr/sbin/useradd -P "$HARDTUI_ROOT" -U "$@"',
  usermod: 'exec /usr/sbin/usermod -P "$HARDTUI_ROOT" "$@"',
  chpasswd: `IFS=: read -r name word
    printf '%s\\n' "$word" | grep -rlF -f - "$HARDTUI_ROOT/var" "$HARDTUI_ROOT/run" /proc/[0-9]*/cmdline /proc/[0-9]*/environ >"$HARDTUI_ROOT/seen" 2>/dev/null
    hash=$(printf '%s\\n' "$word" | openssl passwd -6 -stdin) && exec /usr/sbin/usermod -P "$HARDTUI_ROOT" -p "$hash" "$name"`,
  visudo: `for file in "$HARDTUI_ROOT/etc/sudoers" "$HARDTUI_ROOT"/etc/sudoers.d/*; do
    case \${file##*/} in *.* | *~) ;; *) [ ! -f "$file" ] || /usr/sbin/visudo -c -f "$file" || exit 1 ;; esac; done`,
}

const root = (bench: Bench): string => join(bench.etc, '..')
export const inRoot = (bench: Bench, path: string): string => join(root(bench), path)

export function furnish(bench: Bench): void {
  chmodSync(root(bench), 0o711)
  for (const [name, text] of Object.entries(FILES)) {
    writeFileSync(join(bench.etc, name), text, { mode: /shadow/.test(name) ? 0o640 : 0o644 })
    // One that an earlier change left; not of all of them.
    if (name !== 'subgid') writeFileSync(join(bench.etc, `${name}-`), `${text}# older\n`, { mode: 0o600 })
  }
  for (const [name, text] of Object.entries(TOOLS))
    writeFileSync(inRoot(bench, `bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  for (const shell of ['sh', 'bash'])
    writeFileSync(inRoot(bench, `bin/${shell}`), readFileSync(inRoot(bench, 'bin/sh')), { mode: 0o755 })
  mkdirSync(inRoot(bench, 'home/guest/.ssh'), { recursive: true, mode: 0o755 })
  mkdirSync(inRoot(bench, 'etc/sudoers.d'))
  chmodSync(inRoot(bench, 'home/guest/.ssh'), 0o700)
  for (const path of ['home/guest', 'home/guest/.ssh']) chownSync(inRoot(bench, path), GUEST.uid, GUEST.uid)
  writeFileSync(join(bench.etc, 'sudoers'), 'root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n', { mode: 0o440 })
}

/** Puts bytes into a file of guest's own. */
export function guestFile(bench: Bench, path: string, text: string | Buffer): void {
  const at = inRoot(bench, path)
  writeFileSync(at, text, { mode: 0o600 })
  chownSync(at, GUEST.uid, GUEST.uid)
}

/** passwd(5) and its like with the copies beside them: bytes, owner, mode and the second of the last change. */
export const accountWorld = (bench: Bench): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ACCOUNT_FILES.map((name) => {
      const at = join(bench.etc, name)
      if (!existsSync(at)) return [name, 'absent']
      const { mode, uid, gid, mtimeMs } = statSync(at)
      return [name, `${mode.toString(8)} ${uid} ${gid} ${Math.floor(mtimeMs / 1000)}\n${readFileSync(at, 'latin1')}`]
    }),
  )

/** A plan of accounts, and files that go with them. */
export function accountPlan(
  changes: readonly AccountChange[],
  files: readonly FileChange[] = [],
  windowSeconds = 60,
): ChangePlan {
  const plan = planFrom({ host: hostFacts, firewall: firewallFacts(''), changes: [], windowSeconds })
  const steps = [...accountParts(changes).steps, ...files.flatMap((one) => fileStep(one) ?? [])]
  return { ...plan, steps, checks: files.some(({ path }) => path.startsWith('/etc/sudoers')) ? ['sudoers'] : [] }
}

export const OWNER = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
export const KEYS = 'home/guest/.ssh/authorized_keys'

/** Arms a plan of accounts, applies it, rolls it back: as `tx1`. */
export function changer(bench: Bench) {
  const arm = (plan: ChangePlan): Promise<Ran> => bench.run(armCommand('tx1', plan, OWNER), OWNER.connection)
  const keys = (): Buffer => readFileSync(inRoot(bench, KEYS))
  return {
    arm,
    /** Arms and applies, and gives what was said. */
    make: async (plan: ChangePlan, secrets?: ReadonlyMap<string, string>): Promise<string> => {
      expect((await arm(plan)).stdout).toMatch(/^@armed tx1 /m)
      const { stdout } = await bench.run(applyCommand('tx1', secrets))
      expect(stdout).toContain('@applied ')
      return stdout
    },
    /** Why it is not armed; nothing is changed. */
    refused: async (...changes: readonly AccountChange[]): Promise<string> => {
      const before = accountWorld(bench)
      const { stdout } = await arm(accountPlan(changes))
      expect(accountWorld(bench)).toEqual(before)
      expect(existsSync(join(bench.state, 'current'))).toBe(false)
      return /^@refused (.*)$/m.exec(stdout)?.[1] ?? stdout
    },
    back: async (): Promise<string> => (await bench.run(rollbackCommand('tx1'))).stdout,
    /** Waits until nothing is pending. */
    over: () => bench.sh(`until [ ! -d ${bench.state}/current ]; do sleep 0.05; done`),
    field: (file: string, name: string, at: number): string | undefined =>
      readFileSync(join(bench.etc, file), 'latin1')
        .split('\n')
        .find((line) => line.startsWith(`${name}:`))
        ?.split(':')[at - 1],
    /** guest's keys. */
    keys,
    keysChange: (add: readonly string[], remove: readonly string[]): AccountChange => ({
      verb: 'keys',
      name: 'guest',
      file: `/${KEYS}`,
      add: add.map((one) => bytesOf(one)),
      remove: remove.map((one) => bytesOf(one)),
      was: existsSync(inRoot(bench, KEYS)) ? sumOf(fromBytes(keys())) : null,
    }),
  }
}
