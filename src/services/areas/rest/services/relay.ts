/** Who may send mail to anybody by this server: nobody unknown, everybody, or what a list that only Postfix can ask says. */
export type Relay = { readonly open: 'no' | 'yes' } | { readonly open: 'depends'; readonly on: string }

/** Restrictions that end a list with a refusal for a recipient that is none of this server's (postconf(5)). */
const CLOSES: ReadonlySet<string> = new Set([
  ...['reject_unauth_destination', 'defer_unauth_destination', 'reject', 'defer', 'check_relay_domains'],
])
/** Lists, programs and facts of a recipient's domain by which somebody may pass. */
const ASKS =
  /^(?:check_\w+_access|check_policy_service|permit_dnswl_client|permit_rhswl_client|permit_mx_backup|permit_naked_ip_address)$/

/** What becomes of a stranger's mail to a recipient elsewhere in one list: the first that decides does, and its end lets pass. */
function decide(list: string): Relay {
  let asked: string | null = null
  for (const word of list.split(/[,\s]+/)) {
    if (CLOSES.has(word)) return asked === null ? { open: 'no' } : { open: 'depends', on: asked }
    if (word === 'permit') return { open: 'yes' }
    if (ASKS.test(word)) asked ??= word
  }
  return { open: 'yes' }
}

/** Both lists have to let it pass. */
export function relayOf(relay: string, recipient: string): Relay {
  const both = [decide(relay), decide(recipient)]
  return both.find(({ open }) => open === 'no') ?? both.find(({ open }) => open === 'depends') ?? { open: 'yes' }
}
