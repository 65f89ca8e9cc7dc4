import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Locked = {
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly bundleDependencies?: unknown
}
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const manifest = read('package.json')
const packages = Object.entries<Locked>(read('package-lock.json').packages).filter(([path]) =>
  path.includes('node_modules/'),
)

test('every package of the lock file has a checksum, and none names the registry it came from', () => {
  const own = packages.filter(([, { link }]) => link)
  expect(own).toEqual([['node_modules/hardtui-node', { resolved: 'scripts/node', link: true }]])
  const fetched = packages.filter(([, { link }]) => !link)
  expect(fetched.length).toBeGreaterThan(50)
  expect(fetched.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))).toEqual([])
  expect(fetched.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  // What a package brings inside itself has the checksum of that package.
  expect(fetched.filter(([, one]) => one.bundleDependencies)).toEqual([])
})

test('no package may run a script when it is installed', () => {
  const setup = readFileSync('scripts/setup.sh', 'utf8')
  const installs = setup.split('\n').filter((line) => /^\s*npm\b/.test(line))
  expect(installs).toEqual([expect.stringMatching(/^npm ci --ignore-scripts /)])
  expect(manifest.allowScripts).toBeUndefined()
  expect(Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name))).toEqual([])
})

test('who installs the program gets no package with it, for the bundle holds what it needs', () => {
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies'])
    expect(manifest[kind], kind).toBeUndefined()
  expect(manifest.files).toEqual(['dist'])
})
