// How long a rollback waits for an sshd that somebody moved by a file of his own, by the script's own functions.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import lib from '../../../src/services/transaction/server/lib.sh'
import spare from '../../../src/services/transaction/server/spare.sh'
import sshd from '../../../src/services/transaction/server/sshd.sh'

/** What is done until sshd listens on port 22 again: a word a step, a dot a tenth of a second. */
function steps(configured: string): string {
  const root = mkdtempSync(join(tmpdir(), 'hardtui-moved-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const dir of ['run/hardtui', 'var/lib/hardtui/current/save', 'var/lib/hardtui/current/plan'])
    mkdirSync(join(root, dir), { recursive: true })
  writeFileSync(join(root, 'var/lib/hardtui/current/save/sshd.ports'), '22\n')
  writeFileSync(join(root, 'var/lib/hardtui/current/plan/sshd'), 'reload\n')
  const script = `${lib}
${spare}
${sshd}
systemd_runs() { return 1; }
mkdir_public() { mkdir -p "$1"; }
alive() { :; }
sshd_socket() { return 1; }
sshd_units() { echo ssh; }
run_state() { echo active; }
sshd_listeners() { echo "2299 7"; }
configured_ports() { echo ${configured}; }
take_up_sshd() { printf '%s ' "$1" >>"$RUN/steps"; }
sshd_by_hand() { printf 'by hand' >>"$RUN/steps"; : >"$RUN/listens"; }
listens() { [ -e "$RUN/listens" ]; }
pause() { printf . >>"$RUN/steps"; }
restore_sshd`
  spawnSync('dash', ['-c', script, 'hardtui'], { env: { ...process.env, HARDTUI_ROOT: root } })
  return readFileSync(join(root, 'run/steps'), 'utf8')
}

test('where its files name another port it is started by hand at once', () => {
  expect(steps('2299')).toBe('reload ...by hand')
})

test('where they name its own it is waited for, and started anew, before that', () => {
  expect(steps('22')).toMatch(/^reload \.{20}restart \.{20}by hand$/)
})
