import { type Safe, say } from '../../services/model/safe.ts'
import type { PacketAnswer } from '../../state/areas/firewall/packet-answer.ts'
import { columns, type Line, line, type Role } from '../text/line.ts'

type Parts = PacketAnswer['now']
type Walked = Parts[number]['walked']

const WORDS: Readonly<Record<Walked['answer'], { readonly word: Safe; readonly role: Role }>> = {
  yes: { word: say`✓ passes`, role: 'good' },
  no: { word: say`✗ does not`, role: 'bad' },
  unsure: { word: say`? unsure`, role: 'warn' },
}

/** What becomes of a connection, step by step; with staged changes, the steps that they alter stand as they would be. */
export function packetLines({ question, now, staged }: PacketAnswer, width: number): readonly Line[] {
  const rows = now.flatMap((part, at): Line[] => {
    const then = staged?.[at]
    const same = !then || (then.walked.answer === part.walked.answer && then.walked.because === part.walked.because)
    const row = (title: Safe, { answer, because }: Walked): Line =>
      columns(
        [
          { text: title, width: 13, role: 'dim' },
          { text: WORDS[answer].word, width: 11, role: WORDS[answer].role },
          { text: because, grow: true },
        ],
        width,
      )
    return same ? [row(part.title, part.walked)] : [row(part.title, part.walked), row(say`  as staged`, then.walked)]
  })
  const more =
    rows.length > 3
      ? []
      : [line(say`Ctrl-u clears the line: from 203.0.113.5 tcp https · to 192.0.2.53 udp domain · ping`, 'dim')]
  return [line(question, 'strong'), ...rows, ...more]
}
