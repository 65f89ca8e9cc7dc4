import type { Area } from '../../model/area.ts'
import type { ProbeOutput } from '../../model/command.ts'
import type { Result } from '../../model/errors.ts'
import type { Safe } from '../../model/safe.ts'
import { restChecks } from './checks.ts'
import { restEditing } from './editing.ts'
import type { Known } from './facts.ts'
import fail2banScript from './fail2ban/probe.sh'
import { parseFail2ban } from './fail2ban/read.ts'
import ftpScript from './ftp/probe.sh'
import { parseFtp } from './ftp/read.ts'
import kernelScript from './kernel/probe.sh'
import { parseKernel } from './kernel/read.ts'
import mailScript from './mail/probe.sh'
import { parseMail } from './mail/read.ts'
import servicesScript from './services/probe.sh'
import { parseServices } from './services/read.ts'
import systemScript from './system/probe.sh'
import { parseSystem } from './system/read.ts'
import updatesScript from './updates/probe.sh'
import { parseUpdates } from './updates/read.ts'
import webScript from './web/probe.sh'
import { parseWeb } from './web/read.ts'

const SUBJECTS = [
  'rest-kernel',
  'rest-system',
  'rest-services',
  'rest-web',
  'rest-mail',
  'rest-ftp',
  'rest-fail2ban',
  'rest-updates',
] as const

/** What else a hardening routine looks at: presence and state of it. Only settings of the kernel are changed from here. */
export const rest: Area<'rest'> = {
  id: 'rest',
  // The slowest at last: what is read is shown as it comes.
  probes: [
    { id: 'rest-kernel', script: kernelScript, timeoutSeconds: 10 },
    { id: 'rest-system', script: systemScript, timeoutSeconds: 20 },
    { id: 'rest-services', script: servicesScript, timeoutSeconds: 30 },
    { id: 'rest-web', script: webScript, timeoutSeconds: 30, capBytes: 4 * 1024 * 1024 },
    { id: 'rest-mail', script: mailScript, timeoutSeconds: 30 },
    { id: 'rest-ftp', script: ftpScript, timeoutSeconds: 20 },
    { id: 'rest-fail2ban', script: fail2banScript, timeoutSeconds: 30 },
    { id: 'rest-updates', script: updatesScript, timeoutSeconds: 60 },
  ],
  checks: restChecks,
  editing: restEditing,
  parse: (outputs, _host, readAt) => {
    if (SUBJECTS.every((id) => outputs(id) === null)) return { state: 'unread' }
    const read = <F>(id: (typeof SUBJECTS)[number], parse: (output: ProbeOutput) => Result<F, Safe>): Known<F> => {
      const output = outputs(id)
      return output && parse(output)
    }
    const facts = {
      kernel: read('rest-kernel', parseKernel),
      system: read('rest-system', parseSystem),
      services: read('rest-services', parseServices),
      web: read('rest-web', parseWeb),
      mail: read('rest-mail', parseMail),
      ftp: read('rest-ftp', parseFtp),
      fail2ban: read('rest-fail2ban', parseFail2ban),
      updates: read('rest-updates', parseUpdates),
    }
    return { state: 'present', readAt, facts }
  },
}
