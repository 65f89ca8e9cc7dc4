import type { AskDns, DnsAnswer, DnsProof, DnsTransport } from '../model/dns.ts'
import { type Safe, safe, say } from '../model/safe.ts'

/** What asking from outside showed: in words, and whether one answer was another than the change is for. */
export type ProvenOutside = { readonly words: readonly Safe[]; readonly failed: Safe | null }

const TRANSPORTS: readonly DnsTransport[] = ['udp', 'tcp']

/**
 * Asks from this machine what a change is to have brought about, over UDP and TCP. An answer that says otherwise fails the
 * proof; none at all says nothing, for a filter on the way looks the same.
 */
export async function proveOutside(ask: AskDns, proofs: readonly DnsProof[]): Promise<ProvenOutside> {
  const asked = await Promise.all(
    proofs.flatMap((proof) =>
      TRANSPORTS.map(async (transport) => ({
        proof,
        transport,
        answer: await ask(proof.question, {
          family: proof.family,
          transport,
          ...(proof.address === undefined ? {} : { address: proof.address }),
        }),
      })),
    ),
  )
  const wrong = asked.filter(({ proof, answer }) => !isAsMeant(proof, answer))
  const [first] = wrong
  return {
    words: proofs.map((proof) =>
      wordsOf(
        proof,
        asked.filter((one) => one.proof === proof),
      ),
    ),
    failed: first ? say`asked from here over ${safe(first.transport)}: ${otherwise(first.proof, first.answer)}` : null,
  }
}

/** What is not known is not against it. A zone that can't be served for reasons of its own (SERVFAIL) is still there to ask. */
function isAsMeant({ expects }: DnsProof, answer: DnsAnswer): boolean {
  if (answer.state === 'refused') return expects === 'no recursion'
  if (answer.state !== 'answered') return true
  if (expects === 'its own answer') return answer.code !== 'REFUSED'
  return answer.recursion === (expects === 'recursion')
}

const otherwise = ({ expects, question }: DnsProof, answer: DnsAnswer): Safe =>
  expects === 'its own answer'
    ? say`${safe(question.name, 80)} is no longer answered (${answer.state === 'answered' ? answer.code : answer.reason})`
    : expects === 'recursion'
      ? say`names are no longer looked up for you (${answer.state === 'answered' ? answer.code : answer.reason})`
      : say`names are still looked up for you`

function wordsOf(
  { what, expects, question }: DnsProof,
  asked: readonly { readonly transport: DnsTransport; readonly answer: DnsAnswer }[],
): Safe {
  const heard = asked.filter(({ answer }) => answer.state === 'answered' || answer.state === 'refused')
  const odd = heard.find(({ answer }) => answer.state === 'answered' && answer.code !== 'NOERROR')
  if (expects === 'its own answer' && odd?.answer.state === 'answered')
    return say`${safe(question.name, 80)}: ${odd.answer.code}`
  if (heard.length > 0) return say`${what} (${safe(heard.map(({ transport }) => transport).join(', '))})`
  const [first] = asked
  const why = first && first.answer.state !== 'answered' ? first.answer.reason : say`no answer`
  return say`${what}: not known, ${why}`
}
