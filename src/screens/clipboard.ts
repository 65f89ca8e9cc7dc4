import type { Safe } from '../services/model/safe.ts'

/** Terminals drop longer sequences whole. */
const LONGEST = 74_000

/**
 * Puts text on the clipboard of the terminal, wherever that is: OSC 52 goes through SSH. Inside tmux it is wrapped so
 * that tmux passes it on. Nothing is drawn, so it may be written between frames.
 */
export const createClipboard =
  (stdout: Pick<NodeJS.WriteStream, 'write'>, env: Readonly<Record<string, string | undefined>>) =>
  (text: Safe): void => {
    const payload = Buffer.from(text, 'utf8').toString('base64')
    if (payload.length > LONGEST) return
    const sequence = `\u001b]52;c;${payload}\u0007`
    stdout.write(env.TMUX ? `\u001bPtmux;\u001b${sequence}\u001b\\` : sequence)
  }
