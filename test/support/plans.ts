import { withTable } from '../../src/services/areas/firewall/builtin-chains.ts'
import { parseRuleSet } from '../../src/services/areas/firewall/parse.ts'
import type { StagedChange, StagedOf } from '../../src/services/model/areas.ts'
import { bytesOf } from '../../src/services/model/file-bytes.ts'
import type { FirewallFacts, RuleEdit } from '../../src/services/model/firewall.ts'
import type { HostFacts } from '../../src/services/model/host.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import { safe, say } from '../../src/services/model/safe.ts'
import type { FileChange, UnitChange } from '../../src/services/model/step.ts'
import { planFrom } from './make-plan.ts'

/** A Debian 12 server reached as root from 198.51.100.20. */
export const hostFacts: HostFacts = {
  hostname: say`web1`,
  os: say`Debian 12`,
  kernel: say`6.1.0`,
  init: 'systemd',
  login: { user: say`root`, uid: 0, escalation: 'root' },
  escalationReason: null,
  session: { clientAddress: '198.51.100.20', clientPort: 50022, serverAddress: '192.0.2.10', serverPort: 22 },
  sessionInterface: 'eth0',
  tools: Object.fromEntries(
    ['iptables-save', 'iptables-restore', 'unshare', 'timeout', 'base64'].map((tool) => [tool, `/usr/sbin/${tool}`]),
  ),
  clockSkewSeconds: 0,
  openssh: say`OpenSSH_9.2p1`,
}

/** What the firewall pane would have read from these saves. */
export const firewallFacts = (v4: string, v6 = ''): FirewallFacts => ({
  backend: 'nft',
  version: say`1.8.9 (nf_tables)`,
  families: {
    v4: { state: 'present', ruleSet: withTable(parseRuleSet('v4', v4), 'filter') },
    v6: { state: 'present', ruleSet: withTable(parseRuleSet('v6', v6), 'filter') },
  },
  persistence: { kind: 'none' },
  saved: { v4: { state: 'absent' }, v6: { state: 'absent' } },
  network: {
    interfaces: [
      { name: 'lo', addresses: [{ family: 'v4', address: '127.0.0.1', prefix: 8 }] },
      { name: 'eth0', addresses: [{ family: 'v4', address: '192.0.2.10', prefix: 24 }] },
    ],
    defaultInterface: { v4: 'eth0', v6: null },
    forwards: { v4: false, v6: false },
  },
  ftp: [],
  ftpHelper: { loaded: false, atBoot: false },
  portNames: new Map([
    ['tcp/22', say`ssh`],
    ['tcp/80', say`http`],
  ]),
  managers: [],
  warnings: [],
})

export const INPUT = { family: 'v4', table: 'filter', chain: 'INPUT' } as const

/** A rule put before all others of INPUT. */
export const insertFirst = (facts: FirewallFacts, text: string): RuleEdit => {
  const v4 = facts.families.v4
  const rules =
    v4.state === 'present'
      ? v4.ruleSet.tables.find((one) => one.name === 'filter')?.chains.find((one) => one.name === 'INPUT')?.rules
      : []
  return { kind: 'insert', at: INPUT, before: rules?.[0]?.id ?? null, ruleId: `new ${text}`, text }
}

export const staged = (edit: RuleEdit): StagedOf<'firewall'> => ({
  id: `change ${JSON.stringify(edit)}`,
  area: 'firewall',
  edit,
  target: say`v4 filter INPUT`,
  summary: safe('text' in edit ? edit.text : edit.kind),
  origin: 'operator',
})

/** A file of UTF-8 text as it shall be and as it is, null for none. */
export const textChange = (path: string, text: string | null, was: string | null): FileChange => ({
  path,
  text: text === null ? null : bytesOf(text),
  was: was === null ? null : bytesOf(was),
})

/** A file that is written, or removed where `text` is null; `was` is what stands there now, null for nothing. */
export const stagedFile = (change: FileChange): StagedChange => ({
  id: `change ${change.path}`,
  area: 'sshd',
  edit: { kind: 'file', ...change },
  target: safe(change.path),
  summary: say`put-file`,
  origin: 'operator',
})

export const stagedUnit = (change: UnitChange): StagedChange => ({
  id: `change ${change.unit}`,
  area: 'units',
  edit: { kind: 'unit', ...change },
  target: safe(change.unit),
  summary: say`set-unit`,
  origin: 'operator',
})

/** The plan of some edits over a save, as the console makes it. */
export const planOf = (
  facts: FirewallFacts,
  edits: readonly RuleEdit[],
  options: { readonly windowSeconds?: number; readonly persistence?: 'loader' | 'none' } = {},
): ChangePlan =>
  planFrom({
    host: hostFacts,
    firewall: facts,
    changes: edits.map(staged),
    windowSeconds: options.windowSeconds ?? 30,
    ...(options.persistence ? { persistence: options.persistence } : {}),
  })
