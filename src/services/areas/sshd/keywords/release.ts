/** `9.2` of `OpenSSH_9.2p1 Debian-2+deb12u3`, as numbers; null where a text names no release. */
export function releaseOf(version: string | null): readonly [major: number, minor: number] | null {
  const match = /OpenSSH_(?:[A-Za-z_]+_)?(\d+)\.(\d+)/.exec(version ?? '')
  return match ? [Number(match[1]), Number(match[2])] : null
}

/** Whether a version is an older one than a release (`8.7`); one that is not known is taken for a present one. */
export function isBefore(version: string | null, release: string): boolean {
  const seen = releaseOf(version)
  if (!seen) return false
  const [major = 0, minor = 0] = release.split('.').map(Number)
  return seen[0] < major || (seen[0] === major && seen[1] < minor)
}
