// The rest of the routine on a real server: what is said is what the programs themselves say and do.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SysctlReader } from '../../src/services/areas/rest/facts.ts'
import { decidesAtBoot, readSysctlLine } from '../../src/services/areas/rest/kernel/sysctl-files.ts'
import type { Host } from '../../src/services/model/host.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import { AREA_IDS } from '../../src/state/areas/table.ts'
import { type Audit, audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { applyStaged, confirm, goToRow, openPane } from './steps.ts'
import type { Terminal } from './terminal.ts'

const PACKAGES = ['unattended-upgrades', 'fail2ban', 'chrony', 'postfix', 'vsftpd', 'aide', 'clamav-freshclam']

describe.skipIf(whyNoLab() !== null)('the rest of the routine on debian12', () => {
  let server: Server
  let host: Host
  beforeAll(async () => {
    server = await up({ flavour: 'debian12', packages: PACKAGES })
    host = (await logIn(server)).host
  })
  afterAll(async () => {
    host?.close()
    await server?.down()
  })
  const seen = (): Promise<Audit<'rest'>> => audit(host, 'rest')

  /** What a check says, and its details behind. */
  const says = (one: Audit<'rest'>, id: string): string =>
    [one.verdict(`REST-${id}`), ...one.details(`REST-${id}`)].join(' | ')

  test('each thing is told as the programs themselves have it', async () => {
    const one = await seen()
    expect(says(one, 'fail2ban')).toBe(
      'pass port 22 | jails that run: sshd | sshd: iptables-multiport for ssh | /etc/fail2ban/jail.conf, line 280: port    = ssh',
    )
    expect(says(one, 'auto-updates')).toBe('fail apt-daily.timer is inactive | apt-daily-upgrade.timer is inactive')
    expect(says(one, 'pending-updates')).toMatch(/^unknown apt has no lists/)
    expect(says(one, 'reboot')).toMatch(/^pass not due/)
    expect(says(one, 'clock')).toBe('fail nothing keeps the clock | chrony.service: inactive, enabled at boot')
    expect(says(one, 'confinement')).toMatch(/^unknown the kernel does not show its security modules here/)
    const facts = factsOf(one.reading)?.updates
    const dump = await server.must("apt-config dump | grep -i '^APT::Periodic::'")
    expect(
      facts?.ok && [...(facts.value.aptConfig ?? [])].filter(([name]) => name.startsWith('apt::periodic')),
    ).toEqual(
      dump
        .trim()
        .split('\n')
        .map((line) => [line.split(' ')[0]?.toLowerCase(), /"(.*)"/.exec(line)?.[1]]),
    )
  })

  test('what is changed on the server is told at the next reading, and what is absent is not', async () => {
    const packages =
      'Package: base-files\nVersion: 99\nArchitecture: amd64\nMaintainer: x\nFilename: ./x.deb\nSize: 1\nSHA256: 0\nDescription: x\n'
    await server.must(`
      printf '[sshd]\nport = 10022\n' >/etc/fail2ban/jail.local; fail2ban-client reload >/dev/null
      systemctl start apt-daily.timer apt-daily-upgrade.timer
      mkdir -p /root/repo && cd /root/repo && printf '${packages.replaceAll('\n', '\\n')}' >Packages
      printf 'Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nVersion: 12\nDate: %s\nSHA256:\n %s %s Packages\n' \
        "$(date -Ru | sed 's/+0000/UTC/')" "$(sha256sum <Packages | cut -d ' ' -f 1)" "$(wc -c <Packages)" >Release
      echo 'deb [trusted=yes] file:/root/repo ./' >/etc/apt/sources.list
      apt-get update >/dev/null 2>&1
      printf 'base-files\n' >/run/reboot-required.pkgs; : >/run/reboot-required`)
    const one = await seen()
    expect(says(one, 'fail2ban')).toMatch(
      /^fail not port 22 \|.*for 10022 \| \/etc\/fail2ban\/jail\.local, line 2: port = 10022$/,
    )
    expect(says(one, 'auto-updates')).toMatch(/^pass on/)
    expect(says(one, 'pending-updates')).toBe(
      "fail 1 waiting | apt's lists are 0 h old | 1 updates in all | base-files: 99, Debian-Security:12/stable-security",
    )
    expect(says(one, 'reboot')).toMatch(/^fail for base-files/)
    await server.must('systemctl stop fail2ban; rm -f /run/reboot-required*')
    expect(says(await seen(), 'fail2ban')).toBe('fail installed, and does not run')
    await server.must(
      'mkdir /root/away; mv /usr/bin/fail2ban-client /usr/bin/unattended-upgrade /root/away; rm -f /usr/bin/unattended-upgrades',
    )
    const absent = await seen()
    expect(says(absent, 'fail2ban')).toBe('notapplicable not installed')
    expect(says(absent, 'auto-updates')).toBe('fail unattended-upgrades is not installed')
    await server.must('mv /root/away/* /usr/bin/')
  })

  test('services are told as they are set up', async () => {
    const fresh = await seen()
    expect(says(fresh, 'mail-relay')).toMatch(/^pass refused \| mynetworks = 127\.0\.0\.0\/8 /)
    expect(says(fresh, 'ftp')).toMatch(/^fail no TLS \| \/etc\/vsftpd\.conf, line \d+: anonymous_enable=NO/)
    expect(says(fresh, 'aide')).toMatch(/^fail no database/)
    expect(says(fresh, 'clamav')).toMatch(/^fail no definitions/)
    await server.must(`
      mkdir -p /var/lib/aide && : >/var/lib/aide/aide.db; : >/etc/cron.daily/my-aide
      : >/var/lib/clamav/daily.cvd; touch -d '9 days ago' /var/lib/clamav/daily.cvd
      sed -i 's/^ssl_enable=.*/ssl_enable=YES/' /etc/vsftpd.conf`)
    const changed = await seen()
    expect(says(changed, 'ftp')).toMatch(/^pass/)
    expect(says(changed, 'aide')).toMatch(/^pass database is 0 h old/)
    expect(says(changed, 'clamav')).toMatch(/^fail 9 days old/)
    await server.must('postconf -e mynetworks=192.0.2.77/32,0.0.0.0/0')
    expect(says(await seen(), 'mail-relay')).toMatch(/^fail mynetworks has 0\.0\.0\.0\/0/)
  })

  const KEYS = [
    'net/ipv4/conf/all/log_martians',
    'net/ipv4/conf/all/send_redirects',
    'net/ipv4/conf/lo/log_martians',
    'net/ipv4/conf/lo/send_redirects',
    'net/ipv4/conf/lo/accept_redirects',
  ]
  const NAMES = [
    ...KEYS,
    ...KEYS.map((key) => key.replaceAll('/', '.')),
    ...['net.ipv4.conf.*.log_martians', 'net/ipv4/conf/l?/send_redirects', 'net.ipv4.conf.[k-m]o.accept_redirects'],
    ...['net.ipv4.conf.[!a]*.log_martians', 'net.ipv4.*.lo.send_redirects'],
  ]
  const name = fc.constantFrom(...NAMES)
  const value = fc.integer({ min: 0, max: 3 })
  const line = fc.oneof(
    fc
      .tuple(name, value, fc.constantFrom('', '-'), fc.constantFrom(' = ', '=', '  =\t'))
      .map(([key, to, dash, sign]) => `${dash}${key}${sign}${to}`),
    fc.tuple(name, value).map(([key, to]) => `  ${key} = ${to}  `),
    name.map((key) => `-${key}`),
    name.map((key) => `# ${key} = 1`),
    name.map((key) => `;${key} = 1`),
  )
  const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d']
  const files = fc.uniqueArray(
    fc.record({
      folder: fc.constantFrom(...FOLDERS),
      base: fc.constantFrom('10-a.conf', '50-b.conf', '9-c.conf', 'Z.conf', 'a.conf'),
      lines: fc.array(line, { maxLength: 4 }),
    }),
    { maxLength: 6, selector: ({ folder, base }) => `${folder}/${base}` },
  )

  test('which line wins is what systemd-sysctl and sysctl --system make of the same files', async () => {
    const cases = fc.sample(files, { numRuns: 30, seed: Number(process.env.HARDTUI_SEED ?? 1) })
    const reset = KEYS.map((key) => `echo 7 >/proc/sys/${key}`).join('; ')
    const show = `cat ${KEYS.map((key) => `/proc/sys/${key}`).join(' ')} | tr '\\n' ' '; echo`
    const script = cases.map((all) =>
      [
        `rm -f ${FOLDERS.map((folder) => `${folder}/*.conf`).join(' ')}`,
        ...all.map(
          ({ folder, base, lines }) => `printf '%s\\n' ${lines.map((one) => `'${one}'`).join(' ')} >${folder}/${base}`,
        ),
        `${reset}; /lib/systemd/systemd-sysctl >/dev/null 2>&1; ${show}`,
        `${reset}; sysctl --system >/dev/null 2>&1; ${show}`,
      ].join('\n'),
    )
    const printed = await server.must(`mkdir -p ${FOLDERS.join(' ')}; cd /\n${script.join('\n')}`)
    await server.must(
      `rm -f ${FOLDERS.map((folder) => `${folder}/*.conf`).join(' ')}; cd /proc/sys/net/ipv4/conf; echo 0 | tee all/log_martians default/log_martians eth0/log_martians lo/log_martians`,
    )
    const answers = printed.trim().split('\n')
    for (const [at, all] of cases.entries()) {
      const sorted = FOLDERS.flatMap((folder) => all.filter((one) => one.folder === folder))
      const paths = sorted.map(({ folder, base }) => `${folder}/${base}`)
      const lines = sorted.flatMap((one, of) =>
        (one.lines.length > 0 ? one.lines : ['']).flatMap(
          (raw, n) => readSysctlLine(paths[of] ?? '', n + 1, raw) ?? [],
        ),
      )
      const ours = (reader: SysctlReader): string =>
        KEYS.map((key) => decidesAtBoot(key, { reader, lines, paths })?.value ?? '7').join(' ')
      const theirs = answers.slice(at * 2, at * 2 + 2).map((one) => one.trim())
      expect([JSON.stringify(all), ...theirs]).toEqual([JSON.stringify(all), ours('systemd'), ours('procps')])
    }
  })

  test('a setting of the kernel goes the whole way, and back by a boot inside the window', async () => {
    const now = async (): Promise<string> =>
      (
        await server.must(
          `cd /proc/sys/net/ipv4/conf; cat all/log_martians default/log_martians; ls /etc/sysctl.d | grep -c hardtui || :`,
        )
      ).replaceAll('\n', ' ')
    expect(await now()).toBe('0 0 0')
    const applied = async (): Promise<Terminal> => {
      const on = await openPane(server, String(AREA_IDS.indexOf('rest') + 1), 'log-martians')
      await goToRow(on, 'log-martians', /▸ ✗ log-martians/)
      on.press(' ')
      await on.waitFor('fix staged')
      on.press('s')
      await on.waitFor('net.ipv4.conf.all.log_martians = 1')
      await applyStaged(on)
      return on
    }
    const one = await applied()
    expect(await now()).toBe('1 1 1')
    one.kill()
    await server.reboot()
    await until('the rollback', async () => (await now()) === '0 0 0', { timeoutMs: 20_000 })

    const again = await applied()
    await confirm(again)
    again.kill()
    expect(await now()).toBe('1 1 1')
  })
})
