// Orders to a server's keeper, over its unix socket.
import { createConnection } from 'node:net'
import { serverPath } from './paths.ts'
import { LabError } from './run.ts'

/** Gives a keeper one order and waits until it is done. Throws a LabError with the keeper's own words when it is not. */
export function order(name: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(serverPath(name, 'control.sock'))
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`${line}\n`))
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('error', () => reject(new LabError(`${name} is not up: see "npm run lab -- list"`)))
    socket.on('close', () => {
      const said = answer.trim()
      if (said === 'ok') resolve()
      else reject(new LabError(said || `the keeper of ${name} ended before it had done "${line}"`))
    })
  })
}
