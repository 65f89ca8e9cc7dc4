import { readEnd, same } from '../../model/addresses.ts'
import type { Merged, Seen } from '../../model/editing.ts'
import type { HostFacts, LoginNeeds } from '../../model/host.ts'
import type { Blocker, WhatIf } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts, SshdSetting } from '../../model/sshd.ts'
import { rootAnswer } from './accounts/admins.ts'
import { strictModesKeep } from './accounts/own-door.ts'
import { accountOf, groupsOf } from './accounts/usable.ts'
import { keysFor } from './admin.ts'
import { admission } from './admission.ts'
import { valuesOf } from './parse.ts'
import { newAdmins, type Trial } from './trial.ts'

type Settings = readonly SshdSetting[]
type Answer = { readonly answer: WhatIf['answer']; readonly because: Safe }

/** What sshd keeps an address out for at most by itself, in seconds (PerSourcePenalties, sshd_config(5)). */
const LONG_PENALTY = 600

/** Session channels that the console has open at once: the log, what is read, what is changed. */
const CHANNELS = 3

const first = (settings: Settings, ...names: readonly string[]): string | undefined =>
  names.flatMap((name) => valuesOf(settings, name))[0]?.value
const list = (settings: Settings, ...names: readonly string[]): readonly string[] | null =>
  first(settings, ...names)?.split(',') ?? null

const yes = (because: Safe): Answer => ({ answer: 'yes', because })
const no = (because: Safe): Answer => ({ answer: 'no', because })
const unsure = (because: Safe): Answer => ({ answer: 'unsure', because })

/** Signatures that a key can be used with (RFC 8332 for RSA). */
const signaturesOf = (type: string): readonly string[] =>
  type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]

/** Whether sshd would take what let this login in. */
function proves(settings: Settings, { methods, keys }: LoginNeeds, isRoot: boolean): Answer {
  const root = first(settings, 'permitrootlogin')
  if (isRoot && root === 'forced-commands-only') return no(say`PermitRootLogin forced-commands-only`)
  const noRootPassword = isRoot && (root === 'without-password' || root === 'prohibit-password')
  for (const method of methods) {
    if (method === 'publickey') {
      if (first(settings, 'pubkeyauthentication') === 'no') return no(say`PubkeyAuthentication no`)
      const bad = keys.map((key) => takes(settings, key)).find(({ answer }) => answer !== 'yes')
      if (bad) return bad
    } else if (noRootPassword) return no(say`PermitRootLogin ${safe(root ?? '')}, and you came by ${safe(method)}`)
    else if (method === 'password' && first(settings, 'passwordauthentication') === 'no')
      return no(say`PasswordAuthentication no, and you came by password`)
    else if (
      method === 'keyboard-interactive' &&
      first(settings, 'kbdinteractiveauthentication', 'challengeresponseauthentication') === 'no'
    )
      return no(say`KbdInteractiveAuthentication no, and you came by keyboard-interactive`)
  }
  return enough(settings, methods)
}

/** Whether a key is of a kind and size that sshd accepts. */
function takes(settings: Settings, { type, bits }: LoginNeeds['keys'][number]): Answer {
  const accepted = list(settings, 'pubkeyacceptedalgorithms', 'pubkeyacceptedkeytypes')
  if (accepted && !signaturesOf(type).some((one) => accepted.includes(one)))
    return no(say`PubkeyAcceptedAlgorithms leaves out ${safe(type)}, which your key is`)
  const least = Number(first(settings, 'requiredrsasize') ?? 0)
  if (bits !== null && bits < least) return no(say`RequiredRSASize ${least}, and your key is RSA of ${bits} bits`)
  return yes(say``)
}

/** Whether the methods that let this login in would be all that is asked for (AuthenticationMethods). */
function enough(settings: Settings, methods: readonly string[]): Answer {
  const ways = valuesOf(settings, 'authenticationmethods').flatMap(({ value }) => value.split(' '))
  if (ways.length === 0 || ways.includes('any')) return yes(say``)
  const steps = ways.map((way) => way.split(',').map((step) => step.split(':')[0] ?? ''))
  if (steps.some((way) => way.length === methods.length && way.every((step, at) => step === methods[at])))
    return yes(say``)
  const words = safe(ways.join(' '), 120)
  return steps.some((way) => methods.every((method) => way.includes(method)))
    ? unsure(say`AuthenticationMethods ${words} asks for more than you came by`)
    : no(say`AuthenticationMethods ${words} leaves out what you came by (${safe(methods.join(', '))})`)
}

/** Ciphers that bring their own integrity, so that no MAC is agreed on (RFC 5647, chacha20-poly1305). */
const isAead = (cipher: string): boolean => /gcm@|^chacha20-poly1305@/.test(cipher)

/** Whether this client and sshd would still find algorithms in common. */
function agrees(settings: Settings, { can }: LoginNeeds): Answer {
  const lists = [
    ['KexAlgorithms', list(settings, 'kexalgorithms'), can.kex],
    ['Ciphers', list(settings, 'ciphers'), can.cipher],
    ['HostKeyAlgorithms', list(settings, 'hostkeyalgorithms'), can.hostKey],
  ] as const
  for (const [name, offered, ours] of lists)
    if (offered && !offered.some((one) => ours.includes(one)))
      return no(say`${safe(name)} leaves nothing that this console can use with this server`)
  const ciphers = list(settings, 'ciphers')?.filter((one) => can.cipher.includes(one)) ?? []
  const macs = list(settings, 'macs')
  if (macs && ciphers.length > 0 && !ciphers.some(isAead) && !macs.some((one) => can.hmac.includes(one)))
    return no(say`MACs leaves nothing that this console can use`)
  return yes(say``)
}

/** Whether what comes after the login is left: a shell, and enough sessions. */
function works(settings: Settings): Answer {
  const forced = first(settings, 'forcecommand') ?? 'none'
  if (forced !== 'none') return no(say`ForceCommand ${safe(forced, 80)} gives no shell`)
  const sessions = Number(first(settings, 'maxsessions') ?? CHANNELS)
  if (sessions < CHANNELS) return no(say`MaxSessions ${sessions}, and this console needs ${CHANNELS}`)
  const startups = Number.parseInt(first(settings, 'maxstartups') ?? '10', 10)
  if (startups < CHANNELS)
    return unsure(say`MaxStartups ${safe(first(settings, 'maxstartups') ?? '')} may turn you away`)
  const source = Number(first(settings, 'persourcemaxstartups') ?? 'NaN')
  if (source < CHANNELS) return unsure(say`PerSourceMaxStartups ${source} may turn you away`)
  const longest = Number(/(?:^| )max:(\d+)/.exec(first(settings, 'persourcepenalties') ?? '')?.[1] ?? 0)
  if (longest > LONG_PENALTY)
    return unsure(say`PerSourcePenalties may keep your address out for ${longest} s once logins from it have failed`)
  const chroot = first(settings, 'chrootdirectory') ?? 'none'
  if (chroot !== 'none') return unsure(say`ChrootDirectory ${safe(chroot, 80)} may hold no shell`)
  return yes(say``)
}

/**
 * Whether sshd would listen where this session came in, whatever the port. `::` is every address of IPv6 alone: sshd sets
 * IPV6_V6ONLY. Where a socket unit listens its addresses mean nothing.
 */
function listens({ socketActivated }: SshdFacts, settings: Settings, { session }: HostFacts): Answer {
  const here = readEnd(session.serverAddress.split('%')[0] ?? '')
  const addresses = valuesOf(settings, 'listenaddress').map(({ value }) =>
    value.replace(/:\d+( rdomain .*)?$/, '').replace(/^\[|\]$/g, ''),
  )
  if (socketActivated || addresses.length === 0 || here === null) return yes(say``)
  const ends = addresses.map((address) => readEnd(address.split('%')[0] ?? ''))
  const every = typeof here === 'number' ? '0.0.0.0' : '::'
  if (addresses.includes(every) || ends.some((end) => end !== null && same(end, here))) return yes(say``)
  return ends.includes(null)
    ? unsure(say`ListenAddress ${safe(addresses.join(' '), 120)} may leave out ${safe(session.serverAddress)}`)
    : no(say`ListenAddress leaves out ${safe(session.serverAddress)}`)
}

/** What could not be told from settings alone: where the key is looked for, and what modes it may have. */
function finds(
  { accounts }: SshdFacts,
  user: string,
  settings: Settings,
  changed: readonly string[],
  needs: LoginNeeds,
): Answer {
  if (!needs.methods.includes('publickey')) return yes(say``)
  // What StrictModes looks at was read: its word is known beforehand.
  const strict = changed.includes('strictmodes') && first(settings, 'strictmodes') === 'yes' && accounts
  const kept = strict ? strictModesKeep(strict, user, needs) : null
  if (kept?.answer === 'no') return no(say`StrictModes: ${kept.why}`)
  const moved = changed.find(
    (keyword) => MOVES_KEYS.has(keyword) && !(keyword === 'strictmodes' && kept?.answer === 'yes'),
  )
  if (moved === undefined) return yes(say``)
  return unsure(say`${MOVES_KEYS.get(moved) ?? say``} changes: whether your key is found then, a new login will show`)
}

const MOVES_KEYS: ReadonlyMap<string, Safe> = new Map([
  ['authorizedkeysfile', say`AuthorizedKeysFile`],
  ['authorizedkeyscommand', say`AuthorizedKeysCommand`],
  ['strictmodes', say`StrictModes`],
  ['trustedusercakeys', say`TrustedUserCAKeys`],
  ['authorizedprincipalsfile', say`AuthorizedPrincipalsFile`],
])

/** The answers of the lock-out guard for one person's settings, the worst first. */
function answers(facts: SshdFacts, host: HostFacts, settings: Settings, changed: readonly string[]): readonly Answer[] {
  const { answer, why } = admission({ ...facts, settings }, host)
  const { needs } = host
  const isRoot = host.login.uid === 0
  const found: readonly Answer[] = [
    { answer: answer === 'unknown' ? 'unsure' : answer, because: why },
    listens(facts, settings, host),
    works(settings),
    ...(needs
      ? [
          proves(settings, needs, isRoot),
          agrees(settings, needs),
          finds(facts, host.login.user, settings, changed, needs),
        ]
      : [unsure(say`how you came in is not known`)]),
  ]
  return found.filter((one) => one.answer !== 'yes').toSorted((a, b) => RANK[a.answer] - RANK[b.answer])
}

const RANK: Readonly<Record<WhatIf['answer'], number>> = { no: 0, unsure: 1, yes: 2 }

/**
 * Whether this operator's next login would still come in and work, by sshd's own word on the changed files. What keeps him
 * out already, and would go on doing so, is shown and blocks nothing: no change of his made it.
 */
export function guardLogin(trial: Trial, merged: Pick<Merged<'sshd'>, 'base' | 'after'>, { host }: Pick<Seen, 'host'>) {
  const facts = merged.base
  const own = trial.people.find(({ view }) => view.you)
  if (!own) return { whatIf: [], blockers: [] }
  const question = say`your next login (${host.login.user} from ${safe(host.session.clientAddress)})`
  const after = answers(facts, host, own.after, own.changed)
  const before = answers(facts, host, own.before, []).map(({ because }) => because)
  const whatIf: readonly WhatIf[] =
    after.length === 0
      ? [{ of: 'login', answer: 'yes', question, because: howIn(host) }]
      : after.map((one) => ({ of: 'login', question, ...one }))
  const successors = newAdmins(merged).flatMap((name) => guardSuccessor(trial, merged, host, name) ?? [])
  // Root who makes an account for himself, and can come in by it, may close his own door: the proof is made as that one.
  if (host.login.uid === 0 && successors.some(({ blockers }) => blockers.length === 0))
    return {
      whatIf: [
        ...successors.flatMap((one) => one.whatIf),
        ...whatIf.map((one) =>
          one.answer === 'no' ? { ...one, because: say`${one.because}: the new account takes your place` } : one,
        ),
      ],
      blockers: successors.flatMap((one) => one.blockers),
    }
  const blockers = after
    .filter(({ answer, because }) => answer === 'no' && !before.includes(because))
    .map(
      ({ because }): Blocker => ({
        kind: 'lock-out',
        message: say`This locks you out: ${because}.`,
        next: say`Stage what lets you in first, or type the host's name when applying to go on regardless.`,
      }),
    )
  return {
    whatIf: [...successors.flatMap((one) => one.whatIf), ...whatIf],
    blockers: [...blockers, ...successors.flatMap((one) => one.blockers)],
  }
}

/** Whether an account that is made would come in by its keys, from where the operator is; null where nobody can say. */
function guardSuccessor(trial: Trial, { after }: Pick<Merged<'sshd'>, 'after'>, host: HostFacts, name: string) {
  const person = trial.people.find(({ view }) => !view.you && view.user === name)
  const account = after.accounts && accountOf(after.accounts, name)
  const question = say`the next login as ${safe(name)} (from ${safe(host.session.clientAddress)}, by your key)`
  const { needs } = host
  if (!person || !account || !after.accounts || !needs) return null
  const groups = groupsOf(after.accounts, account)
  const facts = {
    ...after,
    groups: groups.state === 'known' ? groups.value : null,
    account: 'locked' as const,
  }
  // He has all of them: one that sshd takes is enough.
  const keys = keysFor(host)
  const taken = keys.filter((key) => takes(person.after, key).answer === 'yes')
  const he: HostFacts = {
    ...host,
    login: { ...host.login, user: safe(name), uid: account.uid },
    needs: { ...needs, methods: ['publickey'], keys: taken.length > 0 ? taken : keys },
  }
  const root = rootAnswer(after.accounts, name)
  const found: readonly Answer[] = [
    ...answers(facts, he, person.after, []),
    ...(root.answer === 'yes'
      ? []
      : [
          root.answer === 'no'
            ? no(say`it can't become root: ${root.why}`)
            : unsure(say`whether it becomes root: ${root.why}`),
        ]),
  ]
  const whatIf: readonly WhatIf[] =
    found.length === 0
      ? [{ of: 'login', answer: 'yes', question, because: howIn(he) }]
      : found.map((one) => ({ of: 'login', question, ...one }))
  const blockers = found
    .filter(({ answer }) => answer === 'no')
    .map(
      ({ because }): Blocker => ({
        kind: 'lock-out',
        message: say`${safe(name)} could not take your place: ${because}.`,
        next: say`Stage what lets him in first, or type the host's name when applying to go on regardless.`,
      }),
    )
  return { whatIf, blockers }
}

const howIn = ({ needs }: HostFacts): Safe => {
  const [key] = needs?.keys ?? []
  const method = key ? say`by key (${safe(key.type)})` : say`by ${safe(needs?.methods.join(', ') ?? 'what let you in')}`
  return say`sshd would let you in ${method}`
}
