import { LINE_CAP, type Safe, safe, say } from '../../model/safe.ts'
import type { SshdSetting, SshdView, UnjudgedMatch } from '../../model/sshd.ts'
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
  readonly matched: string[]
  readonly lines: string[]
}

/**
 * Reads `views`, what sshd answered for others: a line `>user address block` (by TAB) begins a person, `=criteria` is a
 * Match block that held, `!` an answer that did not come; the rest is `sshd -T`. Gives the people, and the blocks of
 * `matches` that none of them met. A block for a group without members holds for nobody, which is an answer too.
 */
export function parseViews(
  text: string,
  matches: readonly string[],
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
        people.push({ user, address, block: name === '-' ? null : name, matched: [], lines: [] })
      }
    } else if (line === '!') {
      const refused = people.pop()
      if (refused?.block) reasons.set(refused.block, 'refused')
    } else if (line.startsWith('=')) current?.matched.push(rest)
    else current?.lines.push(line)
  }
  const met = new Set(people.flatMap(({ matched }) => matched))
  return {
    views: people.map(({ user, address, block, matched, lines }) => ({
      user: safe(user),
      address: safe(address),
      you: false,
      block: block === null ? null : safe(block, LINE_CAP),
      matched: blocksOf(matched),
      settings: parseSettings(lines.join('\n')),
    })),
    unjudged: matches
      .filter((block) => !met.has(block) && !empty.has(block) && !isAll(block))
      .map((block) => ({
        block: safe(block, LINE_CAP),
        reason: REASONS[reasons.get(block) ?? 'unmet'] ?? (REASONS.unmet as Safe),
      })),
  }
}

/** The operator's own view; where there is no Match block it is everybody's. */
export const ownView = (
  user: Safe,
  address: string,
  settings: readonly SshdSetting[],
  matched: readonly string[],
): SshdView => ({ user, address: safe(address), you: true, block: null, matched: blocksOf(matched), settings })

/** `Match all` holds for everybody, which not every release says: it tells nobody from another. */
const blocksOf = (matched: readonly string[]): readonly Safe[] =>
  matched.filter((block) => !isAll(block)).map((block) => safe(block, LINE_CAP))

const isAll = (block: string): boolean => /^all$/i.test(block.trim())
