// One long-lived vitest in which sources are broken in memory only: nothing on disk is ever touched.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createVitest } from 'vitest/node'
import config from '../../vitest.config.ts'
import { mutated, traced } from './mutants.mjs'

/** Keeps the order in which the test files are given. */
class AsGiven {
  sort(files) {
    return files
  }
  shard(files) {
    return files
  }
}

/** Opens a vitest for the unit tests; `trace` are the sources of which it is to be known who runs what. */
export async function openBench(sources) {
  const traces = new Set(sources.map((file) => resolve(file)))
  let tracing = true
  let broken = null
  const breaks = {
    name: 'mutate',
    enforce: 'pre',
    transform(_, id) {
      if (tracing && traces.has(id)) return traced(id, readFileSync(id, 'utf8'))
      return broken && resolve(broken.file) === id ? mutated(readFileSync(id, 'utf8'), broken) : null
    },
  }
  /** The test files of one run: what vitest gives at its end also holds those of earlier runs. */
  let modules = []
  const reporter = { onTestModuleEnd: (module) => void modules.push(module) }
  const unit = config.test.projects.find(({ test }) => test.name === 'unit').test
  const vitest = await createVitest(
    {
      ...unit,
      config: false,
      watch: false,
      maxWorkers: 1,
      // A loop that no longer ends may well collect what it goes over.
      execArgv: ['--max-old-space-size=1024'],
      // What a broken source was made into must not be found by a later run.
      fsModuleCache: false,
      setupFiles: ['scripts/mutate/setup.mjs'],
      reporters: [reporter],
      silent: true,
      sequence: { sequencer: AsGiven },
    },
    { plugins: [...config.plugins, breaks], logLevel: 'silent' },
  )
  await vitest.standalone()
  const project = vitest.projects[0]
  const run = async (wanted) => {
    project.provide('tracing', tracing)
    const files = wanted.map(({ file, names }) =>
      project.createSpecification(resolve(file), names ? { testNames: names } : undefined),
    )
    modules = []
    vitest.state.clearErrors()
    const { unhandledErrors } = await vitest.runTestSpecifications(files)
    return { testModules: modules, unhandledErrors }
  }
  const invalidate = () => {
    for (const file of traces) vitest.invalidateFile(file)
  }

  return {
    /** Runs the tests as they are, and gives each that passes with its time and what it ran. */
    trace: async (files) => {
      const { testModules, unhandledErrors } = await run(files.map((file) => ({ file })))
      const tests = testModules.flatMap((module) =>
        [...module.children.allTests()].map((test) => ({
          file: files.find((file) => resolve(file) === module.moduleId),
          name: test.fullName,
          passed: test.result().state === 'passed',
          failed: test.result().state === 'failed',
          ms: test.diagnostic()?.duration ?? 0,
          ran: new Set(test.meta().ran ?? []),
        })),
      )
      const failed = [
        ...tests.filter((one) => one.failed).map(({ file, name }) => `${file}: ${name}`),
        ...testModules.flatMap((module) => module.errors().map((error) => `${module.moduleId}: ${error.message}`)),
        ...unhandledErrors.map((error) => String(error.message ?? error)),
      ]
      tracing = false
      invalidate()
      vitest.config.bail = 1
      project.config.bail = 1
      return { tests: tests.filter((one) => one.passed), failed }
    },
    /** Runs tests with a source broken: whether any noticed, and which. */
    judge: async (mutant, wanted) => {
      broken = mutant
      vitest.invalidateFile(resolve(mutant.file))
      try {
        const { testModules, unhandledErrors } = await run(wanted)
        const errors = [...unhandledErrors, ...testModules.flatMap((module) => module.errors())]
        if (errors.some((error) => /exited unexpectedly|Timeout/.test(String(error?.message)))) return 'timeout'
        const failed = testModules.find((module) => !module.ok())
        return failed || errors.length > 0 ? 'killed' : 'survived'
      } finally {
        broken = null
        vitest.invalidateFile(resolve(mutant.file))
      }
    },
    close: () => vitest.close(),
  }
}
