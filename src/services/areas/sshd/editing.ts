import { SUDOERS } from '../../model/account.ts'
import type { FileEdit, StagedOf } from '../../model/areas.ts'
import type { Conflict, Editing, Folded, Merged, Past, Seen, Undone } from '../../model/editing.ts'
import type { Blocker, PlanPart, WhatIf } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { KeywordEdit, SshdFacts } from '../../model/sshd.ts'
import { accountParts } from '../../steps/account-step.ts'
import { undoAccounts } from '../../steps/account-undo.ts'
import { describeFile, foldFile } from '../../steps/file-edit.ts'
import { fileBlockers, fileStep } from '../../steps/file-step.ts'
import { accountNow, describeAccount } from './accounts/edits.ts'
import { foldAccount } from './accounts/fold.ts'
import { guardAccount } from './accounts/own-door.ts'
import { namesOf } from './config/keywords.ts'
import { guardLogin } from './guards.ts'
import { keywordOf } from './keywords/table.ts'
import { holds, isSshdFile, lay, type SshdEdit } from './lay.ts'
import { portsOf, valuesOf } from './parse.ts'
import { changedFiles, isTooLong, newAdmins, readTrial, type Trial, trialOf } from './trial.ts'

/** How sshd is changed: keywords, each where it takes effect, and back by the texts that its files had before a change. */
export const sshdEditing: Editing<'sshd'> = {
  lay,
  fold,
  holds,
  describe,
  trial: (merged) => {
    const question = trialOf(merged)
    return question && !isTooLong(question) ? question : null
  },
  part,
  owns: { accounts: true, file: (path) => isSshdFile(path) || path.startsWith(SUDOERS) },
  undo,
  whyNot,
}

/** Why no keyword can be set on this host; null where one can. */
function whyNot({ files, whyNoFiles, options }: SshdFacts): Safe | null {
  if (files) return options.some((one) => /^-f/.test(one)) ? FROM_ELSEWHERE : null
  return say`its files can't be changed from here: ${whyNoFiles ?? say`they were not read`}`
}

const FROM_ELSEWHERE = say`sshd was started with -f: change the file that it names by hand`

/** One edit a keyword and block: the last one staged. What holds without any comes to nothing. */
function fold(held: readonly StagedOf<'sshd'>[], added: StagedOf<'sshd'>, facts: SshdFacts | null): Folded<'sshd'> {
  const { edit } = added
  if (edit.kind === 'file') return { held: foldFile(held, { ...added, edit }) }
  if (edit.kind === 'account') return foldAccount(held, added, edit.change)
  const rest = held.filter((one) => one.edit.kind !== 'keyword' || !isSame(one.edit, edit))
  if (rest.length === held.length) return { held: [...held, added] }
  return facts && holds(facts, edit)
    ? { held: rest, idle: say`${safe(edit.keyword)} stays as it is on the server.` }
    : { held: held.flatMap((one) => (rest.includes(one) ? [one] : [added])) }
}

const isSame = (a: KeywordEdit, b: KeywordEdit): boolean =>
  a.match === b.match && namesOf(a.keyword).includes(b.keyword.toLowerCase())

/** `sshd PermitRootLogin  yes → no` */
function describe(edit: SshdEdit, before: SshdFacts): { readonly target: Safe; readonly summary: Safe } {
  if (edit.kind === 'file') return describeSudoers(edit) ?? describeFile(edit)
  if (edit.kind === 'account') return describeAccount(edit.change)
  const { keyword, values, match } = edit
  const view =
    match === null ? before.views[0] : before.views.find(({ matched }) => matched.some((one) => one === match))
  const now = namesOf(keyword).flatMap((name) => valuesOf(view?.settings ?? [], name).map(({ value }) => value))
  const was = now.length === 0 ? say`not set` : safe(now.join(' '), 200)
  const next = safe(values?.join(' ') ?? '', 200)
  return {
    target: match === null ? say`sshd ${safe(keyword)}` : say`sshd ${safe(keyword)} (Match ${safe(match, 80)})`,
    summary: values === null ? say`${was} → its lines taken out` : (listWords(now, values) ?? say`${was} → ${next}`),
  }
}

/** A file of ours for sudo that is new: whom it makes root. */
function describeSudoers({ path, text, was }: FileEdit): ReturnType<typeof describeFile> | null {
  if (!path.startsWith(SUDOERS) || text === null || was !== null) return null
  return {
    target: say`sudo ${safe(path.slice(SUDOERS.length))}`,
    summary: say`becomes root ${text.includes('NOPASSWD') ? say`without a password` : say`by a password of its own`}, by ${safe(path)}`,
  }
}

/** What goes from a long list and what comes, where that says more than both of them whole. */
function listWords(now: readonly string[], values: readonly string[]): Safe | null {
  const [was, then] = [now, values].map((all) => all.flatMap((one) => one.split(',')))
  if (!was || !then || was.length < 4 || then.length < 2) return null
  const [gone, come] = [was.filter((one) => !then.includes(one)), then.filter((one) => !was.includes(one))]
  if (gone.length + come.length === 0) return say`in another order`
  const words = [...gone.map((one) => `-${one}`), ...come.map((one) => `+${one}`)]
  return safe(words.join(' '), 200)
}

const NOTHING: Pick<PlanPart, 'whatIf' | 'blockers'> = { whatIf: [], blockers: [] }

function part(merged: Merged<'sshd'>, edits: readonly SshdEdit[], seen: Seen): PlanPart {
  const files = filesOf(merged, edits)
  const accounts = accountParts(edits.flatMap((edit) => (edit.kind === 'account' ? [edit.change] : [])))
  const steps = [...accounts.steps, ...files.flatMap((change) => fileStep(change) ?? [])]
  const isTouched = files.some(({ path }) => isSshdFile(path))
  const tried: Tried = isTouched ? triedPart(merged, edits, seen) : NOTHING
  const successor = proofAs(merged, seen)
  const own = guardAccount(
    merged.base.accounts,
    merged.after.accounts,
    seen.host,
    valuesOf(merged.after.settings, 'usepam')[0]?.value,
  )
  return {
    steps,
    whatIf: [...tried.whatIf, ...own.whatIf, ...(tried.trial ? leftBehind(tried.trial, seen) : [])],
    blockers: [
      ...accounts.blockers,
      // Whom a new account takes the place of may close his own door: that one is proven to come in.
      ...(successor.proofAs === undefined ? own.blockers : []),
      ...files.flatMap((change) => (change.text === change.was ? [] : fileBlockers(change, seen.file(change.path)))),
      ...merged.conflicts.map(conflict),
      ...tried.blockers,
    ],
    ...successor,
    ...(isTouched
      ? {
          sshd: 'reload',
          checks: ['sshd'],
          newPorts: tried.trial ? newPorts(tried.trial, seen) : portsInText(edits, seen),
          // Who is made is in no group yet, by which a Match block may know him afterwards.
          sshdAnswers:
            tried.trial?.people
              .filter(({ view }) => merged.base.views.includes(view))
              .map(({ view: { asked }, sum }) => ({ asked, sum })) ?? [],
        }
      : {}),
  }
}

/** The files that sshd reads, as far as they change, and those that come back though it does not read them. */
function filesOf(merged: Merged<'sshd'>, edits: readonly SshdEdit[]) {
  const read = changedFiles(merged)
  const others = edits.filter(
    (edit): edit is FileEdit => edit.kind === 'file' && !read.some(({ path }) => path === edit.path),
  )
  return [...read, ...others.filter(({ path }) => !merged.base.files?.has(path))].map((change) => {
    // A file that comes back rests on what it was taken to be, be it not read.
    const back = edits.find((edit): edit is FileEdit => edit.kind === 'file' && edit.path === change.path)
    return back && !merged.base.files?.has(back.path) ? { ...change, was: back.was } : change
  })
}

/** Root's successor proves the change: his own login may be closed by it, and this one must come in and become root. */
function proofAs(merged: Merged<'sshd'>, { host }: Seen): Pick<PlanPart, 'proofAs'> {
  const [name] = newAdmins(merged)
  return name !== undefined && host.login.uid === 0 ? { proofAs: name } : {}
}

type Tried = Pick<PlanPart, 'whatIf' | 'blockers'> & { readonly trial?: Trial }

/** What sshd on the server said of it; without its word nothing is armed. */
function triedPart(merged: Merged<'sshd'>, edits: readonly SshdEdit[], seen: Seen): Tried {
  const question = trialOf(merged)
  if (!question) return { ...NOTHING, whatIf: [UNASKED] }
  if (isTooLong(question))
    return blocked(say`The changed files of sshd are too long to be tried beforehand.`, say`Change them by hand.`)
  const answer = seen.tried(question)
  if (!answer)
    return blocked(
      say`The server's sshd has not yet said what it makes of this.`,
      say`Wait for its answer, or ask again with R.`,
      'untried',
    )
  const trial = readTrial(answer, merged)
  if (!trial.ok) return blocked(say`${trial.error}.`, say`Unstage it with x, or stage something else.`)
  const guard = guardLogin(trial.value, merged, seen)
  return {
    trial: trial.value,
    whatIf: guard.whatIf,
    blockers: [...unmeant(trial.value, edits), ...guard.blockers],
  }
}

const UNASKED: WhatIf = {
  answer: 'unsure',
  question: say`your next login`,
  because: say`sshd can't be asked beforehand about these files`,
}

const blocked = (message: Safe, next: Safe, kind: Blocker['kind'] = 'conflict'): Tried => ({
  whatIf: [],
  blockers: [{ kind, message, next }],
})

/** What `sshd -T` prints otherwise as well once a keyword is set. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  port: ['listenaddress'],
  addressfamily: ['listenaddress'],
  listenaddress: ['port'],
}

/** Keywords that would change for somebody though nobody meant them. Files that come back are meant as a whole. */
function unmeant({ people }: Trial, edits: readonly SshdEdit[]): readonly Blocker[] {
  if (edits.some((edit) => edit.kind === 'file' && isSshdFile(edit.path))) return []
  const meant = edits.flatMap((edit) => (edit.kind === 'keyword' ? namesOf(edit.keyword) : []))
  const also = meant.flatMap((name) => TOGETHER[name] ?? [])
  const others = new Set(people.flatMap(({ changed }) => changed.filter((one) => ![...meant, ...also].includes(one))))
  return [...others].map((name) => ({
    kind: 'conflict',
    message: say`sshd would change ${safe(keywordOf(name)?.name ?? name)} as well, which nobody staged.`,
    next: say`Press R to read its files again, and stage it anew.`,
  }))
}

const conflict = ({ edit, reason }: Conflict<SshdEdit>): Blocker => ({
  kind: 'conflict',
  message: say`The change to ${safe(edit.kind === 'keyword' ? edit.keyword : edit.kind === 'file' ? edit.path : edit.change.name)} can't be made: ${reason}.`,
  next: say`Unstage it with x, and mend that by hand.`,
})

const isNew =
  ({ host }: Seen, before: readonly number[]) =>
  (port: number) =>
    !before.includes(port) && port !== host.session.serverPort

/** Where sshd would listen anew, but for the port that the operator is on; where that goes, all that are left. */
function newPorts({ people }: Trial, seen: Seen): readonly number[] {
  const [own] = people
  if (!own) return []
  const after = portsOf(own.after)
  return after.includes(seen.host.session.serverPort) ? after.filter(isNew(seen, portsOf(own.before))) : after
}

/** Rules that are about a port which sshd has had, and not about where it comes to listen: a jail's, a limit's. */
function leftBehind(trial: Trial, seen: Seen): readonly WhatIf[] {
  const come = newPorts(trial, seen)
  const [own] = trial.people
  if (!own || come.length === 0) return []
  return portsOf(own.before).flatMap((port) => {
    const rules = seen.rulesNaming(port, come)
    const [first] = rules
    if (!first) return []
    const more = rules.length > 1 ? say` (and ${rules.length - 1} more)` : say``
    const jail = rules.some((rule) => /\bf2b-|fail2ban/.test(rule))
      ? say`fail2ban's jail needs port = ${safe([port, ...come].join(','))}, and a reload; `
      : say``
    return [
      {
        answer: 'unsure',
        question: say`rules that know port ${port} and not ${safe(come.join(', '))}`,
        because: say`${jail}${first}${more}`,
      },
    ]
  })
}

/** The same by the words of files that sshd could not be asked about. */
function portsInText(edits: readonly SshdEdit[], seen: Seen): readonly number[] {
  const texts = edits.flatMap((edit) =>
    edit.kind === 'file' && isSshdFile(edit.path) && edit.text && edit.text !== edit.was ? [edit.text] : [],
  )
  const ports = texts.flatMap((text) =>
    [...text.matchAll(/^[ \t]*port[ \t=]+"?(\d{1,5})"?/gim)].map((match) => Number(match[1])),
  )
  return [...new Set(ports)].filter((port) => port > 0 && port < 65536 && isNew(seen, [])(port))
}

/** The texts that the files had before, and the accounts as they were. */
function undo(past: Past, now: SshdFacts | null): Undone<SshdEdit> {
  const accounts = undoAccounts(past.accounts, (name) => accountNow(now?.accounts ?? null, name))
  const files = past.files.flatMap(({ path, text, was }): readonly SshdEdit[] =>
    text === was ? [] : [{ kind: 'file', path, text: was, was: text }],
  )
  const edits = accounts.edits.map((change): SshdEdit => ({ kind: 'account', change }))
  return { edits: [...edits, ...files], remarks: accounts.remarks }
}
