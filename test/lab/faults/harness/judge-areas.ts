// What of the judge's world says how the kernel treats packets, and what BIND does: by what they do, not by their files.
import type { DnsAnswer, DnsQuestion } from '../../../../src/services/model/dns.ts'
import { type FileBytes, textOf } from '../../../../src/services/model/file-bytes.ts'
import { askerIn, STRANGER } from '../../dns-asker.ts'
import { ADDRESSES } from '../../paths.ts'
import type { Server } from '../../server.ts'
import type { World } from './judge.ts'
import { OWN_ZONE } from './parts-of-areas.ts'

/** Settings of the kernel, a line each: path below /proc/sys, blank, value. Not those of other areas, nor what no file sets. */
const READ_SETTINGS = `cd /proc/sys && grep -s -H '' net/ipv4/tcp_syncookies net/ipv4/ip_forward \
  net/ipv4/icmp_echo_ignore_broadcasts net/ipv4/conf/*/* net/ipv6/conf/*/forwarding net/ipv6/conf/*/accept_redirects \
  net/ipv6/conf/*/accept_source_route | sed -e 's/:/ /' -e 's/^/sysctl:/'`

/** Where named listens; not at addresses of one link, which come and go with it. */
const READ_NAMED = `if [ -x /usr/sbin/named ]; then
  echo "named.service $(systemctl is-active named)"
  echo "named:listens $(ss -Hltunp | grep '"named"' | awk '{ print $5 }' | grep -v '^\\[fe80' | sort -u | tr '\\n' ' ' | sed 's/ $//')"
  ip route replace ${STRANGER.v4} via ${ADDRESSES.client.v4}
fi`

/** Settings and BIND, as lines of a name and a value. */
export async function readAreas(server: Server): Promise<string> {
  const text = await server.must(`${READ_NAMED}; ${READ_SETTINGS}`, { timeoutMs: 30_000 })
  return text.startsWith('named.service') ? `${text.trimEnd()}\n${await answersOf(server)}` : text
}

/** A base for the settings: shell that puts back those that are otherwise. */
export const SAVE_SETTINGS = `{ ${READ_SETTINGS}; } | sed -n 's,^sysctl:\\([^ ]*\\) \\([0-9]*\\)$,[ "$(cat /proc/sys/\\1)" = \\2 ] || echo \\2 >/proc/sys/\\1,p'`

/** Says whether names are looked up for whoever asks (RA), and whether the zone is still served. */
const QUESTION: DnsQuestion = { name: OWN_ZONE, type: 'SOA', recursive: true }

async function answersOf(server: Server): Promise<string> {
  const asker = askerIn(server.client)
  const ask = (from?: string): Promise<DnsAnswer> =>
    asker.ask(QUESTION, {
      address: ADDRESSES.server.v4,
      transport: 'udp',
      timeoutMs: 2_000,
      ...(from === undefined ? {} : { from }),
    })
  try {
    const [stranger, neighbour] = await Promise.all([ask(STRANGER.v4), ask()])
    return `named:stranger ${wordsOf(stranger)}\nnamed:neighbour ${wordsOf(neighbour)}\n`
  } finally {
    asker.end()
  }
}

const wordsOf = (answer: DnsAnswer): string =>
  answer.state === 'answered'
    ? `${answer.recursion ? 'recursion' : 'no recursion'}, ${answer.authoritative ? 'its own' : 'not its own'}, ${answer.code}, ${answer.answers}`
    : answer.state

/**
 * What the kernel has to run with once our file of sysctl.d(5) holds that. Interfaces that nobody has set take over what is
 * set for new ones (`default`), by the kernel's own doing.
 */
export function settingsOf(
  text: FileBytes,
  before: World,
): ReadonlyMap<string, (value: string | undefined) => boolean> {
  const lines = textOf(text)
    .split('\n')
    .flatMap((line): [string, string][] => {
      const [, name = '', value = ''] = /^-?(net\S+) = (\d+)$/.exec(line) ?? []
      return name ? [[name.includes('/') ? name : name.replaceAll('.', '/'), value]] : []
    })
  const wanted = new Map(lines)
  const tests = new Map<string, (value: string | undefined) => boolean>()
  for (const [key, value] of wanted) {
    const [, family, setting] = /^(net\/ipv[46]\/conf)\/default\/(\w+)$/.exec(key) ?? []
    for (const [name, was] of family ? before : []) {
      if (!name.startsWith(`sysctl:${family}/`) || !name.endsWith(`/${setting}`)) continue
      tests.set(name, (now) => now === was || (now === value && !name.includes('/all/')))
    }
  }
  for (const [key, value] of wanted) tests.set(`sysctl:${key}`, (now) => now === value)
  return tests
}
