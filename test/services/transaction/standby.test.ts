// Whom the one who stands by takes for stuck, by the script's own functions.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import lib from '../../../src/services/transaction/server/lib.sh'
import spare from '../../../src/services/transaction/server/spare.sh'
import standby from '../../../src/services/transaction/server/standby.sh'

/** Asks whether a holder of the lock is ended who comes to `meanwhile` while he is looked at; he has been silent for long. */
function isEnded(meanwhile: string): boolean {
  const root = mkdtempSync(join(tmpdir(), 'hardtui-standby-'))
  const holder = spawn('sleep', ['60'])
  onTestFinished(() => {
    holder.kill()
    rmSync(root, { recursive: true })
  })
  for (const dir of ['run/hardtui', 'var/lib/hardtui']) mkdirSync(join(root, dir), { recursive: true })
  writeFileSync(join(root, 'run/hardtui/holder'), `${holder.pid}\n`)
  writeFileSync(join(root, 'run/hardtui/beat'), '1\n')
  const script = `${lib}
${spare}
${standby}
is_ours() { :; }
stands_still() { return 1; }
log() { :; }
uptime_cs() { echo 999999; }
tree_of() { ${meanwhile}; echo "$1"; }
end_stuck_holder`
  spawnSync('dash', ['-c', script, 'hardtui'], { env: { ...process.env, HARDTUI_ROOT: root } })
  return spawnSync('grep', ['-q', '^State:.[ZX]', `/proc/${holder.pid}/status`]).status !== 1
}

test('whoever has the lock and is silent is ended', () => {
  expect(isEnded(':')).toBe(true)
})

test('whoever came to the end meanwhile, his signs of life gone with the change, is let go on', () => {
  expect(isEnded('drop_spare')).toBe(false)
})
