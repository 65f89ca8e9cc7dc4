import { parseSettings } from '../../../../src/services/areas/sshd/parse.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { SshdFacts, SshdSource, SshdView } from '../../../../src/services/model/sshd.ts'
import { someSshd } from '../../../support/make-plan.ts'

export const MAIN = '/etc/ssh/sshd_config'
export const DROP_IN = '/etc/ssh/sshd_config.d/00-hardtui.conf'

type Person = {
  readonly you?: boolean
  readonly user?: string
  readonly matched?: readonly string[]
  /** Lines of `sshd -T`. */
  readonly settings: string
  /** `PATH:LINE keyword`, with `match ` in front where it was read in the pass over Match blocks. */
  readonly sources?: readonly string[]
}

const sourceOf = (text: string): SshdSource => {
  const [, match, path = '', line, keyword = ''] = /^(match )?(.*):(\d+) (\S+)$/.exec(text) ?? []
  return { path, line: Number(line), keyword, inMatch: match !== undefined }
}

const viewOf = ({ you = false, user = 'anybody', matched = [], settings, sources = [] }: Person): SshdView => ({
  user: safe(you ? 'ops' : user),
  address: safe(you ? '198.51.100.20' : '240.0.0.1'),
  you,
  block: null,
  matched: matched.map((one) => safe(one)),
  settings: parseSettings(settings),
  asked: `user=${you ? 'ops' : user},host=x,addr=y`,
  sources: sources.map(sourceOf),
})

/** An sshd that was read: the operator first, then others, and its files by path. */
export function sshdOf(
  people: readonly [Person, ...Person[]],
  files: Readonly<Record<string, string>> | null = {},
  more: Partial<SshdFacts> = {},
): SshdFacts {
  const views = people.map((one, at) => viewOf({ ...one, you: at === 0 }))
  return {
    ...someSshd,
    settings: views[0]?.settings ?? [],
    views,
    files: files && new Map(Object.entries(files).map(([path, text]) => [path, bytesOf(text)])),
    whyNoFiles: files ? null : safe('not read'),
    ...more,
  }
}
