import { type AccountChange, isAccountName, isPlainPath, travels } from '../model/account.ts'
import { type FileBytes, textOf } from '../model/file-bytes.ts'
import { feedingFile, plainWord } from '../model/here-document.ts'
import type { Blocker, PlanPart } from '../model/plan.ts'
import { LINE_CAP, type Safe, safe, say } from '../model/safe.ts'
import { quote } from '../model/shell.ts'
import type { AccountStep, DiffLine } from '../model/step.ts'

/** The part of a plan that makes or changes one account, or null where nothing is to be done. */
export function accountStep(change: AccountChange): AccountStep | null {
  if (isIdle(change)) return null
  return {
    kind: 'account',
    title: say`account ${safe(change.name)}`,
    diff: [{ mark: '@', text: headOf(change) }, ...diffOf(change)],
    commands: commandsOf(change),
    change,
  }
}

function isIdle(change: AccountChange): boolean {
  switch (change.verb) {
    case 'create':
      return false
    case 'keys':
      return change.add.length + change.remove.length === 0
    case 'lock':
      return change.was === 'locked'
    case 'unlock':
      return change.was !== 'locked'
    case 'shell':
      return change.shell === change.was
  }
}

const headOf = (change: AccountChange): Safe =>
  change.verb === 'create'
    ? say`account ${safe(change.name)} (new)`
    : change.verb === 'keys'
      ? say`account ${safe(change.name)}: ${safe(change.file)}`
      : say`account ${safe(change.name)}`

const line = (mark: '+' | '-', text: Safe): DiffLine => ({ mark, text })
const keyLine = (mark: '+' | '-', bytes: FileBytes): DiffLine => line(mark, safe(textOf(bytes), LINE_CAP))

function diffOf(change: AccountChange): readonly DiffLine[] {
  switch (change.verb) {
    case 'create':
      return [
        line('+', say`shell ${safe(change.shell)}`),
        ...(change.groups.length > 0 ? [line('+', say`groups ${safe(change.groups.join(' '))}`)] : []),
        line('+', change.password ? say`password: typed when it is applied` : say`password: none (locked)`),
        ...change.keys.map((one) => keyLine('+', one)),
      ]
    case 'keys':
      return [...change.remove.map((one) => keyLine('-', one)), ...change.add.map((one) => keyLine('+', one))]
    case 'lock':
      return [line('-', say`password: ${WORDS[change.was]}`), line('+', say`password: locked`)]
    case 'unlock':
      return [line('-', say`password: locked`), line('+', say`password: as it was before it was locked`)]
    case 'shell':
      return [line('-', say`shell ${safe(change.was || '/bin/sh')}`), line('+', say`shell ${safe(change.shell)}`)]
  }
}

const WORDS = {
  set: say`set`,
  empty: say`none is asked for`,
  star: say`none matches (*)`,
  locked: say`locked`,
} as const

function commandsOf(change: AccountChange): readonly Safe[] {
  const name = safe(change.name)
  switch (change.verb) {
    case 'create': {
      const groups = change.groups.length > 0 ? say` -G ${safe(change.groups.join(','))}` : say``
      return [
        say`useradd -m -s ${safe(change.shell)}${groups} ${name}`,
        ...(change.keys.length > 0 ? [say`cat > ~${name}/.ssh/authorized_keys`] : []),
        ...(change.password ? [say`chpasswd`] : []),
      ]
    }
    case 'keys':
      return [say`cat > ${safe(change.file)}`]
    case 'lock':
      return [say`usermod -L ${name}`]
    case 'unlock':
      return [say`usermod -U ${name}`]
    case 'shell':
      return [say`usermod -s ${safe(change.shell)} ${name}`]
  }
}

/** Steps of accounts, and why one of them can't be made from here, whatever the server says. */
export const accountParts = (changes: readonly AccountChange[]): PlanPart => ({
  steps: changes.flatMap((change) => accountStep(change) ?? []),
  blockers: changes.flatMap(blockersOf),
  whatIf: [],
})

const blockersOf = (change: AccountChange): readonly Blocker[] =>
  travels(change)
    ? []
    : [{ kind: 'irreversible', message: oddWords(change), next: say`Unstage it, or do it by hand on the server.` }]

function oddWords(change: AccountChange): Safe {
  if (!isAccountName(change.name))
    return say`${safe(change.name)} is no name of an account that can be changed from here.`
  const odd = change.verb === 'create' ? change.groups.find((group) => !isAccountName(group)) : undefined
  if (odd !== undefined) return say`${safe(odd)} is no name of a group that can be used from here.`
  const path = change.verb === 'keys' ? change.file : 'shell' in change ? change.shell : ''
  if (!isPlainPath(path)) return say`${safe(path)} is not a path that can be used from here.`
  return say`What is to be changed of ${safe(change.name)} can't be sent as it is: a key is no line of a file, or what it rests on is not known.`
}

const END = 'HARDTUI_END'
const fileOf = (lines: readonly FileBytes[]): FileBytes => lines.map((one) => `${one}\n`).join('') as FileBytes

/** The change as commands of a script that a person runs as root; it asks him for the password. */
export function accountScript(change: AccountChange): string {
  const name = plainWord(change.name)
  const asHim = (script: string): string => `su -s /bin/sh ${name} -c ${quote(script)}`
  switch (change.verb) {
    case 'create': {
      const groups = change.groups.length > 0 ? ` -G ${plainWord(change.groups.join(','))}` : ''
      const keys = asHim('umask 077; mkdir -p ~/.ssh && cat >~/.ssh/authorized_keys')
      return [
        `useradd -m -s ${plainWord(change.shell)}${groups} ${name}\n`,
        change.keys.length > 0 ? feedingFile(keys, fileOf(change.keys), END) : '',
        change.password ? `passwd ${name}\n` : '',
      ].join('')
    }
    case 'keys': {
      const file = plainWord(change.file)
      const without = asHim(
        `umask 077; { grep -vxFf - ${file} || :; } >${file}.new && cat ${file}.new >${file} && rm ${file}.new`,
      )
      const folder = plainWord(change.file.replace(/\/[^/]*$/, ''))
      const ended = `[ -z "$(tail -c 1 ${file} 2>/dev/null)" ] || echo >>${file}`
      const withThem = asHim(`umask 077; mkdir -p ${folder} && { ${ended}; } && cat >>${file}`)
      return [
        change.remove.length > 0 ? feedingFile(without, fileOf(change.remove), END) : '',
        change.add.length > 0 ? feedingFile(withThem, fileOf(change.add), END) : '',
      ].join('')
    }
    case 'lock':
      return `usermod -L ${name}\n`
    case 'unlock':
      return `usermod -U ${name}\n`
    case 'shell':
      return `usermod -s ${plainWord(change.shell)} ${name}\n`
  }
}
