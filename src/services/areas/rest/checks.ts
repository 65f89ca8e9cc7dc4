import { checksOf, type RestCheck } from './check.ts'
import { fail2banChecks } from './fail2ban/checks.ts'
import { ftpChecks } from './ftp/checks.ts'
import { kernelChecks } from './kernel/checks.ts'
import { mailChecks } from './mail/checks.ts'
import { servicesChecks } from './services/checks.ts'
import { systemChecks } from './system/checks.ts'
import { updatesChecks } from './updates/checks.ts'
import { webChecks } from './web/checks.ts'

/** Every judgement about the rest of the routine. */
export const restChecks: readonly RestCheck[] = [
  ...checksOf('updates', updatesChecks),
  ...checksOf('fail2ban', fail2banChecks).map((check): RestCheck => ({ ...check, needs: ['units'] })),
  ...checksOf('kernel', kernelChecks),
  ...checksOf('system', systemChecks),
  ...checksOf('services', servicesChecks),
  ...[...checksOf('web', webChecks), ...checksOf('mail', mailChecks), ...checksOf('ftp', ftpChecks)].map(
    (check): RestCheck => ({ ...check, needs: ['units'] }),
  ),
]
