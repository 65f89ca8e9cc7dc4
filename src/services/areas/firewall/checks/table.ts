import { FAMILIES, type Family } from '../../../model/firewall.ts'
import type { FirewallCheck } from './about.ts'
import { established, loopback } from './basics.ts'
import { persistent, saved } from './boot.ts'
import { openFromHere, shutFromHere } from './from-here.ts'
import { ftpData } from './ftp.ts'
import { neverHit, nobodyListens, shadowed } from './idle-rules.ts'
import { neighbours } from './neighbours.ts'
import { closedPorts, openByPolicy } from './open-ports.ts'
import { legacyTables, nativeTables, oneManager } from './others.ts'
import { ownLogin } from './own-login.ts'
import { defaultDeny, emptyRules, forwardDeny, outputDeny, v6Beside } from './policies.ts'
import { publishedPorts } from './published.ts'
import { setsAtBoot } from './sets-at-boot.ts'
import { sshRate, sshSource } from './ssh.ts'
import { ofWhatWasRead } from './unread.ts'

const OF_A_FAMILY: readonly ((family: Family) => FirewallCheck)[] = [
  defaultDeny,
  emptyRules,
  openByPolicy,
  neighbours,
  loopback,
  established,
  forwardDeny,
  saved,
  ftpData,
  shadowed,
  nobodyListens,
  closedPorts,
  neverHit,
  sshSource,
  sshRate,
  outputDeny,
]

const CHECKS: readonly FirewallCheck[] = [
  // Says itself what it does not know, of the family of the login alone.
  ownLogin,
  ofWhatWasRead(FAMILIES, v6Beside),
  ...OF_A_FAMILY.flatMap((check) => FAMILIES.map((family) => ofWhatWasRead([family], check(family)))),
  persistent,
  setsAtBoot,
  oneManager,
  legacyTables,
  ofWhatWasRead(FAMILIES, publishedPorts),
  // They know themselves what the rules leave unsure.
  openFromHere,
  shutFromHere,
  nativeTables,
]

/**
 * Every judgement about the rules; ids are stable and end in the family that they are about, if it is one. Who listens is
 * what a rule is about: they are judged again when that was read.
 */
export const firewallChecks: readonly FirewallCheck[] = CHECKS.map((check) => ({ ...check, needs: ['units'] }))
