import { expect, test } from 'vitest'
import { limited, sha256sum } from '../../../src/services/practice/processes.ts'

const statusOf = async (...args: readonly string[]): Promise<number> => (await limited({ args })).status

test('sha256sum prints the sum as the real one does', () => {
  expect(sha256sum({ stdin: () => 'abc' }).stdout).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n',
  )
})

test('timeout passes on how its command ended', async () => {
  expect(await statusOf('5', 'sh', '-c', 'exit 3')).toBe(3)
  expect(await statusOf('--foreground', '-k', '1', '5', 'true')).toBe(0)
  expect(await statusOf('5', '/no/such/program')).toBe(127)
})

test('timeout ends a command that takes too long, by force if it must', async () => {
  expect(await statusOf('0.1', 'sleep', '60')).toBe(124)
  const deaf = 'trap "" TERM; while :; do read -r line <>/dev/null || sleep 0.01; done'
  expect(await statusOf('-k', '0.1', '0.1', 'sh', '-c', deaf)).toBe(137)
})
