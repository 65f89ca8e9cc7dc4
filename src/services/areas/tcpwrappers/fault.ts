import { dotted, maskOf, readAddress } from '../../model/addresses.ts'
import { type FileBytes, textOf } from '../../model/file-bytes.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { networkOf } from './decide.ts'
import type { AccessFile, AccessLine } from './facts.ts'
import { LONGEST, readLine } from './lines.ts'
import { optionFault } from './options.ts'
import { isRemark, ruleOf } from './rules.ts'

/** What libwrap does with a line that is no sound rule, in a word and in a sentence. */
export type Fault = { readonly word: Safe; readonly words: Safe }

/** What is wrong with each line of a file, by its place; null where nothing is. Blank lines and plain comments are in order. */
export function faultsOf(file: AccessFile, lines: readonly AccessLine[]): readonly (Fault | null)[] {
  const end = lines.findIndex(({ bytes }) => !readLine(bytes).whole)
  return lines.map(({ bytes }, at) => {
    if (end >= 0 && at > end) return NEVER
    if (at === end) return brokenFault(file, bytes, at === lines.length - 1)
    return lineFault(bytes)
  })
}

const NEVER: Fault = {
  word: say`never read`,
  words: say`libwrap gives the file up at a line before this one, and never comes here`,
}

function brokenFault(file: AccessFile, bytes: FileBytes, isLast: boolean): Fault | null {
  // Behind it nothing is left to be given up.
  if (file === 'allow' && isLast && isComment(textOf(readLine(bytes).text))) return null
  const why = readLine(bytes).text.length > LONGEST ? say`is too long` : say`has no line end`
  return file === 'deny'
    ? {
        word: say`keeps all out`,
        words: say`this line ${why}: libwrap gives the file up here, and keeps out everybody`,
      }
    : { word: say`not read`, words: say`this line ${why}: libwrap gives the file up here, and goes on with hosts.deny` }
}

function lineFault(bytes: FileBytes): Fault | null {
  const text = textOf(readLine(bytes).text)
  if (!isRemark(text)) return isComment(text) && !ruleOf(text) ? null : ruleFault(text)
  const further = bytes.split('\n').slice(1)
  return text.startsWith('#') && further.some((line) => !isRemark(textOf(line as FileBytes)))
    ? { word: say`a comment`, words: say`the comment goes on by its \\ : what stands in its next line is no rule` }
    : null
}

/** Whether a line is meant as a comment; to libwrap `#` is one at the very beginning alone. */
const isComment = (text: string): boolean => isRemark(text) || /^[ \t]*#/.test(text)

const SKIPPED = say`skipped`
const REFUSES = say`refuses`
const ODD = say`odd`

/** What is wrong with a rule as hosts_access(5) and hosts_options(5) have them. */
export function ruleFault(text: string): Fault | null {
  const rule = ruleOf(text)
  if (!rule) return { word: SKIPPED, words: say`no colon stands between daemons and clients: libwrap skips the line` }
  const { daemons, clients, options } = rule
  const bare = bareV6(text)
  if (bare) return { word: ODD, words: say`an IPv6 address stands in brackets: [${safe(bare)}]` }
  const list = listFault(daemons, say`daemon`) ?? listFault(clients, say`client`)
  if (list) return { word: ODD, words: list }
  const path = daemons.find((word) => word.includes('/'))
  if (path) return { word: ODD, words: say`a daemon is named without its path: ${safe(path.replace(/^.*\//, ''), 60)}` }
  for (const word of clients) {
    const words = clientFault(word.slice(word.lastIndexOf('@') + 1))
    if (words) return { word: ODD, words }
  }
  for (const [at, option] of options.entries()) {
    const words = optionFault(option, at === options.length - 1)
    if (words) return { word: REFUSES, words: say`${words}: libwrap keeps out whoever this rule matches` }
  }
  return null
}

/** An IPv6 address among the clients that stands without brackets, so that its colons end the list. */
function bareV6(text: string): string | null {
  const words = text.slice(text.indexOf(':') + 1).split(/[\s,]+/)
  return words.find((word) => typeof (readAddress(word.replace(/\/.*$/, '')) ?? 0) !== 'number') ?? null
}

function listFault(words: readonly string[], kind: Safe): Safe | null {
  if (words.length === 0) return say`no ${kind} is named: the rule matches nobody`
  const isExcept = (word: string | undefined): boolean => word?.toUpperCase() === 'EXCEPT'
  if (isExcept(words[0])) return say`nothing stands before EXCEPT: the rule matches nobody`
  return isExcept(words.at(-1)) ? say`nothing stands behind EXCEPT` : null
}

function clientFault(word: string): Safe | null {
  const network = networkOf(word)
  if (!network) return null
  if (network.net === null || network.bits === null)
    return say`${safe(word, 60)} is no address or network that libwrap is sure to read`
  const { net, bits } = network
  if (typeof net !== 'number') return null
  const first = (net & (maskOf(net, bits) as number)) >>> 0
  return first === net
    ? null
    : say`${safe(word)} matches nobody: the network is ${safe(dotted(first))}/${bits}, an address of it stands alone`
}

/** Reads a rule as it is typed; the fault says in one sentence why it can't be one. */
export function typedFault(text: string, bytes: number): Safe | null {
  if (text.trim() === '') return say`Type a rule: daemons, a colon, clients.`
  if (isRemark(text)) return say`A line that begins with # is a comment: libwrap skips it.`
  if (text.endsWith('\\')) return say`With \\ at its end the rule would go on in the next line.`
  if (bytes > LONGEST) return say`libwrap reads ${LONGEST} bytes of a line, and this one is longer.`
  const fault = ruleFault(text)
  return fault && say`No: ${fault.words}.`
}
