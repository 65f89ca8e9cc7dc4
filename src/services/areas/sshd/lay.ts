import { SUDOERS } from '../../model/account.ts'
import type { AccountEdit, EditsByArea } from '../../model/areas.ts'
import type { Conflict } from '../../model/editing.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import type { FileBytes } from '../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { KeywordEdit, SshdFacts, SshdFiles, SshdSetting, SshdView } from '../../model/sshd.ts'
import { layAccount, withSudo } from './accounts/edits.ts'
import { addsUp, namesOf } from './config/keywords.ts'
import { linesOf } from './config/lines.ts'
import { setKeyword } from './config/write.ts'
import { keywordOf } from './keywords/table.ts'
import { portsOf } from './parse.ts'

export type SshdEdit = EditsByArea['sshd']

/** sshd's own files: a change to one of them means that sshd has to read them again. */
export const isSshdFile = (path: string): boolean => path.startsWith('/etc/ssh/') || path === SOCKET_FILE

/** A drop-in of the socket unit where that holds the listener (systemd.socket(5)). */
export const SOCKET_FILE = '/etc/systemd/system/ssh.socket.d/hardtui.conf'

/** Where sshd's settings start, and the file of ours, which is read before the others of its folder. */
export const MAIN = '/etc/ssh/sshd_config'
export const DROP_IN = '/etc/ssh/sshd_config.d/00-hardtui.conf'

/** Lays edits over the files, in order, and over the settings as far as it is plain what sshd makes of them. */
export function lay(facts: SshdFacts, edits: readonly SshdEdit[]) {
  const conflicts: Conflict<SshdEdit>[] = []
  let after = facts
  for (const edit of edits) {
    if (edit.kind === 'account') {
      const accounts = layAccount(after.accounts, edit.change)
      if (accounts.ok) after = { ...after, accounts: accounts.value }
      else conflicts.push({ edit, reason: accounts.error })
      continue
    }
    const files = laid(after, edit)
    if (!files.ok) conflicts.push({ edit, reason: files.error })
    else after = withSudoers(withFiles(after, files.value, edit), edit)
  }
  return { after, conflicts }
}

function laid(
  { files, whyNoFiles, foreign }: SshdFacts,
  edit: Exclude<SshdEdit, AccountEdit>,
): Result<SshdFiles, Safe> {
  if (edit.kind === 'keyword') {
    if (!files) return fail(whyNoFiles ?? say`sshd's files were not read`)
    const ground = {
      main: MAIN,
      dropIn: DROP_IN,
      isForeign: (path: string) => foreign.has(path),
      isSeveral: addsUp,
      namesOf,
    }
    return setKeyword(files, edit, ground)
  }
  const { path, text, was } = edit
  // One of another program's, such as sudo's, is nothing that sshd reads.
  if (!files || !isSshdFile(path)) return ok(files ?? new Map())
  // One that sshd does not read is compared on the server.
  const now = files.get(path)
  if (now !== undefined && now !== was && now !== text) return fail(say`${safe(path)} changed since`)
  return ok(withText(files, path, text))
}

/** Who becomes root by a file of ours, which is as `makeAdmin` writes it. */
function withSudoers(facts: SshdFacts, edit: SshdEdit): SshdFacts {
  if (edit.kind !== 'file' || edit.text === null || !edit.path.startsWith(SUDOERS) || !facts.accounts) return facts
  const name = edit.path.slice(SUDOERS.length)
  return { ...facts, accounts: withSudo(facts.accounts, name, edit.text.includes('NOPASSWD') ? 'free' : 'asks') }
}

function withText(files: SshdFiles, path: string, text: FileBytes | null): SshdFiles {
  const next = new Map(files)
  if (text === null) next.delete(path)
  else next.set(path, text)
  return next
}

function withFiles(facts: SshdFacts, files: SshdFiles, edit: SshdEdit): SshdFacts {
  const now = facts.files ? { ...facts, files } : facts
  if (edit.kind !== 'keyword') return now
  const views = facts.views.map((view) =>
    isFor(edit, view) ? { ...view, settings: settingsWith(facts, view, edit) } : view,
  )
  const settings = views.find(({ you }) => you)?.settings ?? facts.settings
  return { ...now, views, settings, configuredPorts: portsOf(settings) }
}

const isNamed = ({ keyword }: Pick<SshdSetting, 'keyword'>, { keyword: wanted }: KeywordEdit): boolean =>
  namesOf(wanted).includes(keyword)

/** Whether it is what counts for somebody: a Match block that holds for him stands above what is said to everybody. */
function isFor(edit: KeywordEdit, { matched, sources }: SshdView): boolean {
  const inMatch = sources.some((source) => source.inMatch && isNamed(source, edit))
  return edit.match === null ? !inMatch : matched.some((block) => block === edit.match)
}

/** What is taken out leaves what comes behind it, or sshd's default: that is not known from here. */
function settingsWith(facts: SshdFacts, { settings }: SshdView, edit: KeywordEdit): readonly SshdSetting[] {
  const { version } = facts
  const rest = settings.filter((one) => !isNamed(one, edit))
  const word = settings.find((one) => isNamed(one, edit))?.keyword ?? edit.keyword.toLowerCase()
  const known = keywordOf(edit.keyword)
  const made = (edit.values ?? []).flatMap((value) => known?.printed(value, version) ?? [value])
  const lines = made.map((value) => ({ keyword: word, value: safe(value) }))
  const all = [...rest, ...lines]
  return word === 'port' && !namesPorts(facts) ? listening(all, made) : all
}

/** Whether a file gives an address a port of its own, beside which Port means nothing. */
const namesPorts = ({ files }: SshdFacts): boolean =>
  [...(files?.values() ?? [])].some((bytes) =>
    linesOf(bytes).some(
      ({ keyword, args }) => keyword === 'listenaddress' && /^(?:\[[^\]]*\]|[^:]*):\d+$/.test(args[0] ?? ''),
    ),
  )

/** `sshd -T` prints an address with a port for each port; those that a file names keep their own. */
function listening(settings: readonly SshdSetting[], ports: readonly string[]): readonly SshdSetting[] {
  const addresses = settings.filter(({ keyword }) => keyword === 'listenaddress')
  const bare = [...new Set(addresses.map(({ value }) => value.replace(/:\d+$/, '')))]
  const isEvery = bare.length > 0 && bare.every((address) => address === '0.0.0.0' || address === '[::]')
  if (!isEvery) return settings
  const made = ports.flatMap((port) =>
    bare.map((address) => ({ keyword: 'listenaddress', value: safe(`${address}:${port}`) })),
  )
  return [...settings.filter(({ keyword }) => keyword !== 'listenaddress'), ...made]
}

/** Whether facts hold already what an edit makes, for everybody whom it is for. */
export function holds(facts: SshdFacts, edit: SshdEdit): boolean {
  if (edit.kind !== 'keyword' || edit.values === null) return false
  const views = facts.views.filter((view) => isFor(edit, view))
  const valuesOf = (settings: readonly SshdSetting[]): string =>
    settings
      .filter((one) => isNamed(one, edit))
      .map(({ value }) => value)
      .toSorted()
      .join('\n')
  return (
    views.length > 0 && views.every((view) => valuesOf(view.settings) === valuesOf(settingsWith(facts, view, edit)))
  )
}
