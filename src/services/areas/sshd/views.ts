import { LINE_CAP, type Safe, safe, say } from '../../model/safe.ts'
import type { SshdSetting, SshdSource, SshdView, UnjudgedMatch } from '../../model/sshd.ts'
import { linesOf } from '../parts.ts'
import { parseSettings } from './parse.ts'

/** Why nobody was asked for a block, by the word of views.sh. */
const REASONS: Readonly<Record<string, Safe>> = {
  strange: say`its group is not listed on this host`,
  refused: say`sshd did not answer for it`,
  unmet: say`nobody was found whom it holds for`,
}

type Person = {
  readonly user: string
  readonly address: string
  readonly block: string | null
  asked: string
  readonly matched: string[]
  readonly sources: string[]
  readonly lines: string[]
}

/**
 * Reads `views`, what sshd answered for others: a line `>user address block` (by TAB) begins a person, `?` what was asked,
 * `=criteria` is a Match block that held, `@` a line that did, `!` an answer that did not come, `-keyword` one that is not
 * in it; the rest is of `sshd -T` what it says otherwise than `own`. Gives the people, and the blocks of
 * `matches` that none of them met. A block for a group without members holds for nobody, which is an answer too.
 */
export function parseViews(
  text: string,
  matches: readonly string[],
  own: readonly SshdSetting[],
  main: string,
): { readonly views: readonly SshdView[]; readonly unjudged: readonly UnjudgedMatch[] } {
  const people: Person[] = []
  const reasons = new Map<string, string>()
  const empty = new Set<string>()
  for (const line of linesOf(text)) {
    const rest = line.slice(1)
    const current = people.at(-1)
    if (line.startsWith('>')) {
      const [user = '', address = '', ...block] = rest.split('\t')
      const name = block.join('\t')
      if (user === '!empty') empty.add(name)
      else if (user.startsWith('!')) reasons.set(name, user.slice(1))
      else {
        people.push({
          user,
          address,
          block: name === '-' ? null : name,
          asked: '',
          matched: [],
          sources: [],
          lines: [],
        })
      }
    } else if (line === '!') {
      const refused = people.pop()
      if (refused?.block) reasons.set(refused.block, 'refused')
    } else if (line.startsWith('?') && current) current.asked = rest
    else if (line.startsWith('=')) current?.matched.push(rest)
    else if (line.startsWith('@')) current?.sources.push(line)
    else current?.lines.push(line)
  }
  const met = new Set(people.flatMap(({ matched }) => matched))
  return {
    views: people.map(({ user, address, block, asked, matched, sources, lines }) => ({
      user: safe(user),
      address: safe(address),
      you: false,
      block: block === null ? null : safe(block, LINE_CAP),
      matched: blocksOf(matched),
      settings: otherwise(own, lines),
      asked,
      sources: parseSources(sources, main),
    })),
    unjudged: matches
      .filter((block) => !met.has(block) && !empty.has(block) && !isAll(block))
      .map((block) => ({
        block: safe(block, LINE_CAP),
        reason: REASONS[reasons.get(block) ?? 'unmet'] ?? (REASONS.unmet as Safe),
      })),
  }
}

/** What holds for somebody of whom it is said only how he differs. */
export function otherwise(own: readonly SshdSetting[], lines: readonly string[]): readonly SshdSetting[] {
  const theirs = parseSettings(lines.join('\n'))
  const replaced = new Set([
    ...theirs.map(({ keyword }) => keyword),
    ...lines.flatMap((line) => (line.startsWith('-') ? [line.slice(1)] : [])),
  ])
  return [...own.filter(({ keyword }) => !replaced.has(keyword)), ...theirs]
}

/** Reads `@PATH:LINE KEYWORD`; behind `@@` comes the pass over Match blocks, in which the first file, `main`, has another name. */
export function parseSources(lines: readonly string[], main: string): readonly SshdSource[] {
  const second = lines.indexOf('@@')
  return lines.flatMap((line, at) => {
    const [, path, number, keyword] = /^@(.*):(\d+) (\S+)$/.exec(line) ?? []
    if (path === undefined || keyword === undefined) return []
    const inMatch = second >= 0 && at > second
    const file = inMatch && path === 'reprocess config' ? main : path
    return [{ path: file, line: Number(number), keyword: keyword.toLowerCase(), inMatch }]
  })
}

/** The operator's own view; where there is no Match block it is everybody's. */
export const ownView = (
  user: Safe,
  address: string,
  settings: readonly SshdSetting[],
  matched: readonly string[],
  more: Pick<SshdView, 'asked' | 'sources'>,
): SshdView => ({ user, address: safe(address), you: true, block: null, matched: blocksOf(matched), settings, ...more })

/** `Match all` holds for everybody, which not every release says: it tells nobody from another. */
const blocksOf = (matched: readonly string[]): readonly Safe[] =>
  matched.filter((block) => !isAll(block)).map((block) => safe(block, LINE_CAP))

const isAll = (block: string): boolean => /^all$/i.test(block.trim())
