import { type Safe, say } from '../../services/model/safe.ts'

/** Chains that other programs own and rewrite, by how their names begin. */
const OWNERS: readonly (readonly [RegExp, Safe])[] = [
  [/^f2b-|^fail2ban-/, say`fail2ban`],
  [/^DOCKER/, say`docker`],
  [/^KUBE-/, say`kubernetes`],
  [/^cali-/, say`calico`],
  [/^CNI-|^FLANNEL-|^WEAVE/, say`container network`],
  [/^ufw6?-/, say`ufw`],
  [/^LIBVIRT_/, say`libvirt`],
  [
    /^(?:IN_|FWD_|FWDI_|FWDO_|POST_|PRE_)|^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(?:direct|ZONES)/,
    say`firewalld`,
  ],
  [/^sshguard/, say`sshguard`],
  [/^crowdsec|^CROWDSEC/, say`crowdsec`],
  [/^ts-/, say`tailscale`],
]

/** The program a chain belongs to, or null where it is the operator's. */
export const ownerOfChain = (name: string): Safe | null => OWNERS.find(([pattern]) => pattern.test(name))?.[1] ?? null
