// Services that a server does not need, turned off on real servers by single keys, and back as they were.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { audit } from './auditor.ts'
import { eachFlavour } from './faults/each-flavour.ts'
import { TWO_KINDS } from './kinds.ts'
import { up } from './lab.ts'
import { logIn } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { applyStaged, backToStaged, confirm, goToRow, openPane, undoLast, untilLinked } from './steps.ts'
import type { Terminal } from './terminal.ts'

/** What a desktop's habits bring to a server. */
const PACKAGES = ['avahi-daemon', 'rpcbind', 'cups', 'exim4', 'bluez']

/** Links that decide what starts at boot, and who runs and listens. Ports that are chosen anew each time are left out. */
const STATE = `units=
# Without systemd its links mean nothing, and update-rc.d(8) leaves odd ones.
[ ! -d /run/systemd/system ] || units=/etc/systemd/system
find $units /etc/rc?.d -type l 2>/dev/null | sort | while read -r link; do
  echo "$link $(readlink "$link")"; done
if [ -d /run/systemd/system ]; then
  for unit in avahi-daemon.socket avahi-daemon.service cups.path cups.socket cups.service rpcbind.socket rpcbind.service; do
    echo "$unit $(systemctl is-active $unit)"; done
fi
pgrep -l -x 'avahi-daemon|cupsd|rpcbind|exim4|sshd|cron' | sed 's/^[0-9]* //' | sort -u`

eachFlavour(
  'needless services on %s',
  (flavour) => {
    let server: Server
    let terminal: Terminal | null = null
    beforeAll(async () => {
      server = await up({ flavour, packages: PACKAGES })
    })
    afterAll(() => server?.down())
    afterEach(() => {
      terminal?.kill()
      terminal = null
    })

    const open = async (args: readonly string[] = []): Promise<Terminal> => {
      terminal = await openPane(server, '3', /✗ avahi-daemon/, { args })
      return terminal
    }
    const rowOf = (name: string): RegExp => new RegExp(`▸ .? *${name} `)
    /** Space on each of them, with what starts it. */
    const stageAll = async (on: Terminal): Promise<void> => {
      for (const name of ['avahi-daemon', 'bluetooth', 'cups', 'rpcbind']) {
        await goToRow(on, name, rowOf(name))
        on.press(' ')
        await on.waitFor(new RegExp(`✗ ${name} .*staged`))
      }
      on.press('s')
      await on.waitFor('one transaction')
    }
    const state = (): Promise<string> => server.must(STATE)
    const isBack = async (before: string): Promise<void> => {
      await until('all of it', async () => (await state()) === before, { timeoutMs: 30_000 }).catch(() => {})
      expect(await state()).toBe(before)
    }
    const runs = async (): Promise<readonly string[]> =>
      (await server.must("pgrep -l -x 'avahi-daemon|cupsd|rpcbind' | sed 's/^[0-9]* //' | sort -u")).split('\n')

    test('that ask TCP wrappers are told by what runs of them, and a namesake of a user’s is nobody', async () => {
      await server.must(`install -m 755 /bin/sleep /usr/sbin/vsftpd; install -m 755 -o guest /bin/sleep /home/guest/snmpd
        /usr/sbin/vsftpd 600 >/dev/null 2>&1 & su -s /bin/sh guest -c '/home/guest/snmpd 600' >/dev/null 2>&1 &
        printf 'rpcbind vsftpd snmpd: ALL\\n' >/etc/hosts.allow
        until pgrep -x vsftpd && pgrep -x snmpd; do sleep 0.1; done >/dev/null`)
      const { host } = await logIn(server)
      const read = await audit(host, 'tcpwrappers')
      const libraries = await server.must('ldd /usr/sbin/rpcbind')
      await server.must('pkill -x vsftpd; pkill -x snmpd; rm /usr/sbin/vsftpd /home/guest/snmpd /etc/hosts.allow')
      host.close()
      expect(libraries).toContain('libwrap.so')
      expect(read.verdict('TW-no-effect')).toBe('fail vsftpd (/usr/sbin/vsftpd) without libwrap')
      expect(read.details('TW-no-effect')).toEqual([
        expect.stringMatching(/^built with libwrap: rpcbind \(\S+rpcbind\)$/),
      ])
    })

    test('are all turned off in one transaction, and come back exactly: by order, and by a power cut in the window', async () => {
      const before = await state()
      const one = await open()
      await stageAll(one)
      await applyStaged(one)
      expect((await runs()).join('')).toBe('')
      one.press('X')
      await one.waitFor('ROLLED BACK')
      await isBack(before)
      // What was staged is back in staging.
      await backToStaged(one)
      await applyStaged(one)
      // With all of it on the disk: what is not may be as it was by luck.
      await server.must('sync')
      await server.powerCut()
      await server.waitForLogin()
      await isBack(before)
    })

    test('stay off once confirmed, over a boot, until that is undone', async () => {
      const before = await state()
      const one = await open()
      await stageAll(one)
      await applyStaged(one)
      await confirm(one)
      await server.reboot()
      expect((await runs()).join('')).toBe('')
      await untilLinked(one)
      await undoLast(one, 'avahi-daemon')
      await isBack(before)
    })

    test('are none of those that the way in stands on: those stay, and say why', async () => {
      const one = await open()
      for (const [name, why] of [
        ['ssh', 'it is the way in'],
        ['cron', "it is one of the rollback's triggers"],
        ['rsyslog', 'logins would no longer be logged'],
      ] as const) {
        await goToRow(one, name, rowOf(name))
        one.press('x')
        await one.waitFor(why)
      }
    })
  },
  TWO_KINDS,
)
