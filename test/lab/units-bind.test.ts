// Services that listen on all addresses, bound to loopback by single keys: their file and a restart, and both back as they were.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eachFlavour } from './faults/each-flavour.ts'
import { TWO_KINDS } from './kinds.ts'
import { up } from './lab.ts'
import type { Flavour } from './recipe.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { applyStaged, backToStaged, confirm, goToRow, openPane, undoLast, untilLinked } from './steps.ts'
import type { Terminal } from './terminal.ts'

const FILES = '/etc/exim4/update-exim4.conf.conf /etc/postfix/main.cf /etc/systemd/system/rpcbind.socket.d/hardtui.conf'

/** What the files hold and whose they are, and who listens where on the ports of mail and of the port mapper. */
const STATE = `for file in ${FILES}; do
  [ ! -e $file ] || { echo "$file $(stat -c '%a %U %G' $file)"; cat $file; }; done
ss -lntu | awk '$5 ~ /:(25|111)$/ { print $1, $5 }' | sort`

/** Where one of these ports is open to others. */
const OUTSIDE = "ss -lntu | awk '$5 ~ /:(25|111)$/ && $5 !~ /^(127\\.0\\.0\\.1|\\[::1\\]):/ { print $1, $5 }' | sort"

type Kind = {
  readonly packages: readonly string[]
  /** What opens it to everybody, as an administrator might have done. */
  readonly furnish: string
  /** Units to press Space on, and what the staged screen shows then. */
  readonly units: (systemd: boolean) => readonly string[]
  readonly staged: RegExp
  readonly flavours: readonly Flavour[]
}

const KINDS: Readonly<Record<string, Kind>> = {
  'exim4 and rpcbind': {
    packages: ['exim4-daemon-light', 'rpcbind'],
    furnish: `sed -i "s/^dc_local_interfaces=.*/  dc_local_interfaces=''  # everywhere/" /etc/exim4/update-exim4.conf.conf
echo 'server:/x /mnt nfs4 noauto 0 0' >>/etc/fstab
service exim4 restart >/dev/null 2>&1`,
    units: (systemd) => (systemd ? ['exim4', 'rpcbind'] : ['exim4']),
    staged: /\+ *dc_local_interfaces='127\.0\.0\.1 ; ::1' {2}# everywhere/,
    flavours: TWO_KINDS,
  },
  postfix: {
    packages: ['postfix'],
    furnish: "printf '# of the mail desk\\n' >>/etc/postfix/main.cf",
    units: () => ['postfix'],
    staged: /\+ inet_interfaces = loopback-only/,
    // Its file comes back by the same steps as the other's.
    flavours: TWO_KINDS.filter((flavour) => flavour !== 'sysvinit' || process.env.HARDTUI_FAULTS === 'all'),
  },
}

for (const [name, kind] of Object.entries(KINDS))
  eachFlavour(
    `${name} on %s`,
    (flavour) => {
      const systemd = flavour !== 'sysvinit'
      let server: Server
      let terminal: Terminal | null = null
      beforeAll(async () => {
        server = await up({ flavour, packages: kind.packages })
        await server.must(kind.furnish)
        await until('mail to be open', async () => (await outside()).includes(':25'))
      })
      afterAll(() => server?.down())
      afterEach(() => {
        terminal?.kill()
        terminal = null
      })

      const state = (): Promise<string> => server.must(STATE)
      const outside = (): Promise<string> => server.must(OUTSIDE)
      const isBack = async (before: string, timeoutMs = 30_000): Promise<void> => {
        await until('all of it', async () => (await state()) === before, { timeoutMs }).catch(() => {})
        expect(await state()).toBe(before)
      }
      /** rpcbind has nothing to bind it by where systemd does not hold its sockets. */
      const isClosed = async (): Promise<void> => {
        const left = systemd || !name.includes('rpcbind') ? '' : ':111'
        await until('loopback alone', async () => {
          const [open, all] = [await outside(), await state()]
          return (
            all.includes('127.0.0.1:25') &&
            open.split('\n').every((line) => line === '' || (left !== '' && line.endsWith(left)))
          )
        })
      }
      const open = async (args: readonly string[] = []): Promise<Terminal> => {
        terminal = await openPane(server, '3', /✗ \S+ .*outside/, { args })
        return terminal
      }
      const stageAll = async (on: Terminal): Promise<void> => {
        for (const unit of kind.units(systemd)) {
          await goToRow(on, unit, new RegExp(`▸ ✗ ${unit}`))
          on.press(' ')
          await on.waitFor(new RegExp(`✗ ${unit}\\S* .*staged: restart`))
        }
        on.press('s')
        await on.waitFor('one transaction')
        await on.waitFor(kind.staged)
      }

      test('listens on loopback once Space was applied, and comes back by order, at the deadline, and by a power cut', async () => {
        const before = await state()
        const one = await open(['--timer', '30s'])
        await stageAll(one)
        await applyStaged(one)
        await isClosed()
        one.press('X')
        await one.waitFor('ROLLED BACK')
        await isBack(before)
        await backToStaged(one)
        await applyStaged(one)
        await isClosed()
        // Nobody confirms.
        await one.waitFor('ROLLED BACK', 60_000)
        await isBack(before)
        await backToStaged(one)
        await applyStaged(one)
        await isClosed()
        await server.must('sync')
        await server.powerCut()
        await server.waitForLogin()
        await isBack(before)
      })

      test('stays so once confirmed, over a boot, until that is undone', async () => {
        const before = await state()
        const one = await open()
        await stageAll(one)
        await applyStaged(one)
        await confirm(one)
        await isClosed()
        await server.reboot()
        await isClosed()
        await untilLinked(one)
        await undoLast(one, 'back to the text it had before')
        await isBack(before)
      })

      test.runIf(!systemd && name.includes('rpcbind'))('says why, where nothing here binds it', async () => {
        const one = await open()
        await goToRow(one, 'rpcbind', /▸ ✗ rpcbind/)
        one.press(' ')
        await one.waitFor('its -h is for UDP')
      })
    },
    kind.flavours,
  )
