import { stagedFilesProbe } from '../../src/services/areas/staged-files.ts'
import { fail, ok, type Result } from '../../src/services/model/errors.ts'
import { bytesOf, sumOf, toBase64 } from '../../src/services/model/file-bytes.ts'
import type { Host, HostFacts, Link } from '../../src/services/model/host.ts'
import { say } from '../../src/services/model/safe.ts'
import type { ProbeTexts } from './probe-texts.ts'

/** A server that answers probes from texts; the test holds its link and its log. */
export type FakeHost = Host & {
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
  /** Texts of its files, by path. */
  files?: Record<string, string>
}

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
    probing: null,
    target: TARGET,
    link: () => link,
    onLink: (listener) => {
      linkListeners.add(listener)
      return () => void linkListeners.delete(listener)
    },
    alsoTry: () => {},
    banner: () => [],
    probe: async (asked, on) => {
      probes += 1
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
      onEnd = () => end(say`the log's channel was closed`)
      return { stop: () => {} }
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
function partsOf({ texts, files }: FakeServer, id: string, script: string): Readonly<Record<string, string>> | null {
  if (id !== stagedFilesProbe([]).id) return texts[id as keyof ProbeTexts] ?? null
  const asked = [...script.matchAll(/^file_part (\d+) '?([^'\n]*)'?$/gm)]
  return Object.fromEntries(asked.map(([, name, path]) => [name, filePart(files?.[path ?? ''])]))
}

/** A file as `file_part` prints it. */
function filePart(text: string | undefined): string {
  if (text === undefined) return 'state absent\nend\n'
  const bytes = bytesOf(text)
  const about = `owner 0 root\ngroup 0 root\nmode 644\nsize ${bytes.length}\nmodified 1700000000\nkind regular file`
  return `state file\n${about}\nsum ${sumOf(bytes)}\nbytes\n${toBase64(bytes)}end\n`
}
