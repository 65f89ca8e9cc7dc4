import { standsIn } from '../areas/firewall/beside.ts'
import { applyEdits } from '../areas/firewall/edits.ts'
import { part } from '../areas/firewall/foreign-chains.ts'
import { ruleOwner } from '../areas/firewall/owners.ts'
import type { Family, FirewallFacts, RuleEdit, RuleSet } from '../model/firewall.ts'
import { FAMILIES } from '../model/firewall.ts'
import type { HostFacts } from '../model/host.ts'
import type { Blocker, ChangePlan, PersistencePlan, StagedChange, Step, WhatIf } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { Listener } from '../model/units.ts'
import { fileBlockers, fileStep, isSshdFile } from '../steps/file-step.ts'
import { unitStep } from '../steps/unit-step.ts'
import { closedPorts } from './closed-ports.ts'
import { firewallStep } from './firewall-step.ts'
import { judgeLockOut, sessionFamily } from './guards.ts'

/** Shortest and longest window, in seconds (`--timer 30s` to `2h`), and the default. */
export const WINDOW = { least: 30, most: 7200, usual: 180 } as const

export type PlanInput = {
  readonly host: HostFacts
  readonly firewall: FirewallFacts
  readonly changes: readonly StagedChange[]
  readonly windowSeconds: number
  /** What listens on the host, to say what a change closes; null or absent where that is not known. */
  readonly listeners?: readonly Listener[] | null
  /** On a host that loads no rules at boot: `loader` writes rules files and a unit of ours; `none` leaves it so. */
  readonly persistence?: 'loader' | 'none'
}

/** Turns everything staged into one reviewable plan. Pure: the same staging on the same reading gives the same plan. */
export function makePlan(input: PlanInput): ChangePlan {
  const edits = input.changes.flatMap(({ intent }) => (intent.kind === 'edit-rules' ? [intent.edit] : []))
  // Rules first: a port is opened before anything listens on it.
  const parts = [...FAMILIES.map((family) => familyPart(input, family, edits)), ...input.changes.map(otherPart)]
  const steps = parts.flatMap((part) => part.steps)
  return {
    changes: input.changes,
    steps,
    blockers: [...hostBlockers(input.host), ...parts.flatMap((part) => part.blockers)],
    whatIf: parts.flatMap((part) => part.whatIf),
    persistence: persistencePlan(input, parts),
    rollbackAfterSeconds: input.windowSeconds,
    newPorts: newPortsOf(steps, input.host),
    ...(steps.some((step) => step.kind === 'file' && isSshdFile(step.path))
      ? { sshd: 'reload', checks: ['sshd'] }
      : { sshd: null, checks: [] }),
  }
}

/** `Port` lines that a change puts into sshd's files, but for the port that the operator is on. */
function newPortsOf(steps: readonly Step[], host: HostFacts): readonly number[] {
  const texts = steps.flatMap((step) => (step.kind === 'file' && isSshdFile(step.path) && step.text ? [step.text] : []))
  const ports = texts.flatMap((text) =>
    [...text.matchAll(/^[ \t]*port[ \t=]+"?(\d{1,5})"?/gim)].map((match) => Number(match[1])),
  )
  return [...new Set(ports)].filter((port) => port > 0 && port < 65536 && port !== host.session.serverPort)
}

type Part = {
  readonly steps: readonly Step[]
  readonly blockers: readonly Blocker[]
  readonly whatIf: readonly WhatIf[]
  /** The rules as they will be. */
  readonly after?: RuleSet
}
const NOTHING: Part = { steps: [], blockers: [], whatIf: [] }

function otherPart({ intent, area }: StagedChange): Part {
  if (intent.kind === 'edit-rules') return NOTHING
  const step = intent.kind === 'put-file' ? fileStep(area, intent) : unitStep(area, intent)
  const blockers = intent.kind === 'put-file' ? fileBlockers(intent) : []
  return { ...NOTHING, steps: step ? [step] : [], blockers }
}

function familyPart(input: PlanInput, family: Family, edits: readonly RuleEdit[]): Part {
  const facts = input.firewall.families[family]
  const mine = edits.filter((edit) => edit.at.family === family)
  if (mine.length === 0) return NOTHING
  if (facts.state === 'unreadable') {
    const blocker: Blocker = {
      kind: 'missing-tool',
      message: say`The ${safe(family)} rules can't be read: ${facts.reason}.`,
      next: say`Unstage the changes to ${safe(family)}.`,
    }
    return { ...NOTHING, blockers: [blocker] }
  }
  const owner = ruleOwner(input.firewall)
  const owned: Blocker[] = owner
    ? [
        {
          kind: 'conflict',
          message: say`The rules of this host are ${owner.name}'s, which puts its own back when it next reloads.`,
          next: say`Change them with ${owner.name} (${owner.instead}), and unstage the changes to ${safe(family)}.`,
        },
      ]
    : []
  const { after, conflicts } = applyEdits(facts.ruleSet, mine)
  const untrue = [...new Set(mine.map((edit) => edit.at.table))].filter((table) =>
    standsIn(facts.ruleSet.beside, table),
  )
  const step = firewallStep(facts.ruleSet, after)
  const lockOut =
    family === sessionFamily(input.host)
      ? judgeLockOut(input.host, input.firewall, after)
      : { whatIf: [], blockers: [] }
  return {
    steps: step ? [step] : [],
    after,
    whatIf: [...lockOut.whatIf, ...closedPorts(family, input.firewall, after, input.host, input.listeners ?? null)],
    blockers: [
      ...owned,
      ...untrue.map(
        (table): Blocker => ({
          kind: 'conflict',
          message: say`Table ${safe(table)} holds native nftables rules, which iptables would lose.`,
          next: say`Change them with nft(8), and unstage the changes to ${safe(family)} ${safe(table)}.`,
        }),
      ),
      ...conflicts.map(
        ({ edit, reason }): Blocker => ({
          kind: 'conflict',
          message: say`A staged change to ${safe(edit.at.chain)} no longer fits: ${reason}.`,
          next: say`Unstage it with u and stage it again on the rules as they are now.`,
        }),
      ),
      ...lockOut.blockers,
    ],
  }
}

const NEEDED_TOOLS = ['iptables-save', 'iptables-restore', 'unshare', 'timeout'] as const

function hostBlockers(host: HostFacts): readonly Blocker[] {
  const blockers: Blocker[] = []
  if (host.login.escalation === 'none' || host.login.escalation === 'password')
    blockers.push({
      kind: 'no-privilege',
      message: say`Changing rules needs root, and ${host.login.user} can't become root here.`,
      next: say`Log in as root or as a user who may use sudo.`,
    })
  const missing = NEEDED_TOOLS.filter((tool) => !host.tools[tool])
  if (missing.length > 0)
    blockers.push({
      kind: 'missing-tool',
      message: say`The server lacks ${safe(missing.join(', '))}, which the rollback is built on.`,
      next: say`Install it (Debian: packages iptables, util-linux and coreutils) and press R.`,
    })
  return blockers
}

/** Rules in the chain that Docker makes anew at every boot: a unit of ours puts them back, where there are units. */
function dockerUserWords({ host, firewall }: PlanInput, parts: readonly Part[]): Safe {
  const rules = FAMILIES.flatMap((family) => {
    const read = firewall.families[family]
    const after = parts.find((one) => one.after?.family === family)?.after
    const { tables } = after ?? (read.state === 'present' ? read.ruleSet : { tables: [] })
    return tables.filter((table) => table.name === 'filter').flatMap((table) => part(table).dockerUser)
  })
  if (rules.length === 0) return say``
  return host.init === 'systemd'
    ? say`; those in DOCKER-USER are put back after Docker has made it (hardtui-docker-user.service)`
    : say`; those in DOCKER-USER are lost then, for Docker makes that chain anew`
}

function persistencePlan(input: PlanInput, parts: readonly Part[]): PersistencePlan {
  const { persistence } = input.firewall
  if (persistence.kind === 'other')
    return {
      kind: 'none',
      elsewhere: true,
      message: say`${persistence.by[0] ?? say`another program`} loads the rules of this host at boot: the change will not survive a reboot unless you put it there`,
    }
  if (persistence.kind !== 'none')
    return {
      kind: persistence.kind,
      message: say`at your confirm the rules are saved to ${safe(persistence.v4)} and ${safe(persistence.v6)}${dockerUserWords(input, parts)}`,
    }
  if (input.persistence === 'loader')
    return {
      kind: 'loader',
      message: say`at your confirm the rules are saved to /etc/hardtui/rules.v4 and .v6, and hardtui-rules.service loads them at boot${dockerUserWords(input, parts)}`,
    }
  const [asleep] = persistence.asleep ?? []
  const nothing = asleep
    ? say`${asleep} is there, but not started at boot, so this host loads no rules then`
    : say`this host loads no rules at boot`
  return { kind: 'none', message: say`${nothing}: the change will not survive a reboot` }
}
