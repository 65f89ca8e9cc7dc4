import { fail, ok, type Result } from '../model/errors.ts'
import type { LoginMethod, LoginPolicy } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { ALGORITHMS } from './algorithms.ts'
import { HOST_KEY_ALGORITHMS } from './known-hosts.ts'

const METHODS: readonly LoginMethod[] = ['publickey', 'keyboard-interactive', 'password']

/** What ssh(1) does where no configuration says otherwise. */
export const DEFAULT_POLICY: LoginPolicy = {
  unknownHostKey: 'ask',
  revokedHostKeys: null,
  methods: METHODS,
  passwordPrompts: 3,
  batch: false,
  requiredRsaSize: 1024,
  allowed: { hostKey: null, kex: null, cipher: null, hmac: null, publicKey: null },
}

/** Reads one value of `ssh -G`, by its keyword in lower case; null where it says nothing. */
type Value = (key: string) => string | null

const list = (value: string | null): readonly string[] | null => value?.split(',').filter((one) => one !== '') ?? null
const isOn = (value: string | null): boolean => value === null || value === 'yes' || value === 'true'

const UNKNOWN_HOST_KEY: Readonly<Record<string, LoginPolicy['unknownHostKey']>> = {
  yes: 'refuse',
  true: 'refuse',
  ask: 'ask',
  'accept-new': 'accept',
  no: 'accept',
  off: 'accept',
  false: 'accept',
}

/** What has a list of ours and one of ssh_config(5): one that leaves nothing makes every login fail. */
const LISTS = [
  ['hostKey', 'HostKeyAlgorithms', HOST_KEY_ALGORITHMS],
  ['kex', 'KexAlgorithms', ALGORITHMS.kex],
  ['cipher', 'Ciphers', ALGORITHMS.cipher],
  ['hmac', 'MACs', ALGORITHMS.hmac],
] as const

/**
 * The security settings of ssh_config(5) as `ssh -G` prints them. What can't be obeyed here is an error of one sentence:
 * to pass over it would trust more than the operator told ssh to.
 */
export function readPolicy(value: Value): Result<LoginPolicy, Safe> {
  const command = value('knownhostscommand') ?? 'none'
  if (command !== 'none')
    return fail(
      say`ssh_config has KnownHostsCommand ${safe(command)}, which is not run here: give -o KnownHostsCommand=none and a known_hosts file with the key.`,
    )
  if (value('proxyusefdpass') === 'yes')
    return fail(
      say`ssh_config has ProxyUseFdpass, which can't be done here: give -o ProxyUseFdpass=no and a ProxyCommand that carries the bytes.`,
    )
  const strict = value('stricthostkeychecking') ?? 'ask'
  const unknownHostKey = UNKNOWN_HOST_KEY[strict]
  if (unknownHostKey === undefined)
    return fail(
      say`ssh_config has StrictHostKeyChecking ${safe(strict)}, which is not known here: give yes, ask or accept-new.`,
    )
  const allowed = {
    hostKey: list(value('hostkeyalgorithms')),
    kex: list(value('kexalgorithms')),
    cipher: list(value('ciphers')),
    hmac: list(value('macs')),
    publicKey: list(value('pubkeyacceptedalgorithms') ?? value('pubkeyacceptedkeytypes')),
  }
  for (const [name, keyword, ours] of LISTS) {
    const left = allowed[name]
    if (left !== null && !ours.some((one) => left.includes(one)))
      return fail(
        say`ssh_config's ${safe(keyword)} leaves nothing that this program has: allow ${safe(ours[0] ?? '')} too.`,
      )
  }
  const methods = methodsOf(value)
  if (methods.length === 0)
    return fail(
      say`ssh_config leaves no way to log in that this program has: allow publickey, keyboard-interactive or password.`,
    )
  const revoked = value('revokedhostkeys') ?? 'none'
  return ok({
    unknownHostKey,
    revokedHostKeys: revoked === 'none' ? null : revoked,
    methods,
    passwordPrompts: Number(value('numberofpasswordprompts') ?? DEFAULT_POLICY.passwordPrompts),
    batch: value('batchmode') === 'yes',
    requiredRsaSize: Number(value('requiredrsasize') ?? DEFAULT_POLICY.requiredRsaSize),
    allowed,
  })
}

function methodsOf(value: Value): readonly LoginMethod[] {
  const batch = value('batchmode') === 'yes'
  // PubkeyAuthentication has values besides yes and no (`unbound`, `host-bound`), all of which let keys be used.
  const on: Readonly<Record<LoginMethod, boolean>> = {
    publickey: value('pubkeyauthentication') !== 'no' && value('pubkeyauthentication') !== 'false',
    'keyboard-interactive':
      !batch && isOn(value('kbdinteractiveauthentication') ?? value('challengeresponseauthentication')),
    password: !batch && isOn(value('passwordauthentication')),
  }
  const wanted = list(value('preferredauthentications')) ?? METHODS
  return wanted.flatMap((name) => METHODS.filter((method) => method === name && on[method]))
}

/** Those of `ours` that the policy lets be used, in our order. */
export const allowedOf = (
  policy: LoginPolicy,
  name: keyof LoginPolicy['allowed'],
  ours: readonly string[],
): readonly string[] => {
  const { [name]: left } = policy.allowed
  return left === null ? ours : ours.filter((one) => left.includes(one))
}
