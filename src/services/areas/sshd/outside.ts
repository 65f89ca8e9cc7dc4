import type { Check, Verdict } from '../../model/area.ts'
import type { HostFacts, Offer } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts, SshdSetting } from '../../model/sshd.ts'
import { readPublicKey } from './accounts/blob.ts'
import { joined, namesOf } from './judge.ts'
import { valuesOf } from './parse.ts'

/** The keywords whose lists a client is told before it logs in, and where they stand in an offer. */
const LISTS = [
  ['KexAlgorithms', 'kex'],
  ['Ciphers', 'cipher'],
  ['MACs', 'mac'],
  ['HostKeyAlgorithms', 'hostKey'],
] as const

/** What an offer has beyond the settings, and what of them it lacks. */
type Difference = {
  readonly keyword: (typeof LISTS)[number][0]
  readonly more: readonly string[]
  readonly less: readonly string[]
}

function differences(settings: readonly SshdSetting[], offer: Offer): readonly Difference[] | null {
  const found: Difference[] = []
  for (const [keyword, of] of LISTS) {
    const [setting] = namesOf(keyword).flatMap((name) => valuesOf(settings, name))
    if (!setting) return null
    const set = setting.value.split(',')
    const more = offer[of].filter((one) => !set.includes(one))
    // Of host keys those are offered that there are.
    const less = of === 'hostKey' ? [] : set.filter((one) => !offer[of].includes(one))
    if (more.length + less.length > 0) found.push({ keyword, more, less })
  }
  return found
}

const words = (list: readonly string[]): Safe => safe(list.slice(0, 12).join(' '), 200)
const differenceWords = ({ keyword, more, less }: Difference): Safe =>
  say`${safe(keyword)}:${more.length > 0 ? say` beyond the settings ${words(more)}` : say``}${less.length > 0 ? say` not offered ${words(less)}` : say``}`

/** The host keys that were named: `ED25519 256 SHA256:…`. */
export function keysNamed({ keys }: Offer): readonly Safe[] {
  return keys.map((blob) => {
    const key = readPublicKey(typeOf(blob), blob)
    return typeof key === 'string' ? key : say`${safe(key.kind.toUpperCase())} ${key.bits} ${safe(key.fingerprint)}`
  })
}

/** The type that a blob begins with (RFC 4253, 6.6). */
function typeOf(blob: string): string {
  const bytes = Buffer.from(blob, 'base64')
  const size = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0
  return bytes.toString('latin1', 4, 4 + Math.min(size, 64))
}

/** What a login was offered where a keyword stands for it; null for other keywords, and where nothing was heard. */
export function offeredOf(keyword: string, offers: readonly Offer[]): Safe | null {
  const of = LISTS.find(([name]) => name === keyword)?.[1]
  const [last] = offers
  if (!of || !last) return null
  return safe(last[of].join(' '), 800)
}

const NOT_HEARD: Verdict = { outcome: 'unknown', observed: say`what a login is offered was not heard` }

function judge({ settings }: SshdFacts, { offers = [] }: HostFacts): Verdict {
  const [last] = offers
  if (!last) return NOT_HEARD
  const found = offers.map((offer) => differences(settings, offer))
  if (found.includes(null)) return { outcome: 'unknown', observed: say`sshd -T does not name its algorithms` }
  // A change that was rolled back since leaves the older login as the one that knows.
  const alike = offers.find((_offer, at) => found[at]?.length === 0)
  if (alike) {
    const when = alike === last ? say`` : say`, to an earlier login`
    return { outcome: 'pass', observed: say`${countsOf(alike)}${when}`, details: hostKeysOf(alike) }
  }
  return {
    outcome: 'unknown',
    observed: say`other algorithms than the settings say, to the last login`,
    details: [
      ...(found[0] ?? []).map(differenceWords),
      say`either sshd was not told to read its files again, or it was after this login: the next login shows which`,
      ...hostKeysOf(last),
    ],
  }
}

const hostKeysOf = (offer: Offer): readonly Safe[] => keysNamed(offer).map((one) => say`host key ${one}`)

/** `11 key exchanges, 6 ciphers, 10 MACs; RSA 3072, ED25519 256` */
function countsOf(offer: Offer): Safe {
  const counts = say`${offer.kex.length} key exchanges, ${offer.cipher.length} ciphers, ${offer.mac.length} MACs`
  const sizes = keysNamed(offer).map((one) => safe(one.split(' ').slice(0, 2).join(' ')))
  return sizes.length === 0 ? counts : say`${counts}; ${joined(sizes, say`, `)}`
}

/** What sshd says of itself from outside, beside what its settings say. */
export const offered: Check<SshdFacts> = {
  id: 'SSH-offered',
  severity: 'low',
  title: 'Offers other algorithms than its settings say',
  expected: 'what the settings say',
  rationale:
    'Settings are judged by the files as sshd would read them now. What a client meets is what the running sshd read when it was started or told to: an edit without a reload changes nothing outside.',
  references: ['RFC 4253 section 7.1', 'sshd(8)'],
  judge,
  noFix: 'a reload (systemctl reload ssh) makes sshd read its files; they are tried first by sshd -t',
}
