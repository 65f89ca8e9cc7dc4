import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { UpdatesFacts } from '../facts.ts'

const DAY = 86_400

/** A number of APT::Periodic: days, or with a letter of s, m, h, d; always is none (apt.systemd.daily). */
const isOn = (value: string | undefined): boolean => value !== undefined && value !== '' && !/^0+[smhd]?$/.test(value)

const isTimed = ({ timers }: UpdatesFacts, name: string): boolean => timers?.get(name)?.active === 'active'

/** What keeps updates from coming by themselves; empty where nothing does. */
function aptHindrances(facts: UpdatesFacts): readonly Safe[] {
  const { tools, aptConfig, timers } = facts
  if (!tools.has('unattended-upgrade')) return [say`unattended-upgrades is not installed`]
  const setting = (name: string): string | undefined => aptConfig?.get(`apt::periodic::${name.toLowerCase()}`)
  const off = ['Update-Package-Lists', 'Unattended-Upgrade'].filter((name) => !isOn(setting(name)))
  const systemd = tools.has('systemd')
  const stopped = ['apt-daily.timer', 'apt-daily-upgrade.timer'].filter((name) => !isTimed(facts, name))
  return [
    ...(setting('Enable') !== undefined && !isOn(setting('Enable')) ? [say`APT::Periodic::Enable is 0`] : []),
    ...off.map((name) => say`APT::Periodic::${safe(name)} is ${safe(setting(name) ?? 'not set')}`),
    ...(systemd && timers
      ? stopped.map((name) => say`${safe(name)} is ${safe(timers.get(name)?.active ?? 'not there')}`)
      : []),
    ...(!systemd && !tools.has('cron') ? [say`/etc/cron.daily/apt-compat does not run`] : []),
  ]
}

function judgeApt(facts: UpdatesFacts): Verdict {
  if (!facts.aptConfig) return { outcome: 'unknown', observed: say`apt-config did not answer` }
  if (facts.tools.has('systemd') && !facts.timers && facts.tools.has('unattended-upgrade'))
    return { outcome: 'unknown', observed: say`systemd did not say whether apt's timers run` }
  const [first, ...more] = aptHindrances(facts)
  if (first) return { outcome: 'fail', observed: first, details: more }
  const last = facts.timers?.get('apt-daily-upgrade.timer')?.last
  return {
    outcome: 'pass',
    observed: say`on`,
    details: [last ? say`apt-daily-upgrade.timer, last at ${last}` : say`by apt's timers, or cron.daily`],
  }
}

function judgeDnf(facts: UpdatesFacts): Verdict {
  if (!facts.timers) return { outcome: 'unknown', observed: say`whether dnf-automatic's timer runs is not known` }
  if (isTimed(facts, 'dnf-automatic-install.timer')) return { outcome: 'pass', observed: say`on` }
  const timed = ['dnf-automatic.timer', 'dnf5-automatic.timer'].find((name) => isTimed(facts, name))
  if (timed === undefined) return { outcome: 'fail', observed: say`no timer of dnf-automatic runs` }
  const { dnfApplies } = facts
  if (!dnfApplies) return { outcome: 'unknown', observed: say`${safe(timed)} runs; whether it installs was not read` }
  return /^(?:yes|true|1)$/i.test(dnfApplies.value)
    ? { outcome: 'pass', observed: say`on`, details: [dnfApplies.at] }
    : { outcome: 'fail', observed: say`only fetched, not installed`, details: [dnfApplies.at] }
}

const automatic: SubjectCheck<UpdatesFacts> = {
  id: 'REST-auto-updates',
  severity: 'medium',
  title: 'Security updates don’t come by themselves',
  expected: 'unattended-upgrades or dnf-automatic, on and scheduled',
  rationale:
    'Between the day a hole is published and the day somebody updates by hand the server is open to everybody who reads the news. Next: apt install unattended-upgrades, and dpkg-reconfigure -plow unattended-upgrades.',
  references: ['unattended-upgrade(8)', 'apt.conf(5)', 'dnf-automatic(8)', 'CIS 1.2.2: updates are installed'],
  judge: (facts) => {
    if (facts.tools.has('apt-get')) return judgeApt(facts)
    return facts.tools.has('dnf') ? judgeDnf(facts) : ABSENT
  },
}

const days = (seconds: number): Safe =>
  seconds < 2 * DAY ? say`${Math.round(seconds / 3600)} h old` : say`${Math.floor(seconds / DAY)} days old`

const pending: SubjectCheck<UpdatesFacts> = {
  id: 'REST-pending-updates',
  severity: 'high',
  title: 'Security updates are waiting',
  expected: 'none, by lists of the last days',
  rationale:
    'What apt would install now, by its lists as they are on the server: nothing was fetched. Next: apt update and apt upgrade, at a time that suits.',
  references: ['apt-get(8)', 'CIS 1.2.2: updates are installed'],
  judge: ({ pending: found, listsAge }) => {
    if (!found) return ABSENT
    if (!found.ok) return { outcome: 'unknown', observed: found.error }
    const security = found.value.filter((one) => one.security)
    const age = listsAge === null ? say`apt has no lists` : say`apt's lists are ${days(listsAge)}`
    const details = [
      age,
      say`${found.value.length} updates in all`,
      ...security.map(({ name, from }) => say`${name}: ${from}`),
    ]
    if (security.length > 0) return { outcome: 'fail', observed: say`${security.length} waiting`, details }
    // By old lists nothing can be said of the news.
    if (listsAge === null || listsAge > 7 * DAY) return { outcome: 'unknown', observed: age, details }
    return { outcome: 'pass', observed: say`none`, details }
  },
}

/** Versions of kernels by their numbers, as they are ordered by people: 6.1.0-9 before 6.1.0-10. */
function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => (text.match(/\d+/g) ?? []).map(Number)) as [number[], number[]]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? -1) - (right[at] ?? -1)
    if (difference !== 0) return difference < 0
  }
  return false
}
/** `amd64` of `6.1.0-18-amd64`: kernels of another kind are no successors. */
const flavourOf = (release: string): string => /-([a-z][\w-]*)$/.exec(release)?.[1] ?? ''

const reboot: SubjectCheck<UpdatesFacts> = {
  id: 'REST-reboot',
  severity: 'medium',
  title: 'A reboot is due',
  expected: 'the newest installed kernel runs, and no package asks for a reboot',
  rationale: 'What was updated on the disk is still old in memory, with its holes. Next: reboot at a time that suits.',
  references: ['/run/reboot-required', 'needrestart(1)'],
  judge: ({ reboot: { running, installed, required, packages } }) => {
    if (running === null && !required) return ABSENT
    // The kernel that runs has its image among them, or is not this host's own (a container).
    const newer =
      running !== null && installed.includes(running)
        ? installed.filter((one) => flavourOf(one) === flavourOf(running) && isOlder(running, one))
        : []
    const newest = newer.reduce<string | null>((best, one) => (best === null || isOlder(best, one) ? one : best), null)
    const details = [
      ...(required ? [say`/run/reboot-required is there`, ...packages.map((name) => say`asked for by ${name}`)] : []),
      ...(running === null ? [] : [say`running: ${safe(running)}`]),
      ...(newest === null ? [] : [say`installed: ${safe(newest)}`]),
    ]
    if (newest !== null) return { outcome: 'fail', observed: say`${safe(newest, 60)} is installed`, details }
    if (required) return { outcome: 'fail', observed: packages[0] ? say`for ${packages[0]}` : say`asked for`, details }
    return { outcome: 'pass', observed: say`not due`, details }
  },
}

export const updatesChecks: readonly SubjectCheck<UpdatesFacts>[] = [pending, automatic, reboot]
