import { type Safe, say } from '../../model/safe.ts'

/** Systems whose sshd has no libwrap, and since which version. */
const SYSTEMS: readonly { readonly name: RegExp; readonly from: number; readonly words: Safe }[] = [
  { name: /^Fedora\b/, from: 28, words: say`Fedora builds sshd without libwrap since 28.` },
  {
    name: /^(Red Hat|CentOS|Rocky|AlmaLinux|Oracle Linux)\b/,
    from: 8,
    words: say`RHEL, and what is made from it, builds sshd without libwrap since 8.`,
  },
  { name: /^Arch\b/, from: 0, words: say`Arch Linux took TCP wrappers out in July 2011.` },
]

/** Since when the sshd of a system (PRETTY_NAME of os-release(5)) that has no libwrap has none, as far as that is known. */
export function withoutSince(os: Safe): Safe {
  const version = Number(/\d+/.exec(os)?.[0] ?? 0)
  return (
    SYSTEMS.find(({ name, from }) => name.test(os) && version >= from)?.words ??
    say`OpenSSH itself dropped libwrap in 6.7; Debian, and what is made from it, builds it in again.`
  )
}
