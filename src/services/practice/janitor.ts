import { spawn } from 'node:child_process'
import script from './tools/janitor.sh'

/**
 * Hires somebody to clear the practice server's folder away, and what still runs in it, should this process be killed.
 * Call the outcome once the server has stopped and cleared up itself; it resolves when the janitor has gone.
 */
export function hireJanitor(root: string): () => Promise<void> {
  const child = spawn('/bin/sh', ['-c', script, 'hardtui-practice-janitor', root], {
    // A session of its own: Ctrl-C on our terminal, or its end, must not take it along.
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  child.stdin.on('error', () => {})
  child.unref()
  // The pipe alone must not keep this process alive.
  ;(child.stdin as unknown as { unref?: () => void }).unref?.()
  return () => {
    child.ref()
    child.stdin.end()
    return gone
  }
}
