import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseNeeds } from '../../../../src/services/areas/units/needs.ts'
import probeScript from '../../../../src/services/areas/units/probe.sh'

const [, looked = ''] = /(# What may need one of the services[\s\S]*?)\nlisteners\n/.exec(probeScript) ?? []
/** Whoever reads is nobody in particular: root may read everything. */
const AS_NOBODY =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh'] : ['sh']

/** What the probe finds below a root with these files; those that end in `!` nobody may read. */
function needsOf(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'needs-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  chmodSync(root, 0o755)
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name.replace(/!$/, ''))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    if (name.endsWith('!')) chmodSync(path, 0)
  }
  const [program = '', ...words] = AS_NOBODY
  const script = `root='${root}'\npart() { :; }\n${looked}`
  return parseNeeds(execFileSync(program, [...words, '-c', script], { encoding: 'utf8' }))
}

test('what may need a service is found where it stands', () => {
  expect(
    needsOf({
      'proc/mounts': 'server:/x /srv nfs4 rw 0 0\n/dev/sda1 / ext4 rw 0 0\n',
      'etc/fstab': '# a:/b /c nfs\nserver:/y /mnt nfs ro 0 0\n',
      'etc/exports.d/home.exports': '/home 192.0.2.0/24(rw)\n',
      'etc/cups/printers.conf': '<DefaultPrinter office>\n',
      'sys/class/bluetooth/hci0/x': '',
      'sys/class/net/wlan0/wireless/x': '',
      'etc/inetd.conf':
        '#off stream tcp nowait root /x y\ntelnet stream tcp nowait root /usr/sbin/in.telnetd telnetd\n',
    }),
  ).toEqual({
    nfs: ['nfs4 mount on /srv', '/etc/fstab: nfs on /mnt', '/etc/exports: /home'],
    printing: ['printer office'],
    iscsi: [],
    bluetooth: ['adapter hci0'],
    modem: [],
    wifi: ['wireless interface wlan0'],
    inetd: ['/etc/inetd.conf: telnet'],
  })
})

test('nothing is said to be unneeded by a file that could not be read', () => {
  const needs = needsOf({ 'etc/cups/printers.conf!': '<Printer office>\n', 'etc/exports!': '/home *\n' })
  expect([needs.printing, needs.nfs, needs.modem]).toEqual([undefined, undefined, []])
})
