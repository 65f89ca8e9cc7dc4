import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { Directive, FtpFacts, ProftpdFacts, PureFtpdFacts } from '../facts.ts'
import { reachOf, within } from '../reach.ts'
import { lineOf, named, small } from '../tree.ts'

/** What is in force: sections for modules that are there, or are not; null where a section is for what is not known. */
function inForce(all: readonly Directive[], modules: ReadonlySet<string>): readonly Directive[] | null {
  const found: Directive[] = []
  for (const one of all) {
    // Which words a server was started with (-D) is not known.
    if (one.name === 'ifdefine') return null
    if (!one.inside) found.push(one)
    else {
      const inside = inForce(one.inside, modules)
      if (!inside) return null
      if (one.name !== 'ifmodule') found.push({ ...one, inside })
      else {
        const [word = ''] = one.words
        const there = modules.has(word.replace(/^!/, '').toLowerCase())
        if (there !== word.startsWith('!')) for (const each of inside) found.push(each)
      }
    }
  }
  return found
}

const isOn = (one: Directive | undefined): boolean =>
  one !== undefined && /^(?:on|true|yes|1)$/i.test(one.words[0] ?? '')

/** What of `TLSRequired` keeps passwords out of the clear (mod_tls). */
const ASKS_TLS = /^(?:on|true|yes|1|(?:ctrl|auth)(?:\+!?data)?)$/

function judgeProftpd({ tree, modules }: ProftpdFacts): Verdict {
  const all = inForce(tree, modules)
  if (!all) return { outcome: 'unknown', observed: say`some of it is for words that it is started with (IfDefine)` }
  const common = named(all, 'global').flatMap(({ inside }) => inside ?? [])
  const hosts = [all, ...named(all, 'virtualhost').map(({ inside }) => inside ?? [])]
  const anonymous: Directive[] = []
  const details: Safe[] = []
  const wrong = new Set<Safe>()
  for (const host of hosts) {
    const last = (name: string): Directive | undefined => named(host, name).at(-1) ?? named(common, name).at(-1)
    // SFTP in its own clothes, with no FTP beside it.
    if (isOn(last('sftpengine'))) continue
    for (const one of [...named(host, 'anonymous'), ...named(common, 'anonymous')])
      if (!isOn(named(one.inside ?? [], 'anonrequirepassword').at(-1))) anonymous.push(one)
    const [engine, required] = [last('tlsengine'), last('tlsrequired')]
    details.push(...[engine, required].flatMap((one) => (one ? [lineOf(one)] : [])))
    if (!isOn(engine)) wrong.add(NO_TLS)
    else if (!ASKS_TLS.test(small(required?.words[0]))) wrong.add(OPTIONAL)
  }
  const words = [...(anonymous.length > 0 ? [say`anonymous`] : []), ...wrong]
  return verdictOf(words, [...new Set([...anonymous.map(lineOf), ...details])])
}

const NO_TLS = say`no TLS`
const OPTIONAL = say`TLS only for who asks`

const verdictOf = (wrong: readonly Safe[], details: readonly Safe[]): Verdict =>
  wrong.length > 0
    ? { outcome: 'fail', observed: safe(wrong.join(', ')), details }
    : { outcome: 'pass', observed: say`nobody unknown, TLS for all logins`, details }

function judgePureFtpd({ anonymous, tls, said }: PureFtpdFacts): Verdict {
  if (Number.isNaN(tls)) return { outcome: 'unknown', observed: say`its word on TLS is not understood`, details: said }
  return verdictOf(
    [...(anonymous ? [say`anonymous`] : []), ...(tls === 0 ? [NO_TLS] : tls === 1 ? [OPTIONAL] : [])],
    said,
  )
}

const RATIONALE =
  'Anybody may read what an anonymous login may, and where TLS is not asked for whoever is on the way reads passwords.'

/** Servers for FTP beside vsftpd. */
export const ftpChecks: readonly SubjectCheck<FtpFacts>[] = [
  {
    id: 'REST-proftpd',
    severity: 'medium',
    title: 'proftpd lets in anybody, or passwords in the clear',
    expected: 'no <Anonymous>, TLSEngine on, TLSRequired on',
    rationale: `${RATIONALE} Next: the lines in /etc/proftpd, or files by SFTP, which sshd has already.`,
    references: ['proftpd, mod_tls: TLSRequired', 'proftpd, mod_core: Anonymous'],
    judge: ({ proftpd }, _host, around) => {
      if (!proftpd) return ABSENT
      if (!proftpd.ok) return { outcome: 'unknown', observed: proftpd.error }
      return within(reachOf(/^proftpd$/, [21], around), judgeProftpd(proftpd.value))
    },
  },
  {
    id: 'REST-pure-ftpd',
    severity: 'medium',
    title: 'pure-ftpd lets in anybody, or passwords in the clear',
    expected: 'NoAnonymous yes, TLS 2',
    rationale: `${RATIONALE} Next: echo yes >/etc/pure-ftpd/conf/NoAnonymous, echo 2 >/etc/pure-ftpd/conf/TLS, and a restart; or files by SFTP, which sshd has already.`,
    references: ['pure-ftpd(8), -E and -Y', 'pure-ftpd-wrapper(8)'],
    judge: ({ pureFtpd }, _host, around) => {
      if (!pureFtpd) return ABSENT
      if (!pureFtpd.ok) return { outcome: 'unknown', observed: pureFtpd.error }
      return within(reachOf(/^pure-ftpd/, [21], around), judgePureFtpd(pureFtpd.value))
    },
  },
]
