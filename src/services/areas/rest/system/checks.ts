import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { ClockFacts, MacFacts, SystemFacts } from '../facts.ts'

/** Words of the command line that switch it off at the next boot as at this one. */
const bootWords = ({ boot, config }: MacFacts): readonly Safe[] => [
  ...boot.map((word) => say`the kernel was started with ${word}`),
  ...(config ? [config.at] : []),
]

function judgeMac(mac: MacFacts): Verdict {
  const details = bootWords(mac)
  if (mac.enforcing !== null) return judgeSelinux(mac, mac.enforcing, details)
  if (mac.apparmor) return judgeAppArmor(mac, details)
  // Whatever is installed: the kernel that runs has it or not.
  if (mac.modules === null) {
    if (mac.installed.length === 0) return ABSENT
    return { outcome: 'unknown', observed: say`the kernel does not show its security modules here`, details }
  }
  if (mac.modules.includes('apparmor') || mac.modules.includes('selinux'))
    return { outcome: 'unknown', observed: say`the kernel has it; its mode can't be read`, details }
  const modules = say`security modules of the kernel: ${safe(mac.modules.join(', ') || 'none')}`
  return { outcome: 'fail', observed: say`neither is on`, details: [modules, ...details] }
}

function judgeSelinux({ config }: MacFacts, enforcing: boolean, details: readonly Safe[]): Verdict {
  if (!enforcing) return { outcome: 'fail', observed: say`SELinux is permissive`, details }
  return config && config.mode !== 'enforcing'
    ? { outcome: 'fail', observed: say`SELinux enforces until the next boot`, details }
    : { outcome: 'pass', observed: say`SELinux enforces`, details }
}

function judgeAppArmor({ profiles }: MacFacts, details: readonly Safe[]): Verdict {
  if (!profiles)
    return { outcome: 'unknown', observed: say`AppArmor is on; its profiles can be read as root only`, details }
  const counts = [...profiles].map(([mode, count]) => say`${count} profiles: ${safe(mode)}`)
  const all = [...counts, ...details]
  const [enforced, complaining] = [profiles.get('enforce') ?? 0, profiles.get('complain') ?? 0]
  if (enforced === 0) return { outcome: 'fail', observed: say`AppArmor has no profile that enforces`, details: all }
  const more = complaining > 0 ? say`, ${complaining} only complain` : say``
  return { outcome: 'pass', observed: say`AppArmor: ${enforced} enforced${more}`, details: all }
}

const mac: SubjectCheck<SystemFacts> = {
  id: 'REST-confinement',
  severity: 'low',
  title: 'Neither AppArmor nor SELinux confines programs',
  expected: 'one of them on, and enforcing',
  rationale:
    'They keep a program that was taken over to what it is for. Debian and Ubuntu have AppArmor, Red Hat SELinux. Next: what keeps it off stands in the detail (the kernel’s command line, or /etc/selinux/config).',
  references: ['apparmor(7)', 'selinux(8)', 'CIS 1.3.1: AppArmor is enabled'],
  judge: (facts) => judgeMac(facts.mac),
}

function judgeClock({ synchronised, running, installed, whole, chrony }: ClockFacts): Verdict {
  const names = safe(running.join(', '))
  const details = [
    ...installed,
    ...(chrony
      ? [say`chrony: ${safe(chrony.leap, 40)}, by ${chrony.reference === '' ? say`nobody` : chrony.reference}`]
      : []),
  ]
  const isKept = chrony ? /^(?:Normal|Insert second|Delete second)$/.test(chrony.leap) : synchronised
  if (running.length > 0) {
    if (isKept === null)
      return { outcome: 'unknown', observed: say`${names} runs; whether it is synchronised nobody says`, details }
    return isKept
      ? { outcome: 'pass', observed: say`by ${names}`, details }
      : { outcome: 'fail', observed: say`${names} runs, not synchronised`, details }
  }
  // In a container the kernel's clock is the host's, and kept there.
  if (synchronised) return { outcome: 'pass', observed: say`synchronised, by none of this host’s`, details }
  if (synchronised === null && !whole)
    return { outcome: 'unknown', observed: say`no known program keeps the clock; the rest was not read`, details }
  return { outcome: 'fail', observed: say`nothing keeps the clock`, details }
}

const clock: SubjectCheck<SystemFacts> = {
  id: 'REST-clock',
  severity: 'low',
  title: 'The clock is not synchronised',
  expected: 'synchronised by chrony, systemd-timesyncd or ntpd',
  rationale:
    'Logs of several hosts can’t be laid beside each other, certificates and one-time passwords are refused or taken too long. Next: systemctl enable --now systemd-timesyncd, or apt install chrony.',
  references: ['timedatectl(1)', 'chronyc(1)', 'CIS 2.3: time synchronization is in use'],
  judge: (facts) => judgeClock(facts.clock),
}

export const systemChecks: readonly SubjectCheck<SystemFacts>[] = [mac, clock]
