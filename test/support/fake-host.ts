import { stagedFilesProbe } from '../../src/services/areas/staged-files.ts'
import { fail, ok, type Result } from '../../src/services/model/errors.ts'
import type { Host, HostFacts, Link } from '../../src/services/model/host.ts'
import { say } from '../../src/services/model/safe.ts'
import { LOG_AGAIN } from '../../src/services/model/securelog.ts'
import { MAIN, sshdParts, trialParts } from './fake-sshd.ts'
import { filePart } from './file-part.ts'
import type { ProbeTexts } from './probe-texts.ts'

/** A server that answers probes from texts; the test holds its link and its log. */
export type FakeHost = Host & {
  /** The probes that it was asked, by id, the oldest first. */
  readonly asked: string[]
  readonly setLink: (link: Link) => void
  /** What a probe waits for before it answers. */
  probing: Promise<unknown> | null
  /** Lines that the followed log gets. */
  readonly log: (...lines: readonly string[]) => void
  readonly endLog: () => void
  readonly probes: () => number
  readonly closed: () => boolean
}

export type FakeServer = {
  facts: HostFacts
  texts: ProbeTexts
  /** Its answers to who asks for older lines of the log, one after the other. */
  older?: Parts[]
  /** What it prints of its whole log. */
  survey?: readonly string[]
  /** Texts of its files, by path. Where sshd_config is among them sshd goes by it. */
  files?: Record<string, string>
  /** What sshd answers when it is asked about files as they would be, in place of what it makes of them; null: nothing. */
  trial?: (answer: Parts) => Parts | null
}

type Parts = Readonly<Record<string, string>>

const TARGET: Host['target'] = {
  name: 'web1.example.net',
  host: 'web1.example.net',
  port: 10022,
  user: 'ops',
  identityFiles: [],
  agent: null,
  knownHostsFiles: [],
  hostKeyAlias: 'web1.example.net',
}

export function fakeHost(server: FakeServer): FakeHost {
  let link: Link = { state: 'up', roundTripMs: 38 }
  let probes = 0
  let closed = false
  const linkListeners = new Set<(link: Link) => void>()
  let onLines: ((lines: readonly string[]) => void) | null = null
  let onEnd: (() => void) | null = null
  const gone: Result<never> = fail({
    kind: 'disconnected',
    message: say`The connection is gone.`,
    next: say`It is tried again by itself.`,
  })
  const self: FakeHost = {
    asked: [],
    probing: null,
    target: TARGET,
    link: () => link,
    onLink: (listener) => {
      linkListeners.add(listener)
      return () => void linkListeners.delete(listener)
    },
    comeBackBy: () => {},
    banner: () => [],
    probe: async (asked, on) => {
      probes += 1
      self.asked.push(...asked.map(({ id }) => id))
      if (link.state !== 'up') return gone
      // What was seen before it was held back is what it answers.
      const answers = asked.map(({ id, script }) => ({ id, parts: partsOf(server, id, script) }))
      await self.probing
      if (link.state !== 'up') return gone
      on.facts(server.facts)
      for (const { id, parts } of answers)
        if (parts) on.output({ id, status: 0, parts: new Map(Object.entries(parts)), cut: null, timedOut: false })
      return ok(undefined)
    },
    exec: async () => gone,
    follow: (_script, lines, end) => {
      onLines = lines
      // As tail(1) and journalctl(1) do, it begins with lines that were read before.
      const { lines: inFile = '', entries: inJournal = '' } = server.texts.securelog
      const last = (inFile || inJournal).split('\n').map((line) => line.replace(/^\d+ /, ''))
      lines(last.slice(-LOG_AGAIN))
      onEnd = () => end(say`the log's channel was closed`)
      return { stop: () => {} }
    },
    stream: (_script, on) => {
      let over = false
      const hand = (): void => {
        if (over) return
        on.begin()
        on.lines(server.survey ?? [])
        on.end(say`The log ended on the server with status 0.`)
      }
      setImmediate(hand)
      return {
        stop: () => {
          over = true
        },
      }
    },
    proveFreshLogin: async () => gone,
    close: () => {
      closed = true
    },
    setLink: (next) => {
      link = next
      for (const listener of linkListeners) listener(next)
    },
    log: (...lines) => onLines?.(lines),
    endLog: () => onEnd?.(),
    probes: () => probes,
    closed: () => closed,
  }
  return self
}

/** What the server prints for one probe, part by part; null where it is not asked about that. */
function partsOf({ texts, files, trial, older }: FakeServer, id: string, script: string): Parts | null {
  if (id === 'securelog-piece') return older?.shift() ?? null
  const defaults = texts.sshd?.settings ?? ''
  if (id === 'sshd-trial') {
    const answer = trialParts(files ?? {}, defaults, script)
    return trial ? trial(answer) : answer
  }
  if (id === 'sshd' && texts.sshd && files?.[MAIN] !== undefined)
    return { ...sshdParts(files, defaults), ...without(texts.sshd, 'settings') }
  if (id !== stagedFilesProbe([]).id) return texts[id as keyof ProbeTexts] ?? null
  const asked = [...script.matchAll(/^file_part (\d+) '?([^'\n]*)'?$/gm)]
  return Object.fromEntries(asked.map(([, name, path]) => [name, filePart(files?.[path ?? ''])]))
}

const without = (parts: Parts, name: string): Parts =>
  Object.fromEntries(Object.entries(parts).filter(([one]) => one !== name))
