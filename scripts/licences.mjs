// The licences of what is bundled, which its copies have to come with.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = /^.*node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/
const LICENCE = /^(?:licen[cs]e|copying|notice)/i
/** Texts of packages that are published without theirs. */
const KEPT = fileURLToPath(new URL('licences', import.meta.url))

/** The folders of the packages that these files are of. */
export const packagesOf = (files) =>
  [...new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []))].sort((a, b) => (a < b ? -1 : 1))

/** Each package with its licence's whole text. One without it may not be passed on: that throws. */
export function licencesOf(folders) {
  const parts = folders.map((folder) => {
    const {
      name,
      version,
      licenses,
      license = licenses?.[0]?.type,
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const own = readdirSync(folder).filter((file) => LICENCE.test(file))
    const kept = join(KEPT, `${basename(name)}.txt`)
    const files = own.length === 0 && existsSync(kept) ? [kept] : own.map((file) => join(folder, file))
    const texts = files.map((file) => readFileSync(file, 'utf8').trim()).filter((text) => text !== '')
    if (texts.length === 0) throw new Error(`${name} ${version} comes without the text of its licence (${license})`)
    const rule = '='.repeat(80)
    return `${rule}\n${name} ${version} (${license})\n${rule}\n\n${texts.join('\n\n')}\n`
  })
  return `hardtui.js holds these packages, whole or in part.\n\n${parts.join('\n')}`
}
