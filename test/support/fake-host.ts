import { fail, ok, type Result } from '../../src/services/model/errors.ts'
import type { Host, HostFacts, Link } from '../../src/services/model/host.ts'
import { say } from '../../src/services/model/safe.ts'
import type { ProbeTexts } from './probe-texts.ts'

/** A server that answers probes from texts; the test holds its link and its log. */
export type FakeHost = Host & {
  readonly setLink: (link: Link) => void
  /** Lines that the followed log gets. */
  readonly log: (...lines: readonly string[]) => void
  readonly endLog: () => void
  readonly probes: () => number
  readonly closed: () => boolean
}

export type FakeServer = {
  facts: HostFacts
  texts: ProbeTexts
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
  return {
    target: TARGET,
    link: () => link,
    onLink: (listener) => {
      linkListeners.add(listener)
      return () => void linkListeners.delete(listener)
    },
    alsoTry: () => {},
    banner: () => [],
    probe: async (_probes, on) => {
      probes += 1
      if (link.state !== 'up') return gone
      on.facts(server.facts)
      for (const [id, parts] of Object.entries(server.texts))
        on.output({ id, status: 0, parts: new Map(Object.entries(parts)), cut: null, timedOut: false })
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
}
