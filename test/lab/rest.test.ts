// The rest of the routine on a real server: what is said is what the programs themselves say and do.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SysctlReader } from '../../src/services/areas/rest/facts.ts'
import { decidesAtBoot, readSysctlLine } from '../../src/services/areas/rest/kernel/sysctl-files.ts'
import type { Host } from '../../src/services/model/host.ts'
import { type Audit, audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn } from './operator.ts'
import type { Server } from './server.ts'

const PACKAGES = ['unattended-upgrades', 'fail2ban', 'chrony']

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

  test('dump', async () => {
    const one = await seen()
    if (one.reading.state !== 'present') throw new Error(JSON.stringify(one.reading))
    const { restChecks } = await import('../../src/services/areas/rest/checks.ts')
    console.log(
      JSON.stringify(
        one.reading.facts,
        (_k, v) => (v instanceof Map ? [...v] : v instanceof Set ? [...v] : v),
        1,
      ).slice(0, 9000),
    )
    for (const { id } of restChecks) console.log(id, one.verdict(id), one.details(id))
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
})
