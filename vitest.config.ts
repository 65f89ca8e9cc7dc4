import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { textFiles } from './scripts/text-files.mjs'

// A machine on which processes start slowly (scripts/test.mjs): limits that wait for something may pass.
const SLOW = process.env.HARDTUI_KINDS !== undefined

export default defineConfig({
  plugins: [textFiles.vite()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/lab/**'],
          // A busy machine fails nothing: what is slow is said by the tests that are about it.
          testTimeout: 60_000,
          retry: SLOW ? 1 : 0,
          // Most of them wait for a server of their own.
          maxWorkers: Math.max(3, availableParallelism()),
          // Those that may run beside each other wait for limits to pass.
          maxConcurrency: 10,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 600_000,
          fileParallelism: true,
          // They wait for deadlines of the servers; kinds.ts has when there are fewer of those.
          maxWorkers: SLOW ? 3 : 4,
          retry: SLOW ? 1 : 0,
        },
      },
    ],
  },
})
