import { describe, expect, test } from 'vitest'
import { sshdEditing } from '../../../../src/services/areas/sshd/editing.ts'
import type { FileEdit, StagedOf } from '../../../../src/services/model/areas.ts'
import { someSshd } from '../../../support/make-plan.ts'
import { hostFacts, stagedFile, textChange } from '../../../support/plans.ts'

const CONFIG = '/etc/ssh/sshd_config'
const edit = (path: string, text: string | null, was: string | null = 'old\n'): FileEdit => ({
  kind: 'file',
  ...textChange(path, text, was),
})
const part = (...edits: readonly FileEdit[]) =>
  sshdEditing.part({ base: someSshd, after: someSshd, conflicts: [] }, edits, {
    host: hostFacts,
    listeners: null,
    persistence: 'none',
    file: () => null,
  })
const ports = (text: string | null, was: string | null = 'old\n') => part(edit(CONFIG, text, was)).newPorts

describe('a file of sshd', () => {
  test('makes it read its files again, and try them first', () => {
    expect(part(edit(CONFIG, 'x\n'))).toMatchObject({ sshd: 'reload', checks: ['sshd'], newPorts: [] })
    expect(part(edit('/etc/motd', 'x\n'), edit(CONFIG, 'x\n'))).toMatchObject({ sshd: 'reload' })
    expect(part(edit('/etc/motd', 'Port 2222\n'))).toEqual({ steps: expect.any(Array), blockers: [], whatIf: [] })
  })

  test('that brings a port tells it, once, and not the one that the operator is on', () => {
    expect(ports('Port 22\nPort 2222\n  port=2200\nPORT "2022"\nPort 2222\n')).toEqual([2222, 2200, 2022])
  })

  test.each(['#Port 2222\n', 'Port 0\n', 'Port 65536\n', 'GatewayPorts 2222\n', 'Ports 2222\n'])(
    'that says %j brings none',
    (text) => {
      expect(ports(text)).toEqual([])
    },
  )

  test.each([1, 65535])('may bring the port %d', (port) => {
    expect(ports(`Port ${port}\n`)).toEqual([port])
  })

  test('that goes, stays as it was or is not sshd’s brings none', () => {
    expect(ports(null, 'Port 2222\n')).toEqual([])
    expect(ports('Port 2222\n', 'Port 2222\n')).toEqual([])
    expect(part(edit('/etc/motd', 'Port 2222\n'), edit(CONFIG, 'x\n')).newPorts).toEqual([])
  })
})

test('what is staged of a file does not change what is known of sshd', () => {
  expect(sshdEditing.lay(someSshd, [edit(CONFIG, 'x\n')])).toEqual({ after: someSshd, conflicts: [] })
})

test('a file is folded into what is staged of it, and undone with its old text', () => {
  const change = (text: string, was: string) => stagedFile(textChange(CONFIG, text, was)) as StagedOf<'sshd'>
  expect(sshdEditing.fold([change('b', 'a')], change('c', 'b'), null).held).toMatchObject([
    { edit: { text: 'c', was: 'a' } },
  ])
  const past = { rules: [], files: [textChange(CONFIG, 'new', 'old')], units: [] }
  expect(sshdEditing.undo(past, null, () => 'x').edits).toEqual([edit(CONFIG, 'old', 'new')])
})

test('only files below /etc/ssh are sshd’s', () => {
  expect(sshdEditing.owns).toEqual({ file: expect.any(Function) })
  expect(sshdEditing.owns.file?.('/etc/ssh/sshd_config.d/x.conf')).toBe(true)
  expect(sshdEditing.owns.file?.('/srv/etc/ssh/x')).toBe(false)
})
