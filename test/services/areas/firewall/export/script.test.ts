import { describe, expect, test } from 'vitest'
import { exportScript } from '../../../../../src/services/areas/firewall/export/script.ts'
import { withoutEmptyTables } from '../../../../support/rule-sets.ts'
import { exportedOf } from './nasty.ts'
import { canRunScript, onServer, section, TOOLS } from './script-bench.ts'

const V4 = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j web
-A web -m comment --comment "he said \\"hi\\" \\'you\\' $(x) \u001b[31m\u009b あ -j f2b-x " -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
`
const V6 = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p ipv6-icmp -j ACCEPT
COMMIT
`
const bare = (save: string): string => save.replace(/ \[0:0\]$/gm, '')
const BOTH = bare(V4 + V6)
const SCRIPT = exportScript(exportedOf(V4, V6))
const EMPTY = BOTH.replace(/^(?:-A|:web) .*\n/gm, '').replaceAll('DROP', 'ACCEPT')
const WEB = 'iptables -A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT; iptables -P OUTPUT DROP'
/** The rules of one family with `-A CHAIN` first, in order. */
const rulesOf = (save: string, chain: string): readonly string[] =>
  save.split('\n').filter((line) => line.startsWith(`-A ${chain} `))

describe.runIf(canRunScript).each(Object.entries(TOOLS))(
  'an exported script under %s',
  { timeout: 120_000 },
  (_, tools) => {
    const on = (text: string, files: Readonly<Record<string, string>> = {}) =>
      onServer(tools, { 'rules.sh': SCRIPT, ...files }, text)
    const scriptOf = (v4: string, v6 = ''): string => exportScript(exportedOf(v4, v6))

    test('makes the same rules on an empty server, and again when it runs again', async () => {
      const ran = await on('run rules.sh --now; rules once; run rules.sh --now; rules twice')
      expect(section(ran, 'once')).toBe(BOTH)
      expect(section(ran, 'twice')).toBe(BOTH)
      expect(ran.stderr).toBe('')
    })

    test('gives the old rules back at its deadline, neither earlier nor much later', async () => {
      const ran = await on(`
        ${WEB}; rules before; uptime start; ROLLBACK_AFTER=6 run rules.sh; rules loaded
        gone 'INPUT DROP'; uptime end; rules after; ls /run/set_iptables/armed /run/set_iptables/fired`)
      expect(section(ran, 'loaded')).toBe(BOTH)
      expect(rulesOf(section(ran, 'after'), 'INPUT')).toEqual(rulesOf(section(ran, 'before'), 'INPUT'))
      expect(section(ran, 'after')).toBe(
        EMPTY.replace(':OUTPUT ACCEPT', ':OUTPUT DROP').replace(
          'COMMIT',
          `${rulesOf(section(ran, 'before'), 'INPUT')[0]}\nCOMMIT`,
        ),
      )
      const seconds = Number(section(ran, 'end')) - Number(section(ran, 'start'))
      expect(seconds).toBeGreaterThanOrEqual(6)
      expect(seconds).toBeLessThan(20)
      expect(ran.stdout).toContain('In 6 seconds the old ones come back')
      expect(ran.stderr).not.toContain('Nobody')
    })

    test('keeps the rules when told, and can still go back until the next boot', async () => {
      const ran = await on(`
        ROLLBACK_AFTER=60 run rules.sh; run rules.sh --keep; ended; rules kept
        run rules.sh --keep; echo "again $?"; run rules.sh --back; rules back`)
      expect(section(ran, 'kept')).toBe(BOTH)
      expect(ran.stdout).toContain('The rules stay, until the next boot.')
      expect(ran.stdout).toContain('again 1\n')
      expect(ran.stderr).toContain('no timer is running')
      expect(section(ran, 'back')).toBe(EMPTY)
    })

    test('goes back at once when told, and its timer ends', async () => {
      const ran = await on(
        'ROLLBACK_AFTER=60 run rules.sh; run rules.sh --back; rules back; ended; ls /run/set_iptables',
      )
      expect(section(ran, 'back')).toBe(EMPTY)
      expect(ran.stdout).toContain('The iptables rules are as they were.')
      expect(ran.stdout).not.toMatch(/^(armed|fired)$/m)
    })

    test('that runs while the timer of an earlier run does moves the deadline, and goes back all the way', async () => {
      const more = scriptOf('*mangle\n:INPUT DROP [0:0]\n:own - [0:0]\n-A INPUT -j own\n-A own -j ACCEPT\nCOMMIT\n', V6)
      const ran = await on(
        `${WEB}; rules before; ROLLBACK_AFTER=300 run rules.sh; cat /run/set_iptables/deadline
         ROLLBACK_AFTER=900 run more.sh; cat /run/set_iptables/deadline; rules both; run more.sh --back; rules after`,
        { 'more.sh': more },
      )
      expect(section(ran, 'both')).toContain(bare(V4).split('*nat')[0])
      expect(section(ran, 'both')).toContain('-A own -j ACCEPT')
      const [first = 0, second = 0] = (ran.stdout.match(/^\d+$/gm) ?? []).map(Number)
      expect(second - first).toBeGreaterThanOrEqual(600)
      expect(withoutEmptyTables(section(ran, 'after'))).toBe(withoutEmptyTables(section(ran, 'before')))
    })

    test('that runs after one for IPv4 alone, while its timer does, takes IPv6 back too', async () => {
      const ran = await on('run four.sh; run rules.sh; rules both; run rules.sh --back; rules after', {
        'four.sh': exportScript(exportedOf(V4)),
      })
      expect(section(ran, 'both')).toBe(BOTH)
      expect(section(ran, 'after')).toBe(EMPTY)
    })

    test('can be sent through ssh: it reads itself from standard input', async () => {
      const ran = await on('run -s <rules.sh; run -s -- --keep <rules.sh; rules kept')
      expect(section(ran, 'kept')).toBe(BOTH)
      expect(ran.stdout).toContain('sh -s -- <set_iptables.sh --keep')
    })

    test('that arrives cut off does nothing', async () => {
      const cuts = [0.1, 0.4, 0.7, 0.95].map((part) => Math.floor(SCRIPT.length * part))
      const ran = await on(
        'for one in cut*; do run "$one" </dev/null >/dev/null 2>&1; done; rules after; ls /run',
        Object.fromEntries([...cuts, SCRIPT.length - 4].map((at) => [`cut${at}`, SCRIPT.slice(0, at)])),
      )
      expect(section(ran, 'after')).toBe('')
      expect(ran.stdout).not.toContain('set_iptables')
    })

    test('loads IPv4 alone where IPv6 can’t be had, and says so', async () => {
      const broken = '#!/bin/sh\necho "ip6tables: no such family" >&2; exit 3\n'
      const ran = await on('run rules.sh --now; echo "status $?"; rules after', { 'ip6tables-save': broken })
      expect(section(ran, 'after')).toBe(bare(V4))
      expect(ran.stdout).toContain('status 0\n')
      expect(ran.stdout + ran.stderr).toMatch(/IPv6 .*ip6tables-save fails: ip6tables: no such family/)
    })

    test.each([
      ['--frobnicate', 2, 'usage: '],
      ['--now --keep', 2, 'usage: '],
      ['--back', 1, 'nothing was loaded since the last boot'],
      ['--keep', 1, 'no timer is running'],
    ])('run with %s ends with status %i and changes nothing', async (args, status, words) => {
      const ran = await on(`run rules.sh ${args}; echo "status $?"; rules after`)
      expect(ran.stdout).toContain(`status ${status}\n`)
      expect(ran.stderr).toContain(words)
      expect(section(ran, 'after')).toBe('')
    })

    test.each(['0', '09', 'ten', '5 5', '-3', '$(id)'])('takes no window of “%s”', async (window) => {
      const ran = await on(`ROLLBACK_AFTER='${window}' run rules.sh; echo "status $?"; rules after`)
      expect(ran.stdout).toContain('status 1\n')
      expect(ran.stderr).toContain('ROLLBACK_AFTER is a number of seconds')
      expect(section(ran, 'after')).toBe('')
    })

    test('has the same on legacy iptables, and says that it comes from another backend', async () => {
      const legacy = Object.fromEntries(
        ['iptables', 'ip6tables'].flatMap((name) =>
          ['', '-save', '-restore'].map((verb) => [`${name}${verb}`, `#!/bin/sh\nexec ${name}-legacy${verb} "$@"\n`]),
        ),
      )
      const ran = await on(
        `${WEB}; rules before; run rules.sh; rules loaded; run rules.sh --back; rules after
         run rules.sh --now; run rules.sh --now; rules again`,
        legacy,
      )
      const tables = (save: string): readonly string[] => save.split(/^(?=\*)/m).toSorted()
      expect(tables(section(ran, 'loaded'))).toEqual(tables(BOTH))
      expect(tables(section(ran, 'again'))).toEqual(tables(BOTH))
      expect(withoutEmptyTables(section(ran, 'after'))).toBe(withoutEmptyTables(section(ran, 'before')))
      expect(ran.stdout).toContain('these rules come from a host with the nft backend of iptables; here it is legacy')
    })
  },
)
