import { splitWords } from './words.ts'

/** How the comment of a rule that was switched off begins; the rest is what it did. */
const MARK = 'off by hardtui: '
/** As iptables-save(8) prints it before its quoted text. */
const COMMENT = ' -m comment --comment '
/** Longest comment that xt_comment keeps (XT_MAX_COMMENT_LEN, its end not counted). */
const LONGEST_COMMENT = 255

/** What a rule that was switched off did with a packet (`-j DROP`), or null for any other rule. */
export function switchedOff(text: string): string | null {
  const at = text.lastIndexOf(`${COMMENT}"${MARK}`)
  const first = at < 0 && text.startsWith(`${COMMENT.slice(1)}"${MARK}`)
  if (at < 0 && !first) return null
  const split = splitWords(first ? text.slice(COMMENT.length - 1) : text.slice(at + COMMENT.length))
  const [comment, ...more] = split.ok ? split.value : []
  return comment === undefined || more.length > 0 ? null : comment.slice(MARK.length)
}

/**
 * The same rule without effect: it still counts what it matches, and its target waits in a comment of its own. null for
 * a rule without target, and for one whose target is too long to be kept so.
 */
export function switchOff(text: string): string | null {
  const at = targetAt(text)
  if (at < 0) return null
  const comment = `${MARK}${text.slice(at)}`
  if (Buffer.byteLength(comment) > LONGEST_COMMENT) return null
  const matches = text.slice(0, at).trimEnd()
  return `${matches}${COMMENT}"${comment.replace(/["'\\]/g, '\\$&')}"`.trimStart()
}

/** The rule byte for byte as it was before it was switched off; null for any other rule. */
export function switchOn(text: string): string | null {
  const target = switchedOff(text)
  if (target === null) return null
  const at = text.lastIndexOf(`${COMMENT}"${MARK}`)
  return at < 0 ? target : `${text.slice(0, at)} ${target}`
}

/** Where `-j` or `-g` stands outside quotes: iptables-save prints the target, with its options, after all matches. */
function targetAt(text: string): number {
  for (let i = 0, quoted = false; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') quoted = !quoted
    else if (!quoted && (i === 0 || text[i - 1] === ' ') && /^-[jg] /.test(text.slice(i, i + 3))) return i
  }
  return -1
}
