import { describe, expect, test } from 'vitest'
import { type Bench, openConsole } from '../support/console.tsx'
import { filePart } from '../support/file-part.ts'

/** The pane of TCP wrappers, on a server with these files. */
async function onFiles(allow?: string, deny?: string, size: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const tcpwrappers = {
    allow: filePart(allow),
    deny: filePart(deny),
    sshd: 'asks /usr/sbin/sshd',
    daemons: 'without /usr/sbin/vsftpd\nall',
  }
  const bench = await openConsole({ ...size, texts: { tcpwrappers } })
  await bench.press('5')
  return bench
}

describe('t asks who may talk to whom', () => {
  test.each([
    [80, 24],
    [120, 40],
  ])('and begins with the operator and sshd, at %i × %i', async (columns, rows) => {
    const bench = await onFiles('sshd: 198.51.100.\n', 'ALL: ALL\n', { columns, rows })
    await bench.press('t')
    await bench.sees(
      'sshd 198.51.100.20',
      'let in by /etc/hosts.allow, sshd: 198.51.100.',
      'sshd asks these files at every connection.',
    )
  })

  test('and answers while it is typed; nothing is staged by Enter', async () => {
    const bench = await onFiles('sshd: 198.51.100.\n', 'ALL: ALL\n')
    await bench.press('t', 'Ctrl-u')
    await bench.sees('Type a daemon and an address')
    await bench.type('vsftpd 203.0.113.5')
    await bench.sees('kept out by /etc/hosts.deny, ALL: ALL', 'vsftpd is built without libwrap')
    await bench.press('Enter')
    await bench.sees('a question stages nothing')
    await bench.press('Esc')
    await bench.lacks('vsftpd is built without libwrap')
    expect(bench.console.store.getState().staging.changes).toEqual([])
  })

  test('and shows what is staged beside what is', async () => {
    const bench = await onFiles()
    await bench.press('Space')
    await bench.sees('3 staged')
    await bench.press('t', 'Ctrl-u')
    await bench.type('sshd 203.0.113.5')
    await bench.sees('now: let in: no rule matches', 'staged: kept out by /etc/hosts.deny, ALL: ALL')
  })
})
