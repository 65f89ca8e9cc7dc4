import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StagedChange } from '../../src/services/model/areas.ts'
import { bytesOf, type FileBytes, fromBytes, toBytes } from '../../src/services/model/file-bytes.ts'
import { isPlain } from '../../src/services/model/here-document.ts'
import { scriptOf } from '../../src/state/actions/script.ts'
import { EVIL, HOSTILE } from '../support/hostile.ts'
import { planFrom } from '../support/make-plan.ts'
import {
  firewallFacts,
  hostFacts,
  INPUT,
  insertFirst,
  planOf,
  stagedFile,
  stagedUnit,
  textChange,
} from '../support/plans.ts'

const script = (...changes: readonly StagedChange[]): string =>
  scriptOf(planFrom({ host: hostFacts, firewall: firewallFacts(''), changes, windowSeconds: 180 }))
const putFile = (path: string, text: string | null, was: string | null): StagedChange =>
  stagedFile(textChange(path, text, was))

const SHELLS = [['dash'], ['busybox', 'sh'], ['bash', '--posix']].filter(
  ([program]) => spawnSync(program as string, ['--help']).error === undefined,
)
/** What might end a here-document, pass for code, or tell a terminal what to do. */
const PARTS = [
  'HARDTUI_END',
  'cat',
  '$(touch x)',
  '`id`',
  "'",
  '"',
  '\\',
  '\\0101',
  '%s',
  '\r',
  '\t',
  '\0',
  '\u2028',
  EVIL,
  ...HOSTILE,
]
const anyLine = fc.oneof(
  fc.constantFrom(...PARTS),
  fc.array(fc.constantFrom(...PARTS), { maxLength: 4 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed()),
)
const anyFile = fc
  .array(fc.oneof(anyLine.map(bytesOf), fc.uint8Array({ maxLength: 40 }).map(fromBytes)), { maxLength: 20 })
  .map((lines) => lines.join('\n') as FileBytes)
const anyName = anyLine.map((line) => `f${line.replace(/[\0/]/g, '')}`.slice(0, 60).toWellFormed())

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
    const texts = ['HARDTUI_END\n$(touch x) `y` \\ "z" \'\nHARDTUI_END_2\n', '', '\n\n', 'HARDTUI_END', 'a\nb', 'é']
    const paths = texts.map((_, at) => `${folder}/new/it's-${at}`)
    const written = script(...texts.map((text, at) => putFile(paths[at] as string, text, null)))
    expect(spawnSync('sh', [], { input: written }).status).toBe(0)
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(texts)
    const removed = script(...paths.map((path, at) => putFile(path, null, texts[at] as string)))
    expect(spawnSync('sh', [], { input: removed }).status).toBe(0)
    expect(spawnSync('ls', [`${folder}/new`]).stdout.toString()).toBe('')
  })

  test.each(SHELLS.map((shell) => [shell[0], shell] as const))(
    'holds nothing a terminal would act on, and writes the very bytes under %s, whatever files hold and are called',
    (_, [shell = '', ...args]) => {
      const folder = mkdtempSync(join(tmpdir(), 'hardtui-script-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const written = (path: string, text: FileBytes) => {
        const made = script(stagedFile({ path, text, was: null }))
        expect(made.split('\n').filter((line) => !isPlain(line))).toEqual([])
        const ran = spawnSync(shell, [...args, '-s'], { input: made })
        expect(`${ran.status} ${ran.stdout}${ran.stderr}`).toBe('0 ')
        expect(readFileSync(path)).toEqual(Buffer.from(toBytes(text)))
        rmSync(path)
      }
      fc.assert(
        fc.property(anyFile, anyName, (text, name) => written(`${folder}/${name}`, text)),
        { numRuns: 40 },
      )
    },
  )

  test('holds nothing a terminal would act on, whatever a unit is called', () => {
    const unit = 'a\u001b]52;c;ZXZpbA==\u0007\u202e\u2028.service'
    const text = script(stagedUnit({ unit, run: 'stop', boot: null, was: { run: 'active', boot: 'enabled' } }))
    expect(text.split('\n').filter((line) => !isPlain(line))).toEqual([])
    const told = spawnSync('sh', [], { input: `systemctl() { printf '%s' "$2"; }\n${text}` })
    expect(told.stdout.toString()).toBe(unit)
  })

  test('tries sshd’s files before sshd reads them, and speaks to units by systemctl, last', () => {
    const text = script(
      stagedUnit({ unit: 'cups.service', run: 'stop', boot: 'disable', was: { run: 'active', boot: 'enabled' } }),
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
