// Everything that must hold, in one command: types, lint, shell scripts, unit, scenario and lab tests, the bundle.
// Ends with "N passed, N failed". HARDTUI_LAB=required makes a lab that can't run a failure (CI does).
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { relative, resolve } from 'node:path'

const failures = []
const secondGo = []
let passed = 0

// Each test file, and each server of the lab, has processes of Node of its own.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node')

function step(title, run) {
  process.stdout.write(`\n== ${title}\n`)
  const started = Date.now()
  const outcome = run()
  process.stdout.write(`-- ${title}: ${outcome} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
}

function command(title, argv, env = {}) {
  step(title, () => {
    const { status } = spawnSync(argv[0], argv.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
    if (status === 0) passed++
    else failures.push(title)
    return status === 0 ? 'ok' : `FAILED (${status})`
  })
}

/** What failed, by file and name: the last lines are what is read first where the rest is long. */
function failed({ testResults = [] }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const tests = assertionResults.filter(({ status }) => status === 'failed')
      if (tests.length === 0) return [`${relative('.', name)}: ${message.slice(0, 300)}`]
      return tests.map((test) => inWords(name, test))
    })
}

/** What failed once and passed then: a slow machine lets tests have another go (vitest.config.ts). */
const triedAgain = ({ testResults = [] }) =>
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map((test) => inWords(name, test)),
  )

function inWords(file, { fullName, failureMessages }) {
  const [why] = (failureMessages[0] ?? '').split('\n')
  return `${relative('.', file)} > ${fullName}: ${why.slice(0, 300)}`
}

function vitest(project) {
  step(`${project} tests`, () => {
    const report = `node_modules/.${project}-report.json`
    rmSync(report, { force: true })
    const argv = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const { status } = spawnSync('vitest', argv, { stdio: ['ignore', 'inherit', 'inherit'] })
    let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 }
    try {
      counts = JSON.parse(readFileSync(report, 'utf8'))
    } catch {}
    passed += counts.numPassedTests
    const those = failed(counts).map((what) => `${project} test: ${what}`)
    failures.push(...those)
    secondGo.push(...triedAgain(counts).map((what) => `${project} test: ${what}`))
    if (status !== 0 && those.length === 0) failures.push(`${project} tests did not run to their end`)
    if (counts.numPassedTests === 0) failures.push(`no ${project} test passed`)
    return `${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped`
  })
}

/** Where the machine has a Node of its own that is too old, the bundle must say so in one line. */
function refusesOldNode() {
  const paths = (process.env.PATH ?? '').split(':').filter((path) => !path.includes('node_modules'))
  const node = paths.map((path) => `${path}/node`).find((path) => existsSync(path))
  const version = node ? spawnSync(node, ['--version']).stdout.toString().trim() : ''
  if (!node || Number(/^v(\d+)/.exec(version)?.[1] ?? 22) >= 22) return
  step(`bundle on ${version}`, () => {
    const { status, stderr } = spawnSync(node, ['dist/hardtui.js', '--version'])
    const refused = status === 1 && /^hardtui needs Node\.js 22 or later[^\n]*\n$/.test(stderr.toString())
    if (refused) passed++
    else failures.push(`an old Node is not refused in one line: ${stderr}`)
    return refused ? 'refused in one line' : 'FAILED'
  })
}

/** What Node warns of must not reach the terminal that the console is drawn on. */
function keepsQuiet() {
  const warn = 'data:text/javascript,process.once("beforeExit",()=>process.emitWarning("torn"))'
  step('bundle on a warning of Node', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', warn, 'dist/hardtui.js', '--version'])
    const quiet = status === 0 && stderr.length === 0
    if (quiet) passed++
    else failures.push(`a warning of Node reaches the terminal: ${stderr}`)
    return quiet ? 'keeps quiet' : 'FAILED'
  })
}

/**
 * Whether a process takes so long to start, as in some virtual machines, that the tests would take longer than anybody
 * waits for: they do little else.
 */
function isSlow() {
  const started = Array.from({ length: 5 }, () => {
    const before = performance.now()
    spawnSync('sh', ['-c', 'i=0; while [ "$i" -lt 100 ]; do /bin/true; i=$((i + 1)); done'])
    return (performance.now() - before) / 100
  })
  const milliseconds = Math.min(...started)
  process.stdout.write(`\nA process starts in ${milliseconds.toFixed(1)} ms.\n`)
  return milliseconds > 1.2
}

const canLab = process.platform === 'linux' && process.getuid?.() === 0
if (canLab) command('system packages', ['sh', 'test/lab/install.sh'])
command('types', ['tsc', '--noEmit'])
command('lint', ['biome', 'check', '--error-on-warnings', '.'])
const scripts = globSync('{scripts,test,src}/**/*.sh').filter((file) => !file.includes('transaction/server'))
command('shellcheck', ['shellcheck', '-s', 'sh', ...scripts])
command('bundle', ['node', 'scripts/build.mjs'])
command('bundle starts', ['node', 'dist/hardtui.js', '--version'])
refusesOldNode()
keepsQuiet()
const some = process.env.HARDTUI_FAULTS !== 'all' && isSlow()
const day = Math.floor(Date.now() / 86_400_000)
if (some) {
  process.stdout.write(
    'That is slow: tests run on one kind of server or shell, on another one tomorrow, and may have two goes.\n',
  )
  process.env.HARDTUI_KINDS ??= `one:${day}`
}
vitest('unit')
if (canLab) {
  vitest('lab')
  const harness = ['node', '--import', './test/lab/shell-texts.ts', 'test/lab/faults/harness/run.ts']
  command('random faults', [...harness, '--runs', some ? '6' : '16', '--seed', '641', '--servers', '3'])
  // The other guards (mutations.ts) are broken by hand: each costs half a minute.
  const guards = ['no boot guard', 'no lock', 'files stay']
  const broken = some ? guards[day % guards.length] : guards.join(',')
  command('guards broken on purpose are caught', [
    ...harness,
    ...['--mutate', broken, '--runs', '20', '--servers', '3'],
  ])
} else if (process.env.HARDTUI_LAB === 'required') failures.push('the lab needs Linux and root')
else process.stdout.write('\nThe lab tests were skipped: they need Linux and root.\n')

for (const what of secondGo) process.stdout.write(`passed at the second go: ${what}\n`)
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`)
process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`)
process.exitCode = failures.length === 0 ? 0 : 1
