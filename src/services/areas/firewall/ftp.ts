import type { FirewallFacts, FtpConfig } from '../../model/firewall.ts'
import { linesOf } from '../parts.ts'

type Words = { readonly file: string; readonly keyword: string; readonly values: readonly string[] }

/** One line of `grep -H`: `/etc/vsftpd.conf:pasv_min_port=10030`. */
function read(line: string): Words {
  const colon = line.indexOf(':')
  const [keyword = '', ...values] = line
    .slice(colon + 1)
    .trim()
    .split(/[\s=]+/)
  return { file: line.slice(0, colon), keyword: keyword.toLowerCase(), values }
}

const port = (text: string | undefined): number | null => {
  const number = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0
  return number > 0 && number < 65536 ? number : null
}

const range = (from: number | null, to: number | null): FtpConfig['passive'] =>
  from !== null && to !== null && from <= to ? { from, to } : null

/**
 * Reads what the probe found in the configuration of vsftpd.conf(5), proftpd and pure-ftpd(8): control port and passive
 * range. The last line of a keyword counts, as those programs have it.
 */
export function parseFtp(text: string): readonly FtpConfig[] {
  const found = linesOf(text).map(read)
  const last = (file: RegExp, keyword: string): readonly string[] | undefined =>
    found.findLast((one) => file.test(one.file) && one.keyword === keyword)?.values
  const servers: FtpConfig[] = []
  if (found.some(({ file }) => /vsftpd/.test(file))) {
    const value = (keyword: string): number | null => port(last(/vsftpd/, keyword)?.[0])
    const passive = range(value('pasv_min_port'), value('pasv_max_port'))
    servers.push({ program: 'vsftpd', port: value('listen_port') ?? 21, passive })
  }
  if (found.some(({ file }) => /proftpd/.test(file))) {
    const ports = last(/proftpd/, 'passiveports')
    const passive = range(port(ports?.[0]), port(ports?.[1]))
    servers.push({ program: 'proftpd', port: port(last(/proftpd/, 'port')?.[0]) ?? 21, passive })
  }
  if (found.some(({ file }) => /pure-ftpd/.test(file))) {
    // The whole line is the value there: `30000 50000`.
    const line = found.find(({ file }) => file.endsWith('/PassivePortRange'))
    servers.push({ program: 'pure-ftpd', port: 21, passive: range(port(line?.keyword), port(line?.values[0])) })
  }
  return servers
}

/** Reads which of the helper's modules are loaded (/proc/modules), and which files load them at boot (modules-load.d(5)). */
export function parseFtpHelper(text: string): FirewallFacts['ftpHelper'] {
  const lines = linesOf(text)
  return { loaded: lines.includes('nf_conntrack_ftp'), atBoot: lines.some((line) => line.includes('/')) }
}
