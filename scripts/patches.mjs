// What the bundle has of its packages otherwise than they have it.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const ROWS = fileURLToPath(new URL('ink-rows.mjs', import.meta.url))
const importing = (name) => `import { ${name} } from ${JSON.stringify(ROWS)};`

/** The source with each of these texts in place of the other; null where one is not there exactly once. */
const swapped = (source, pairs) => {
  let made = source
  for (const [old, next] of pairs) {
    if (made.split(old).length !== 2) return null
    made = made.replace(old, () => next)
  }
  return made
}

const KEPT_CACHES = `${importing('joinedRows')}
let kept;
const keptCaches = () => {
  kept ??= new OutputCaches();
  if (kept.styledChars.size > 4000 || kept.widths.size > 20000) kept = new OutputCaches();
  return kept;
};
`

const KEPT_GET = `get() {
        const { rows, rest } = joinedRows(this.operations, this.width, this.height);
        if (rest.length === 0) return { output: rows.join('\\n'), height: this.height };
        this.operations = rest;
        const made = this.getCells();
        return { ...made, output: made.output.split('\\n').map((row, y) => rows[y] ?? row).join('\\n') };
    }
    getCells() {`

const QUICK_WIDTH = `const single = singleWidth(string);
	if (single !== -1) return single;
	let width = 0;
	const eastAsianWidthOptions`

/** Changes to files of packages. `patch` gives null where the file is no longer what it was made for. */
export const PATCHES = [
  {
    // yoga's loader fetches its own data: URL when fetch exists, and that loads all of undici (40 ms before a frame).
    file: /yoga-layout[/\\]dist[/\\]binaries[/\\][^/\\]*\.js$/,
    patch: (source) => (source.includes('"function"!=typeof fetch?') ? `var fetch = undefined;\n${source}` : null),
  },
  {
    // Rows of whole texts need no cells. Those that do keep what was split, for the rows that have not changed.
    file: /ink[/\\]build[/\\]output\.js$/,
    patch: (source) => {
      const known = ['styledChars', 'widths', 'blockWidths'].every((name) => source.includes(`${name} = new Map()`))
      return known
        ? swapped(source, [
            ['caches = new OutputCaches();', 'caches = keptCaches();'],
            ['get() {', KEPT_GET],
            ['class OutputCaches {', `${KEPT_CACHES}class OutputCaches {`],
          ])
        : null
    },
  },
  {
    file: /ink[/\\]build[/\\]render-node-to-output\.js$/,
    patch: (source) =>
      swapped(source, [
        [
          "import widestLine from 'widest-line';",
          "import measureText from './measure-text.js';\nconst widestLine = (text) => measureText(text).width;",
        ],
      ]),
  },
  {
    file: /ink[/\\]build[/\\]squash-text-nodes\.js$/,
    patch: (source) =>
      swapped(source, [
        ["text = sanitizeAnsi(text.replaceAll('\\r\\n', '\\n'));", 'text = sanitized(text);'],
        [
          'const squashTextNodes =',
          "const sanitized = once((text) => sanitizeAnsi(text.replaceAll('\\r\\n', '\\n')));\nconst squashTextNodes =",
        ],
        ["import wrapAnsi from 'wrap-ansi';", `import wrapAnsi from 'wrap-ansi';\n${importing('once')}`],
      ]),
  },
  {
    file: /string-width[/\\]index\.js$/,
    patch: (source) =>
      swapped(source, [
        ["import stripAnsi from 'strip-ansi';", `import stripAnsi from 'strip-ansi';\n${importing('singleWidth')}`],
        ['let width = 0;\n\tconst eastAsianWidthOptions', QUICK_WIDTH],
      ]),
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
