const table = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .match(/\S+ \d+/g)
      ?.map((pair) => pair.split(' ') as [string, string])
      .map(([name, at]) => [name, Number(at)]),
  )

/** Names of types as nft(8) prints them (ICMP TYPE TYPE, ICMPV6 TYPE TYPE). */
const TYPES = {
  icmp: table(
    'echo-reply 0 destination-unreachable 3 source-quench 4 redirect 5 echo-request 8 router-advertisement 9 ' +
      'router-solicitation 10 time-exceeded 11 parameter-problem 12 timestamp-request 13 timestamp-reply 14 ' +
      'info-request 15 info-reply 16 address-mask-request 17 address-mask-reply 18',
  ),
  icmpv6: table(
    'destination-unreachable 1 packet-too-big 2 time-exceeded 3 parameter-problem 4 echo-request 128 echo-reply 129 ' +
      'mld-listener-query 130 mld-listener-report 131 mld-listener-done 132 mld-listener-reduction 132 ' +
      'nd-router-solicit 133 nd-router-advert 134 nd-neighbor-solicit 135 nd-neighbor-advert 136 nd-redirect 137 ' +
      'router-renumbering 138 ind-neighbor-solicit 141 ind-neighbor-advert 142 mld2-listener-report 143',
  ),
} as const

/** The number of an ICMP type or code by name or number; null for a name that is not known here. */
export function icmpNumber(protocol: 'icmp' | 'icmpv6', part: 'type' | 'code', text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  return part === 'type' ? (TYPES[protocol].get(text) ?? null) : null
}
