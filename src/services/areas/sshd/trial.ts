import type { Probe, ProbeOutput } from '../../model/command.ts'
import type { Merged } from '../../model/editing.ts'
import { fail, ok, type Result } from '../../model/errors.ts'
import { type FileBytes, sumOf, toBase64 } from '../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { quote } from '../../model/shell.ts'
import type { SshdSetting, SshdView } from '../../model/sshd.ts'
import type { FileChange } from '../../model/step.ts'
import { isWhole, linesOf, partsOf } from '../parts.ts'
import { parseSettings } from './parse.ts'
import programScript from './program.sh'
import trialScript from './trial.sh'

/** A script is one argument of a shell, and the kernel takes no longer one (MAX_ARG_STRLEN). Bytes. */
const LONGEST = 120 * 1024

/** What sshd would do with the files as they will be: the people it is asked for, in the order of the facts' views. */
export type Trial = {
  readonly people: readonly TriedPerson[]
}

/** One person's settings as sshd gives them now and with the changed files. `sum` is the SHA-256 of what it prints then. */
export type TriedPerson = {
  readonly view: SshdView
  readonly sum: string
  readonly before: readonly SshdSetting[]
  readonly after: readonly SshdSetting[]
  /** The keywords that change, in lower case. */
  readonly changed: readonly string[]
}

/** Files of an area before and after, as changes in the order of their paths. */
export function changedFiles({ base, after }: Pick<Merged<'sshd'>, 'base' | 'after'>): readonly FileChange[] {
  const before = base.files ?? NONE
  const then = after.files ?? NONE
  return [...new Set([...before.keys(), ...then.keys()])].toSorted().flatMap((path) => {
    const [was, text] = [before.get(path) ?? null, then.get(path) ?? null]
    return was === text ? [] : [{ path, was, text }]
  })
}

const NONE: ReadonlyMap<string, FileBytes> = new Map()

/** The question that sshd on the server is asked about what is staged; null where nothing of its files changes. */
export function trialOf({ base, after }: Pick<Merged<'sshd'>, 'base' | 'after'>): Probe | null {
  const changes = changedFiles({ base, after })
  if (changes.length === 0) return null
  const coded = changes.map(({ path, text }) => `${path} ${text === null ? '-' : toBase64(text).replaceAll('\n', '')}`)
  // Other files have their part in the answer: it is one to these alone.
  const rest = sumOf(
    [...(base.files ?? NONE)].map(([path, bytes]) => `${path} ${sumOf(bytes)}\n`).join('') as FileBytes,
  )
  const given = [
    `# over ${rest}`,
    `people=${quote(
      peopleOf({ base, after })
        .map(({ asked }) => asked)
        .join('\n'),
    )}`,
    `changed=${quote(coded.join('\n'))}`,
    `options=${quote(base.options.join('\n'))}`,
  ]
  return { id: 'sshd-trial', script: [...given, programScript, trialScript].join('\n'), timeoutSeconds: 30 }
}

/** Those of whom it is known how sshd was asked, and accounts that are made, who come as the operator does. */
function peopleOf({ base, after }: Laid): readonly SshdView[] {
  const known = base.views.filter(({ asked }) => asked !== '')
  const own = known.find(({ you }) => you)
  if (!own) return known
  // Who is nobody in particular yet has what anybody has.
  const like = known.find(({ user, block }) => user === 'anybody' && block === null) ?? own
  const made = newAdmins({ base, after }).map((name): SshdView => {
    const asked = own.asked.replace(/^user=[^,]*/, `user=${name}`)
    return { ...like, you: false, user: safe(name), asked }
  })
  return [...known, ...made]
}

/** The accounts that staged changes make. */
export const newAdmins = ({ base, after }: Laid): readonly string[] =>
  (after.accounts?.accounts ?? [])
    .filter(({ name }) => !base.accounts?.accounts.some((one) => one.name === name))
    .map(({ name }) => name)

type Laid = Pick<Merged<'sshd'>, 'base' | 'after'>

/** Whether a trial can be had at all: its script has to travel as one argument. */
export const isTooLong = ({ script }: Probe): boolean => script.length > LONGEST

/** Reads what the trial printed; the error is a sentence on why nothing is known, or why sshd refuses the files. */
export function readTrial(output: ProbeOutput | null, laid: Laid): Result<Trial, Safe> {
  if (!output || output.cut !== null) return fail(say`sshd on the server did not answer to the end`)
  const part = partsOf(output)
  const said = linesOf(part('said'))
  if (part('status') !== '0')
    return fail(say`sshd can't be asked beforehand on this server: ${safe(said.at(-1) ?? 'unshare(1) is missing')}`)
  const verdict = said.find((line) => line.startsWith('='))
  if (verdict !== '=0') return fail(say`sshd refuses it: ${tellingLine(said)}`)
  if (!isWhole(output, 'answers')) return fail(say`sshd on the server did not answer to the end`)
  return readAnswers(part('answers'), peopleOf(laid))
}

function readAnswers(text: string, views: readonly SshdView[]): Result<Trial, Safe> {
  const people: TriedPerson[] = []
  let lines: string[] = []
  const told = new Map<number, { readonly sum: string; readonly lines: string[] }>()
  for (const line of linesOf(text)) {
    const [, number, before, sum] = /^>(\d+) ([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(line) ?? []
    if (sum !== undefined && before !== undefined) {
      lines = []
      told.set(Number(number), { sum, lines })
    } else if (/^[-+]/.test(line)) lines.push(line)
    else return fail(say`sshd did not answer for somebody whom it was asked about`)
  }
  for (const [at, view] of views.entries()) {
    const one = told.get(at)
    if (!one) return fail(say`sshd did not answer for somebody whom it was asked about`)
    people.push(personOf(view, one.sum, one.lines))
  }
  return ok({ people })
}

function personOf(view: SshdView, sum: string, lines: readonly string[]): TriedPerson {
  const of = (mark: string): readonly SshdSetting[] =>
    parseSettings(lines.flatMap((line) => (line.startsWith(mark) ? [line.slice(1)] : [])).join('\n'))
  const [gone, come] = [of('-'), of('+')]
  const changed = [...new Set([...gone, ...come].map(({ keyword }) => keyword))]
  const rest = view.settings.filter(({ keyword }) => !changed.includes(keyword))
  return { view, sum, before: [...rest, ...gone], after: [...rest, ...come], changed }
}

/** The line of sshd's words that says most: what it found, not that it gives up. */
function tellingLine(said: readonly string[]): Safe {
  const words = said.flatMap((line) => (line.startsWith('=') ? [] : [line.trim()]))
  return safe(
    words.find((line) => /bad|error|invalid|unsupported|missing/i.test(line)) ?? words.at(-1) ?? 'no reason given',
  )
}
