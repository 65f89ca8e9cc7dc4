import { setKeyword } from '../../../../../src/services/areas/sshd/config/write.ts'
import { bytesOf, textOf } from '../../../../../src/services/model/file-bytes.ts'
import type { KeywordEdit, SshdFiles } from '../../../../../src/services/model/sshd.ts'
import { GROUND } from './ground.ts'

export type Texts = Readonly<Record<string, string>>

/** Files below /etc/ssh by their names there. */
export const filesOf = (texts: Texts): SshdFiles =>
  new Map(Object.entries(texts).map(([name, text]) => [`/etc/ssh/${name}`, bytesOf(text)]))

export const OURS = 'sshd_config.d/00-hardtui.conf'
export const CLOUD = 'sshd_config.d/50-cloud-init.conf'
export const HEADER = '# Written by hardtui; read before the other files here.\n'
export const INCLUDE = 'Include /etc/ssh/sshd_config.d/*.conf\n'

/** The files that are other ones after an edit (null: gone), or why there was none. */
export function set(texts: Texts, keyword: string, values: KeywordEdit['values'], match: string | null = null) {
  const files = filesOf(texts)
  const made = setKeyword(files, { kind: 'keyword', keyword, values, match }, GROUND)
  if (!made.ok) return made.error
  const paths = [...new Set([...files.keys(), ...made.value.keys()])]
  return Object.fromEntries(
    paths.flatMap((path) => {
      const text = made.value.get(path)
      return text === files.get(path) ? [] : [[path.replace('/etc/ssh/', ''), text === undefined ? null : textOf(text)]]
    }),
  )
}

/** What is tried, the files before, the edit, and the files that are other ones afterwards or why not. */
export type Case = readonly [what: string, before: Texts, keyword: string, values: string[] | null, after: unknown]
