import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ChangeIntent, StagedChange } from '../../src/services/model/plan.ts'
import { say } from '../../src/services/model/safe.ts'
import { makePlan } from '../../src/services/planning/plan.ts'
import { scriptOf } from '../../src/state/actions/script.ts'
import { firewallFacts, hostFacts, INPUT, insertFirst, planOf } from '../support/plans.ts'

const change = (intent: ChangeIntent, at: number): StagedChange => ({
  id: `c${at}`,
  area: 'units',
  intent,
  target: say`x`,
  summary: say`x`,
  origin: 'operator',
})
const script = (...intents: readonly ChangeIntent[]): string =>
  scriptOf(makePlan({ host: hostFacts, firewall: firewallFacts(''), changes: intents.map(change), windowSeconds: 180 }))
const putFile = (path: string, text: string | null, was: string | null): ChangeIntent => ({
  kind: 'put-file',
  path,
  text,
  was,
})

describe('the script of a plan', () => {
  test('gives rules to iptables-restore', () => {
    const facts = firewallFacts('')
    expect(scriptOf(planOf(facts, [insertFirst(facts, '-p tcp -m tcp --dport 80 -j ACCEPT')]))).toContain(
      "iptables-restore --noflush -w 5 <<'HARDTUI_END'\n*filter\n-I INPUT 1 -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\nHARDTUI_END\n",
    )
  })

  test('writes files byte for byte, whatever they hold, and removes them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hardtui-script-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const texts = ['HARDTUI_END\n$(touch x) `y` \\ "z" \'\nHARDTUI_END_2\n', '', '\n\n']
    const paths = texts.map((_, at) => `${folder}/new/it's-${at}`)
    const written = script(...texts.map((text, at) => putFile(paths[at] as string, text, null)))
    expect(spawnSync('sh', [], { input: written }).status).toBe(0)
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(texts)
    const removed = script(...paths.map((path, at) => putFile(path, null, texts[at] as string)))
    expect(spawnSync('sh', [], { input: removed }).status).toBe(0)
    expect(spawnSync('ls', [`${folder}/new`]).stdout.toString()).toBe('')
  })

  test('tries sshd’s files before sshd reads them, and speaks to units by systemctl, last', () => {
    const text = script(
      { kind: 'set-unit', unit: 'cups.service', run: 'stop', boot: 'disable', was: { run: 'active', boot: 'enabled' } },
      putFile('/etc/ssh/sshd_config.d/00-hardtui.conf', 'PermitRootLogin no\n', null),
    )
    const at = [
      'cat > ',
      '" -t\n',
      'systemctl reload ssh',
      "systemctl disable 'cups.service'",
      "systemctl stop 'cups.service'",
    ]
    const places = at.map((part) => text.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  test('is a script that sh can read', () => {
    const facts = firewallFacts('')
    const text = scriptOf(planOf(facts, [{ kind: 'policy', at: INPUT, policy: 'DROP' }]))
    expect(spawnSync('sh', ['-n'], { input: text }).status).toBe(0)
  })
})
