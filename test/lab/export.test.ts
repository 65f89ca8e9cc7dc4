import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { exportRules } from '../../src/command-line/export.ts'
import { exportScript } from '../../src/services/areas/firewall/export/script.ts'
import type { RuleEdit } from '../../src/services/model/firewall.ts'
import { exportedOf } from '../services/areas/firewall/export/nasty.ts'
import { INPUT } from '../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../support/rule-sets.ts'
import { eachFlavour } from './faults/each-flavour.ts'
import { up } from './lab.ts'
import { logIn } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { PROGRAM } from './terminal.ts'

const RICH = `
  iptables -N web; iptables -N 'odd$(x)'; iptables -N f2b-sshd; iptables -N DOCKER; iptables -N DOCKER-USER
  iptables -A f2b-sshd -s 203.0.113.9 -j REJECT; iptables -A f2b-sshd -j RETURN; iptables -A DOCKER-USER -j RETURN
  iptables -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
  iptables -A INPUT -i lo -j ACCEPT
  iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  iptables -A INPUT -p tcp --dport 22 -m comment --comment "$(printf 'he said "hi" it'\\''s $(x) \`y\` \\\\ \\033[31m\\302\\233 \\343\\201\\202 -j DOCKER')" -j ACCEPT
  iptables -A INPUT -p tcp -m multiport --dports 80,443 -j web
  iptables -A INPUT -p icmp --icmp-type 8 -m limit --limit 5/s -j ACCEPT
  iptables -A INPUT -g 'odd$(x)'
  iptables -A web -m connlimit --connlimit-above 20 -j DROP; iptables -A web -j ACCEPT
  iptables -A 'odd$(x)' -m limit --limit 5/min -j LOG --log-prefix 'drop -j f2b-x: '
  iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -o docker0 -j DOCKER
  iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
  iptables -P INPUT DROP; iptables -P FORWARD DROP
  iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE
  iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
  iptables -t raw -A PREROUTING -p udp --dport 53 -j NOTRACK
  iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
  iptables -t security -A OUTPUT -j ACCEPT
  ip6tables -N own6; ip6tables -A own6 -j RETURN
  ip6tables -A INPUT -p ipv6-icmp -j ACCEPT; ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT; ip6tables -A INPUT -j own6
  ip6tables -P INPUT DROP; ip6tables -t mangle -A PREROUTING -m hl --hl-lt 5 -j DROP`

/** Not even packets of connections that are there already: the session that loads it hears no more. */
const LOCK_OUT = exportScript(
  exportedOf('*filter\n:INPUT DROP [0:0]\nCOMMIT\n', '*filter\n:INPUT DROP [0:0]\nCOMMIT\n'),
)
/** Whatever else it does, it lets in whom it should. */
const OPEN =
  '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n'
/** nat takes no REJECT, which only the kernel knows. */
const REFUSED =
  '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j REJECT --reject-with icmp6-port-unreachable\nCOMMIT\n'
const BEFORE =
  'iptables -A INPUT -p tcp --dport 8080 -j DROP; iptables -P FORWARD DROP; ip6tables -A OUTPUT -p udp -j ACCEPT'

const CLEAR = `
  for t in iptables ip6tables; do
    for table in raw mangle nat filter security; do
      for chain in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do $t -t $table -P $chain ACCEPT 2>/dev/null; done
      $t -t $table -F; $t -t $table -X
    done
  done; rm -rf /run/set_iptables`

const save = async (server: Server): Promise<string> =>
  withoutCounters(await server.must('iptables-save 2>/dev/null; ip6tables-save 2>/dev/null'))

/** A save without what the fake Docker and fail2ban of `RICH` have in it. */
const ownOf = (text: string): string =>
  text
    .split('\n')
    .filter(
      (line) => !/^:(DOCKER|f2b)|^-A (DOCKER|f2b)|-j (DOCKER|f2b-sshd)|docker0/.test(line) || line.includes('he said'),
    )
    .join('\n')

const tablesOf = (text: string): readonly string[] =>
  withoutEmptyTables(text)
    .split(/^(?=\*)/m)
    .map((table) => table.trim())
    .toSorted()

/** What `hardtui export` prints, over a login of its own. */
async function scriptOf(server: Server): Promise<string> {
  const operator = await logIn(server)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const status = await exportRules(operator.host, new Date(), { stdout, stderr })
  operator.close()
  expect(status, String(stderr.read() ?? '')).toBe(0)
  return String(stdout.read())
}

eachFlavour('the rules of %s as a script', (flavour) => {
  let source: Server
  let target: Server
  let rich = ''
  beforeAll(async () => {
    source = await up({ flavour })
    target = await up({ flavour })
    await source.must(RICH)
    rich = await scriptOf(source)
  })
  afterAll(async () => {
    await source?.down()
    await target?.down()
  })
  afterEach(async () => {
    await target?.must(CLEAR)
  })

  /** Runs a script over ssh from the operator's machine, as it would be run from a file of his. */
  const run = (server: Server, script: string, args = '', env = '', timeoutMs = 60_000) =>
    server.client.ssh(`${env} sh -s -- ${args}`, { input: script, timeoutMs })
  test('make the same rules on an empty server, and again when it runs again', async () => {
    const wanted = ownOf(await save(source))
    const first = await run(target, rich, '--now')
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(await save(target)).toBe(wanted)
    expect(await run(target, rich, '--now')).toMatchObject({ status: 0 })
    expect(await save(target)).toBe(wanted)
  })

  test('leave the host they come from as it is: Docker and fail2ban keep their chains and places', async () => {
    const before = await save(source)
    expect(await run(source, rich, '--now')).toMatchObject({ status: 0 })
    expect(await save(source)).toBe(before)
  })
  test('that lock out are gone at the deadline, though the session that loaded them is dead', async () => {
    await target.must(BEFORE)
    const before = tablesOf(await save(target))
    const start = await target.uptime()
    const session = run(target, LOCK_OUT, '', 'ROLLBACK_AFTER=20', 40_000)
    await until('the rules', async () => (await save(target)).includes(':INPUT DROP'), { timeoutMs: 60_000 })
    expect(await target.canLogin({ timeoutMs: 1500 })).toBe(false)
    // systemd starts a timer again that something has killed.
    if (flavour !== 'sysvinit') await target.must('kill -9 "$(cat /run/set_iptables/watch)"')
    await until('the old rules', async () => !(await save(target)).includes(':INPUT DROP'), { timeoutMs: 90_000 })
    expect((await target.uptime()) - start).toBeGreaterThanOrEqual(20)
    expect(tablesOf(await save(target))).toEqual(before)
    await target.waitForLogin()
    await session
  })

  test('stay when they are kept in a new login, past the deadline and the end of the timer', async () => {
    const loaded = await run(target, rich, '', 'ROLLBACK_AFTER=30')
    expect(loaded).toMatchObject({ status: 0, stdout: expect.stringContaining('In 30 seconds the old ones come back') })
    const wanted = await save(target)
    expect(await run(target, rich, '--keep')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('The rules stay, until the next boot.'),
    })
    const watch = await target.must('cat /run/set_iptables/watch')
    await until('the timer to end', async () => (await target.sh(`test -e /proc/${watch}/exe`)).status !== 0)
    const deadline = Number(await target.must('cat /run/set_iptables/deadline'))
    await until('the deadline', async () => (await target.uptime()) > deadline + 2, { timeoutMs: 60_000 })
    expect(await save(target)).toBe(wanted)
    expect((await run(target, rich, '--keep')).stderr).toContain('no timer is running')
  })

  test('whose timer runs keep a change of the console from being armed, until they are kept', async () => {
    expect((await run(target, exportScript(exportedOf(OPEN, OPEN)))).status).toBe(0)
    const operator = await logIn(target)
    const edits = (): readonly RuleEdit[] => [{ kind: 'policy', at: { ...INPUT, chain: 'FORWARD' }, policy: 'DROP' }]
    await operator.transactions.apply(await operator.plan(edits))
    expect(operator.transactions.state()).toMatchObject({
      phase: 'aborted',
      reason: expect.stringContaining('the timer of an exported script is running here'),
    })
    operator.close()
  })

  test('go at once when told, by any sudo user, and need root', async () => {
    await target.must(BEFORE)
    const before = tablesOf(await save(target))
    const as = (user: 'ops' | 'guest', command: string) =>
      target.client.ssh(command, { user, input: rich, timeoutMs: 60_000 })
    expect(await as('guest', 'sh -s')).toMatchObject({ status: 1, stderr: 'set_iptables: this needs root\n' })
    expect(await as('ops', 'sudo sh -s')).toMatchObject({ status: 0 })
    expect(tablesOf(await save(target))).not.toEqual(before)
    expect(await as('ops', 'sudo sh -s -- --back')).toMatchObject({ status: 0 })
    expect(tablesOf(await save(target))).toEqual(before)
  })

  test('of which one is refused are all put back, and the refused one is named', async () => {
    await target.must(BEFORE)
    const before = tablesOf(await save(target))
    const ran = await run(target, exportScript(exportedOf(OPEN, REFUSED)))
    expect(ran.status).toBe(1)
    expect(ran.stderr).toContain('ip6tables-restore refuses this:\n  table nat: -A POSTROUTING -j REJECT')
    expect(ran.stderr).toContain('The rules were not loaded.')
    expect(tablesOf(await save(target))).toEqual(before)
    expect((await target.sh('ls /run/set_iptables/armed')).status).not.toBe(0)
  })

  test('are those of IPv4 where there is no ip6tables, and that is said', async () => {
    await target.must('ip6tables -A INPUT -p udp --dport 7 -j DROP')
    const tool = '/usr/sbin/ip6tables-restore'
    await target.must(`mv ${tool} ${tool}.hidden`)
    const ran = await run(target, exportScript(exportedOf(OPEN, OPEN)), '--now').finally(() =>
      target.must(`mv ${tool}.hidden ${tool}`),
    )
    expect(ran.status).toBe(0)
    expect(ran.stderr).toContain('IPv6 is on here and stays as open as it is: there is no ip6tables-restore')
    expect(await target.must('iptables-save')).toContain(':INPUT DROP')
    expect(await target.must('ip6tables-save')).toContain('--dport 7 -j DROP')
  })

  test('are printed by the command, and run from a file as well', async () => {
    const argv = [
      process.execPath,
      PROGRAM,
      'export',
      '-i',
      source.key,
      '-o',
      `UserKnownHostsFile=${source.knownHosts}`,
    ]
    const printed = await source.client.run([...argv, `ops@${source.address}`], { env: source.client.env() })
    expect(printed).toMatchObject({ status: 0, stderr: '' })
    const undated = (text: string): string => text.replace(/^# Exported .*$/m, '')
    expect(undated(printed.stdout)).toBe(undated(rich))
    await target.must('cat >/root/set_iptables.sh', { input: printed.stdout })
    expect((await target.client.ssh('sh set_iptables.sh --now')).stdout).toBe('The rules are loaded.\n')
    // Tests before this one have left tables that are empty.
    expect(tablesOf(await save(target))).toEqual(tablesOf(ownOf(await save(source))))
  })

  test('are the same on the legacy iptables', async () => {
    const choose = (which: string): Promise<string> =>
      target.must(`for t in iptables ip6tables; do update-alternatives --set $t /usr/sbin/$t-${which} >/dev/null; done`)
    await choose('legacy')
    try {
      for (const _ of ['once', 'twice']) {
        expect(await run(target, rich, '', 'ROLLBACK_AFTER=300')).toMatchObject({ status: 0 })
        expect(tablesOf(await save(target))).toEqual(tablesOf(ownOf(await save(source))))
      }
      expect(await run(target, rich, '--back')).toMatchObject({ status: 0 })
      expect(tablesOf(await save(target))).toEqual([''])
    } finally {
      await target.must(CLEAR)
      await choose('nft')
    }
  })
})
