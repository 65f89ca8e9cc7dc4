import { bytesOf, fromBase64, sumOf, textOf } from '../../src/services/model/file-bytes.ts'
import { filePart } from './file-part.ts'

export const MAIN = '/etc/ssh/sshd_config'
export const DROP_IN = '/etc/ssh/sshd_config.d/00-hardtui.conf'

type Files = Readonly<Record<string, string>>
type Parts = Readonly<Record<string, string>>
type Line = { readonly at: string; readonly keyword: string; readonly value: string; readonly match: string | null }
type Settings = ReadonlyMap<string, readonly string[]>
type Person = { readonly user: string; readonly address: string; readonly block: string }

const ADDING = new Set(['port', 'acceptenv', 'allowusers', 'denyusers', 'allowgroups', 'denygroups'])
const YOU = { user: 'ops', address: '198.51.100.20', block: '-' }
const STRANGER = '240.0.0.1'

/** The lines of its files in the order in which sshd reads them; of Match only `Match User NAME`, of Include only the usual one. */
function linesOf(files: Files, path = MAIN): readonly Line[] {
  let match: string | null = null
  return (files[path] ?? '').split('\n').flatMap((text, at): readonly Line[] => {
    const [, keyword = '', value = ''] = /^\s*(\w+)\s+(.*?)\s*$/.exec(text) ?? []
    if (keyword === 'Match') match = value
    if (keyword === 'Include')
      return Object.keys(files)
        .filter((one) => one.startsWith('/etc/ssh/sshd_config.d/'))
        .toSorted()
        .flatMap((one) => linesOf(files, one))
    if (keyword === '' || keyword === 'Match') return []
    return [{ at: `${path}:${at + 1}`, keyword: keyword.toLowerCase(), value, match }]
  })
}

const printed = (keyword: string, value: string): readonly string[] =>
  keyword.startsWith('allow') || keyword.startsWith('deny')
    ? value.split(' ')
    : [value === 'prohibit-password' ? 'without-password' : value]

const linesFor = (files: Files, user: string): readonly Line[] =>
  linesOf(files).filter(({ match }) => match === null || match === `User ${user}`)

/** What `sshd -T` has for a user: `defaults` where no line says otherwise. */
function settingsFor(files: Files, defaults: string, user: string): Settings {
  const made = new Map<string, readonly string[]>()
  for (const line of defaults.split('\n').filter((one) => one !== '')) {
    const [keyword = '', ...rest] = line.split(' ')
    made.set(keyword, [...(made.get(keyword) ?? []), rest.join(' ')])
  }
  const lines = linesFor(files, user).toSorted((a, b) => Number(a.match === null) - Number(b.match === null))
  const set = new Set<string>()
  for (const { keyword, value } of lines) {
    if (set.has(keyword) && !ADDING.has(keyword)) continue
    made.set(keyword, [...(set.has(keyword) ? (made.get(keyword) ?? []) : []), ...printed(keyword, value)])
    set.add(keyword)
  }
  if (!set.has('listenaddress'))
    made.set(
      'listenaddress',
      (made.get('port') ?? []).flatMap((port) => [`[::]:${port}`, `0.0.0.0:${port}`]),
    )
  return made
}

const textOfOne = (settings: Settings, keyword: string): string =>
  (settings.get(keyword) ?? []).map((value) => `${keyword} ${value}\n`).join('')
const whole = (settings: Settings): string => [...settings.keys()].map((one) => textOfOne(settings, one)).join('')
const different = (a: Settings, b: Settings): readonly string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((one) => textOfOne(a, one) !== textOfOne(b, one))

/** As sshd tells of it with -ddd, behind `@@` in the pass over Match blocks. */
const sourcesFor = (files: Files, user: string): string => {
  const lines = linesFor(files, user)
  const words = (some: readonly Line[]): string => some.map(({ at, keyword }) => `@${at} ${keyword}\n`).join('')
  return `${words(lines.filter(({ match }) => match === null))}@@\n${words(lines.filter(({ match }) => match !== null))}`
}

const blocksOf = (files: Files): readonly string[] => [...new Set(linesOf(files).flatMap(({ match }) => match ?? []))]
const askedOf = ({ user, address }: Person): string => `user=${user},host=${address},addr=${address}`
const matchedBy = (files: Files, user: string): readonly string[] =>
  blocksOf(files).filter((block) => block === `User ${user}`)

/** What the probe prints of an sshd with these files, beside what it prints anyway. */
export function sshdParts(files: Files, defaults: string): Parts {
  const own = settingsFor(files, defaults, YOU.user)
  const blocks = blocksOf(files)
  const others: readonly Person[] =
    blocks.length === 0
      ? []
      : [
          ...['anybody', 'root'].map((user) => ({ user, address: STRANGER, block: '-' })),
          ...blocks.map((block) => ({ user: block.replace('User ', ''), address: STRANGER, block })),
        ]
  const views = others.map((person) => {
    const theirs = settingsFor(files, defaults, person.user)
    const lines = different(own, theirs).map((one) => textOfOne(theirs, one) || `-${one}\n`)
    const matched = matchedBy(files, person.user).map((block) => `=${block}\n`)
    const head = `>${person.user}\t${person.address}\t${person.block}\n?${askedOf(person)}\n`
    return `${head}${matched.join('')}${sourcesFor(files, person.user)}${lines.join('')}`
  })
  const paths = [
    ...new Set([MAIN, ...Object.keys(files).filter((one) => /^\/etc\/ssh\/sshd_config\.d\//.test(one)), DROP_IN]),
  ]
  return {
    settings: whole(own),
    matches: ['read', ...blocks].join('\n'),
    files: paths.join('\n'),
    ...Object.fromEntries(paths.map((path, at) => [`file.${at}`, filePart(files[path])])),
    asked: askedOf(YOU),
    sources: sourcesFor(files, YOU.user),
    own: matchedBy(files, YOU.user).join('\n'),
    views: views.join(''),
  }
}

/** What trial.sh prints where sshd takes the files as they would be. */
export function trialParts(files: Files, defaults: string, script: string): Parts {
  const given = (name: string): readonly string[] =>
    (new RegExp(`^${name}='([^']*)'$`, 'm').exec(script)?.[1] ?? '').split('\n')
  const then: Record<string, string> = { ...files }
  for (const line of given('changed')) {
    const [path = '', coded = ''] = line.split(' ')
    const bytes = coded === '-' ? null : fromBase64(coded)
    if (bytes === null) delete then[path]
    else then[path] = textOf(bytes)
  }
  const answers = given('people').map((asked, at) => {
    const user = /user=([^,]*)/.exec(asked)?.[1] ?? ''
    const [before, after] = [files, then].map((one) => settingsFor(one, defaults, user)) as [Settings, Settings]
    const marked = (settings: Settings, mark: string, one: string): string =>
      textOfOne(settings, one).replace(/^(?=.)/gm, mark)
    const lines = different(before, after).map((one) => marked(before, '-', one) + marked(after, '+', one))
    return `>${at} ${sumOf(bytesOf(whole(before)))} ${sumOf(bytesOf(whole(after)))}\n${lines.join('')}`
  })
  return { status: '0', said: '=0', answers: answers.join(''), end: '' }
}
