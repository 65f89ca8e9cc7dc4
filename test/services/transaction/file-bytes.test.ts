import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bytesOf, type FileBytes, fromBytes, toBytes } from '../../../src/services/model/file-bytes.ts'
import type { FileChange } from '../../../src/services/model/step.ts'
import { RECORD_VERSION } from '../../../src/services/model/transaction.ts'
import { recordOf } from '../../../src/services/transaction/history.ts'
import { readMessages } from '../../../src/services/transaction/protocol.ts'
import {
  applyCommand,
  armCommand,
  armScript,
  confirmCommand,
  guardScript,
  recordCommand,
  rollbackCommand,
} from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, stagedFile } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()

const planOfFiles = (files: readonly FileChange[]) =>
  planFrom({ host: hostFacts, firewall: firewallFacts(''), changes: files.map(stagedFile), windowSeconds: 30 })

const bytes = (...values: readonly number[]): FileBytes => fromBytes(Uint8Array.from(values))

/** What a file was and becomes; null for none. */
const CASES: readonly (readonly [name: string, was: FileBytes | null, text: FileBytes | null])[] = [
  ['open-end', bytesOf('old'), bytesOf('one\ntwo')],
  ['closed', bytesOf('same'), bytesOf('same\n')],
  ['latin-1', bytes(0x66, 0xfc, 0x72, 0x0a), bytes(0x66, 0xfc, 0x72, 0x20, 0xe4)],
  ['crlf', bytesOf('a\r\nb\r\n'), bytesOf('a\r\nb\r\nc\r\n')],
  ['empty', bytesOf(''), bytesOf('\n')],
  ['emptied', bytesOf('text'), bytesOf('')],
  ['made-empty', null, bytesOf('')],
  ['removed', bytes(0xff, 0xfe, 0x00, 0x41), null],
  ['made', null, bytesOf('  \n\\n \\0101 $x `y`')],
]

describe.runIf(canRunGuard).each(GUARD_SHELLS)('files under %s', (_, shell) => {
  const readBack = (bench: Bench): readonly (FileBytes | null)[] =>
    CASES.map(([name]) => {
      const path = join(bench.etc, name)
      return existsSync(path) ? fromBytes(readFileSync(path)) : null
    })
  const changes = CASES.map(([name, was, text]): FileChange => ({ path: `/etc/${name}`, was, text }))
  const begin = async (bench: Bench): Promise<void> => {
    for (const [name, was] of CASES) if (was !== null) writeFileSync(join(bench.etc, name), toBytes(was))
    const armed = await bench.run(armCommand('tx1', planOfFiles(changes), owner), owner.connection)
    expect(armed.stdout).toMatch(/^@armed tx1 /m)
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied ')
  }

  test('are written byte for byte, and put back so', async () => {
    const bench = openBench(shell)
    await begin(bench)
    expect(readBack(bench)).toEqual(CASES.map(([, , text]) => text))
    expect((await bench.run(rollbackCommand('tx1'))).stdout).toContain('@rolled-back tx1')
    expect(readBack(bench)).toEqual(CASES.map(([, was]) => was))
  })

  test('are kept byte for byte in the record, and what undoes them puts back what was', async () => {
    const bench = openBench(shell)
    await begin(bench)
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'))).stdout).toContain('@confirmed tx1')
    const record = recordOf('tx1', readMessages((await bench.run(recordCommand('tx1'))).stdout))
    expect(record).toMatchObject({ version: RECORD_VERSION, files: changes })
    const back = changes.map(({ path, text, was }): FileChange => ({ path, text: was, was: text }))
    await bench.run(armCommand('tx2', planOfFiles(back), owner), owner.connection)
    expect((await bench.run(applyCommand('tx2'))).stdout).toContain('@applied ')
    expect(readBack(bench)).toEqual(CASES.map(([, was]) => was))
  })

  test('that differ in no more than the end of their last line are drift', async () => {
    const bench = openBench(shell)
    writeFileSync(join(bench.etc, 'motd'), 'text')
    const change = { path: '/etc/motd', was: bytesOf('text\n'), text: bytesOf('new') }
    const { stdout } = await bench.run(armCommand('tx1', planOfFiles([change]), owner), owner.connection)
    expect(stdout).toContain('@refused drift ')
  })

  test('are refused with the name of the tool that the server lacks for them', async () => {
    const bench = openBench(shell)
    const plan = planOfFiles([{ path: '/etc/motd', was: null, text: bytesOf('x') }])
    const { argv, ...command } = armCommand('tx1', plan, owner)
    expect(argv.at(-1)).toBe('base64')
    const { stdout } = await bench.run({ ...command, argv: argv.with(-1, 'base63') }, owner.connection)
    expect(stdout).toBe('@refused tools the server lacks base63\n')
    expect(existsSync(join(bench.state, 'current'))).toBe(false)
    expect(armCommand('tx2', planOfFiles([]), owner).argv.at(-1)).toBe('')
  })
})

/** The arming script's unpacking and the guard's record, alone, over what the console sends. */
const wholeWay = (shell: readonly string[], files: readonly FileBytes[]): readonly (FileBytes | null)[] => {
  const root = mkdtempSync('/var/tmp/hardtui-bytes-')
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const unpack = /^unpack\(\) \{\n[\s\S]*?^\}\n/m.exec(armScript)?.[0] ?? ''
  const [before = ''] = guardScript.split('# Which login a console calls from')
  const changes = files.map((text, at): FileChange => ({ path: `/etc/f${at}`, was: null, text }))
  const { argv, stdin } = armCommand('tx1', planOfFiles(changes), owner)
  const script = `${before.replace(/^if \[ "\$\{HARDTUI_CLEAN[\s\S]*?^fi$/m, '')}
    refuse() { echo "refused $*"; exit 1; }
    ${unpack}
    id=tx1 guard_sum=${argv[6]} owner=o from=f connection=c window=30 holder=h
    mkdir -p "$CURRENT"; unpack
    for file in "$CURRENT"/plan/file.*; do cp "$file" "$CURRENT/save/"; done
    mkdir "$DIR/history"; mv "$CURRENT" "$DIR/history/tx1.confirmed"
    show_record tx1`
  // By a file: the kernel takes no argument of this length.
  const whole = join(root, 'script')
  writeFileSync(whole, script)
  const ran = spawnSync(shell[0] as string, [...shell.slice(1), '-c', `. ${whole}`, 'hardtui'], {
    input: stdin,
    env: { ...process.env, HARDTUI_ROOT: root },
  })
  expect(readdirSync(join(root, 'var/lib/hardtui/history/tx1.confirmed/plan')).join()).not.toContain('base64')
  const record = recordOf('tx1', readMessages(ran.stdout.toString()))
  expect(record?.files.map((file) => file.was)).toEqual(record?.files.map((file) => file.text))
  return record?.files.map((file) => file.text) ?? []
}

const SHELLS = GUARD_SHELLS.filter(([, [program]]) => spawnSync(program, ['--help']).error === undefined)
/** What lines, frames and shells are made of, and any byte at all. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map(fromBytes),
      fc.constantFrom(
        ...['\n', '@@ end\n', '@@ plan/files 1\n', '@end tx1\n', 'EOF', '\r\n', '\0', '\\', '%'].map(bytesOf),
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('') as FileBytes)

describe.each(SHELLS)('bytes under %s', (_, shell) => {
  test('survive the whole way: as they are sent, unpacked by the server, kept and given back in the record', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { minLength: 1, maxLength: 12 }), (files) => {
        expect(wholeWay(shell, files)).toEqual(files)
      }),
      { numRuns: 12 },
    )
  })
})
