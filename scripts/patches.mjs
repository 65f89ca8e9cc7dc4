// What the bundle has of its packages otherwise than they have it.
import { readFile } from 'node:fs/promises'

/** Changes to files of packages. `patch` gives null where the file is no longer what it was made for. */
export const PATCHES = [
  {
    // yoga's loader fetches its own data: URL when fetch exists, and that loads all of undici (40 ms before a frame).
    file: /yoga-layout[/\\]dist[/\\]binaries[/\\][^/\\]*\.js$/,
    patch: (source) => (source.includes('"function"!=typeof fetch?') ? `var fetch = undefined;\n${source}` : null),
  },
  {
    // Ink splits every string of the screen into cells again for each frame. Most of a frame is the last one: keeping what
    // was split halves the time from a key to its frame. The strings are bounded by the screen; old ones are dropped whole.
    file: /ink[/\\]build[/\\]output\.js$/,
    patch: (source) => {
      const once = 'caches = new OutputCaches();'
      const shared = `
let kept = new OutputCaches()
const keptCaches = () => {
  if (kept.styledChars.size > 4000 || kept.widths.size > 20000) kept = new OutputCaches()
  return kept
}
`
      const known = ['styledChars', 'widths'].every((name) => source.includes(`${name} = new Map()`))
      return known && source.split(once).length === 2
        ? `${source.replace(once, 'caches = keptCaches();')}${shared}`
        : null
    },
  },
]

/** Modules that are left out. ssh2's native parts are optional and bound to one Node version; the last is Ink's own tool. */
export const ABSENT = [
  { module: /sshcrypto\.node$/, instead: 'throw new Error("not bundled")' },
  { module: /^cpu-features$/, instead: 'throw new Error("not bundled")' },
  { module: /^react-devtools-core$/, instead: 'export default {}' },
]

/** The plugin of esbuild that does all of it, and fails the build where one of them met nothing or not what it knows. */
export const patched = (patches = PATCHES, absent = ABSENT) => ({
  name: 'patched',
  setup(plugin) {
    const unmet = new Set([...patches.map(({ file }) => file), ...absent.map(({ module }) => module)])
    for (const { file, patch } of patches) {
      plugin.onLoad({ filter: file }, async ({ path }) => {
        unmet.delete(file)
        const contents = patch(await readFile(path, 'utf8'))
        if (contents === null) throw new Error(`${path} has changed: look at it and at its patch again`)
        return { contents, loader: 'js' }
      })
    }
    absent.forEach(({ module, instead }, at) => {
      const namespace = `absent-${at}`
      plugin.onResolve({ filter: module }, ({ path }) => {
        unmet.delete(module)
        return { path, namespace }
      })
      plugin.onLoad({ filter: /.*/, namespace }, () => ({ contents: instead, loader: 'js' }))
    })
    plugin.onEnd(() => ({
      errors: [...unmet].map((what) => ({ text: `nothing is named ${what} any more: is its patch still needed?` })),
    }))
  },
})
