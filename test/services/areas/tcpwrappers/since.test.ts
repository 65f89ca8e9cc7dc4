import { expect, test } from 'vitest'
import { tcpwrappersChecks } from '../../../../src/services/areas/tcpwrappers/checks.ts'
import { withoutSince } from '../../../../src/services/areas/tcpwrappers/since.ts'
import { safe, say } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { filesOf } from './some-files.ts'

test.each([
  ['Fedora Linux 41 (Server Edition)', 'Fedora builds sshd without libwrap since 28'],
  ['Rocky Linux 9.3 (Blue Onyx)', 'RHEL, and what is made from it'],
  ['Red Hat Enterprise Linux Server 7.9 (Maipo)', 'dropped libwrap in 6.7'],
  ['CentOS Stream 10', 'since 8'],
  ['Arch Linux', 'July 2011'],
  ['Debian GNU/Linux 14', 'dropped libwrap in 6.7'],
  ['', 'dropped libwrap in 6.7'],
])('since when the sshd of %j has no libwrap is told as far as it is known', (os, words) => {
  expect(withoutSince(safe(os))).toContain(words)
})

test('it is told wherever sshd has none, and nowhere else', () => {
  const words = withoutSince(say`Fedora Linux 41`)
  const told = (sshdAsks: boolean) =>
    tcpwrappersChecks
      .filter((check) =>
        check
          .judge(
            { ...filesOf('sshd: ALL\n', null), sshdAsks },
            { ...hostFacts, os: say`Fedora Linux 41` },
            { listeners: [] },
          )
          .details?.includes(words),
      )
      .map(({ id }) => id)
  expect(told(false)).toEqual(['TW-own-login', 'TW-default-deny', 'TW-no-effect'])
  expect(told(true)).toEqual([])
})
