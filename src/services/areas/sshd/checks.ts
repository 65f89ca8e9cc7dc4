import type { Check } from '../../model/area.ts'
import type { AccountEdit } from '../../model/areas.ts'
import { type Safe, say } from '../../model/safe.ts'
import type { KeywordEdit, SshdFacts } from '../../model/sshd.ts'
import { accountChecks } from './accounts/checks.ts'
import { admission } from './admission.ts'
import { fixRow } from './advice/fix.ts'
import { riskWords } from './advice/row.ts'
import { ROWS } from './advice/table.ts'
import { joined, judgeRow } from './judge.ts'
import { offered } from './outside.ts'

/** Nothing locks out as surely as a list that leaves out whoever wrote it; sshd -t takes it. */
const nextLogin: Check<SshdFacts> = {
  id: 'SSH-NextLogin',
  severity: 'high',
  title: 'Your next login would be refused',
  expected: 'let in (name yourself in AllowUsers or AllowGroups before this session ends)',
  rationale:
    'sshd asks its lists at every new login, not of sessions that are open: this one lives on, the next is refused. Mend it before you log out.',
  references: ['sshd_config(5)'],
  judge: (facts, host) => {
    const { answer, why } = admission(facts, host)
    return { outcome: answer === 'yes' ? 'pass' : answer === 'no' ? 'fail' : 'unknown', observed: why }
  },
  noFix: 'which of your lists should name you is for you to say: change it before you log out',
}

const SSHD_UNIT = /^(?:ssh|sshd)(?:@.*)?\.(?:service|socket)$/

const port: Check<SshdFacts> = {
  id: 'SSH-Port',
  severity: 'medium',
  title: 'Listens elsewhere than its settings say',
  expected: 'the port of its settings',
  rationale:
    'Rules, monitoring and the next restart go by the settings; what lets you in is what listens. A socket unit, or options on the command line, may hold another port.',
  references: ['sshd_config(5)', 'sshd(8)', 'systemd.socket(5)'],
  needs: ['units'],
  judge: (facts, _host, { listeners }) => {
    const seen = (listeners ?? [])
      .filter(({ protocol, process, unit }) => protocol === 'tcp' && (unit ? SSHD_UNIT.test(unit) : process === 'sshd'))
      .map((listener) => listener.port)
    const ports = facts.portsFrom === 'settings' ? [...new Set(seen)] : facts.ports
    const configured = facts.configuredPorts
    const details =
      facts.options.length === 0 ? {} : { details: [say`sshd was started with ${joined(facts.options, say` `)}`] }
    if (ports.length === 0)
      return { outcome: 'unknown', observed: say`${numbers(configured)} by its settings; what listens was not seen` }
    const same = ports.length === configured.length && ports.every((one) => configured.includes(one))
    if (same) return { outcome: 'pass', observed: numbers(ports), ...details }
    const holder = facts.portsFrom === 'socket' ? say`ssh.socket` : say`sshd`
    return {
      outcome: 'fail',
      observed: say`${numbers(ports)} (${holder}), settings say ${numbers(configured)}`,
      ...details,
    }
  },
}

const numbers = (list: readonly number[]): Safe =>
  joined(
    list.map((one) => say`${one}`),
    say` `,
  )

/** Ids are `SSH-` and the keyword as sshd_config(5) spells it, or `ACC-` and what of the accounts is looked at. */
export const sshdChecks: readonly Check<SshdFacts, KeywordEdit | AccountEdit>[] = [
  nextLogin,
  ...ROWS.map(
    (row): Check<SshdFacts, KeywordEdit> => ({
      id: `SSH-${row.keyword}`,
      severity: row.severity,
      title: row.title,
      expected: row.expected,
      rationale: `${row.rationale} ${riskWords(row)}`,
      references: row.references,
      judge: (facts, host) => judgeRow(row, facts, host),
      ...(row.advised === undefined ? {} : { fix: (facts, host) => fixRow(row, facts, host) }),
      ...(row.noFix === undefined ? {} : { noFix: row.noFix }),
    }),
  ),
  port,
  offered,
  ...accountChecks,
]
