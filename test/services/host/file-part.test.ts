// What any probe may print of a file, from the shell that reads it to the value that areas get.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { fileOf } from '../../../src/services/areas/file-part.ts'
import { stagedFilesOf, stagedFilesProbe } from '../../../src/services/areas/staged-files.ts'
import { bytesOf, type FileBytes, fromBytes, sumOf, toBytes } from '../../../src/services/model/file-bytes.ts'
import { outputFrom, readable, standalone } from '../../support/probe-output.ts'
import { SHELLS } from '../areas/stand-in-host.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hardtui-file-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
})
const write = (name: string, bytes: FileBytes): string => {
  writeFileSync(join(root, name), toBytes(bytes))
  return join(root, name)
}

const MOST = 256 * 1024

describe.each(SHELLS)('a file read by a probe under %s', (_, [program = '', ...args]) => {
  /** Whatever comes before the reading may get in its way. */
  const seen = (paths: readonly string[], before = '', env: NodeJS.ProcessEnv = {}) => {
    const probe = stagedFilesProbe(paths)
    const { stdout } = spawnSync(program, [...args, '-c', standalone(before + probe.script)], {
      env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
      maxBuffer: 1e8,
      timeout: 15_000,
    })
    expect(stdout.length).toBeLessThan(probe.capBytes ?? 0)
    const output = outputFrom(probe.id, readable(stdout.toString('latin1')))
    return paths.map((path) => stagedFilesOf(output, paths).get(path))
  }

  test('comes byte for byte, with who may do what with it', () => {
    const path = write("it's a $(file)", fromBytes(Uint8Array.from([0x66, 0xfc, 0x0d, 0x00, 0x0a, 0xff])))
    chmodSync(path, 0o4750)
    utimesSync(path, 1_700_000_000, 1_700_000_000)
    expect(seen([path])).toEqual([
      {
        state: 'file',
        owner: { id: process.getuid?.(), name: expect.any(String) },
        group: { id: process.getgid?.(), name: expect.any(String) },
        mode: 0o4750,
        size: 6,
        modified: 1_700_000_000,
        sum: sumOf('f\xfc\r\0\n\xff' as FileBytes),
        bytes: 'f\xfc\r\0\n\xff',
      },
    ])
  })

  test('comes so whatever it holds, many at once', () => {
    const anyFile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map(fromBytes),
      fc.constantFrom(...['', '\n', '\n\n', 'end\n', 'state absent\nend\n', 'no end'].map(bytesOf)),
    )
    fc.assert(
      fc.property(fc.array(anyFile, { minLength: 1, maxLength: 12 }), (files) => {
        const found = seen(files.map((bytes, at) => write(`f${at}`, bytes)))
        expect(found.map((file) => (file?.state === 'file' ? file.bytes : file))).toEqual(files)
      }),
      { numRuns: 8 },
    )
  })

  test('is said to be too long beyond 256 KB, with its sum, and comes whole up to that', () => {
    const [fits, long] = [
      write('fits', 'x'.repeat(MOST) as FileBytes),
      write('long', 'x'.repeat(MOST + 1) as FileBytes),
    ]
    expect(seen([fits, long])).toMatchObject([
      { state: 'file', bytes: 'x'.repeat(MOST) },
      { state: 'long', size: MOST + 1, sum: sumOf('x'.repeat(MOST + 1) as FileBytes) },
    ])
  })

  test('is nothing where nothing is, and of what has no content its kind is said without waiting for it', () => {
    const pipe = join(root, 'pipe')
    spawnSync('mkfifo', [pipe])
    const file = write('file', bytesOf('x'))
    expect(seen([join(root, 'none'), join(file, 'below'), root, pipe, '/dev/zero'])).toMatchObject([
      { state: 'absent' },
      { state: 'absent' },
      { state: 'directory', kind: 'directory' },
      { state: 'other', kind: 'fifo' },
      { state: 'other', kind: 'character special file' },
    ])
  })

  test('that is a link is said to be one, and what it leads to comes as that', () => {
    const file = write('file', bytesOf('text'))
    const links = ['to', 'dangling', 'loop'].map((name) => join(root, name))
    symlinkSync('file\nstate absent', join(root, 'dangling'))
    symlinkSync('file', join(root, 'to'))
    symlinkSync('loop', join(root, 'loop'))
    expect(seen([...links, file])).toMatchObject([
      { state: 'link', target: 'file', found: { state: 'file', bytes: 'text' } },
      { state: 'link', target: 'file\nstate absent', found: { state: 'absent' } },
      { state: 'link', target: 'loop', found: { state: 'unreadable', reason: 'Too many levels of symbolic links' } },
      { state: 'file', bytes: 'text' },
    ])
  })

  test('is unreadable with the reason where it can’t be read or the server lacks a tool', () => {
    expect(seen(['/proc/self/mem'])).toEqual([{ state: 'unreadable', reason: 'Input/output error' }])
    const path = write('file', bytesOf('x'))
    const without = 'command() { [ "$2" != base64 ] || return 1; }\n'
    expect(seen([path], without)).toEqual([{ state: 'unreadable', reason: 'the server lacks base64' }])
  })

  test('is read again where somebody writes it meanwhile, and unreadable where he goes on', () => {
    const path = write('file', bytesOf('old'))
    const once = `head() { [ -e ${root}/done ] || { : >${root}/done; printf newer >${path}; }; command head "$@"; }\n`
    expect(seen([path], once)).toMatchObject([{ state: 'file', bytes: 'newer' }])
    const always = `head() { printf x >>${path}; command head "$@"; }\n`
    expect(seen([path], always)).toEqual([{ state: 'unreadable', reason: 'it changes while it is being read' }])
    // In the same second, to the same length.
    const alike = `head() { printf %s "$$" | cut -c 1-3 | tr -d '\\n' >${path}; touch -d @9 ${path}; command head "$@"; printf abc >${path}; touch -d @9 ${path}; }\n`
    writeFileSync(path, 'abc')
    utimesSync(path, 9, 9)
    expect(seen([path], alike)).toEqual([{ state: 'unreadable', reason: 'it changes while it is being read' }])
  })

  test('stays below the practice server’s root, links of it too', () => {
    mkdirSync(join(root, 'etc'))
    write('etc/motd', bytesOf('practice'))
    symlinkSync('/etc/passwd', join(root, 'etc/out'))
    symlinkSync('motd', join(root, 'etc/in'))
    expect(seen(['/etc/motd', '/etc/passwd', '/etc/out', '/etc/in'], '', { HARDTUI_ROOT: root })).toMatchObject([
      { state: 'file', bytes: 'practice' },
      { state: 'absent' },
      { state: 'unreadable', reason: 'it leads out of this server' },
      { state: 'link', target: 'motd', found: { bytes: 'practice' } },
    ])
  })
})

describe('what a probe printed of a file', () => {
  const PART = `state file
owner 0 root
group 1001 UNKNOWN
mode 644
size 2
modified 1700000000
kind regular file
sum ${sumOf(bytesOf('a\n'))}
bytes
YQo=
end
`
  const read = (text: string, more = {}) => fileOf(outputFrom('x', `@@f\n${text}`, more), 'f')

  test('has a name only for owners that have one', () => {
    expect(read(PART)).toMatchObject({ owner: { id: 0, name: 'root' }, group: { id: 1001, name: null }, bytes: 'a\n' })
  })

  test.each([
    ['lacks its end', PART.slice(0, -'end\n'.length)],
    ['lacks some of its bytes', PART.replace('YQo=', 'YQ==')],
    ['has bytes that are no base64', PART.replace('YQo=', 'YQo')],
    ['has no sum', PART.replace(/sum .*/, 'sum ?')],
    ['has no bytes', PART.replace('bytes\nYQo=\n', '')],
    ['has no owner', PART.replace(/owner .*\n/, '')],
    ['has no mode', PART.replace('mode 644', 'mode rw-')],
    ['says a state that is none', PART.replace('state file', 'state new')],
    ['is empty', ''],
  ])('is not known where it %s', (_name, text) => {
    expect(read(text)).toBe(null)
  })

  test('is not known where it was cut off, is another part’s, or has not come', () => {
    expect(read(PART, { cut: 'f' })).toBe(null)
    expect(fileOf(outputFrom('x', `@@f\n${PART}`), 'g')).toBe(null)
    expect(fileOf(null, 'f')).toBe(null)
  })
})
