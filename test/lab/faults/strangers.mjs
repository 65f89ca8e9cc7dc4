// strangers.mjs ADDRESS - listeners that are no SSH server, on the ports that `connect` tests name; says "ready".
import { createServer } from 'node:net'

const [address] = process.argv.slice(2)
const line = Buffer.from(`${'x'.repeat(1000)}\r\n`.repeat(64))

/** Writes for as long as somebody reads. */
function endless(socket) {
  while (!socket.destroyed && socket.write(line));
}

const strangers = {
  7001: () => {},
  7002: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nServer: \u001b[2J\u001b]0;pwned\u0007x\r\n\r\n<html>'),
  7003: (socket) => {
    socket.on('drain', () => endless(socket))
    endless(socket)
  },
  7004: (socket) => socket.write('SSH-2.0-OpenSSH_9.2 \u001b]0;pwned\u0007\r\n'),
  7005: (socket) => socket.end('\u001b]52;c;cHduZWQ=\u0007\u001b[2J\u009b31m I am no SSH server\r\n'),
}

await Promise.all(
  Object.entries(strangers).map(([port, greet]) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      greet(socket)
    })
    return new Promise((resolve) => server.listen(Number(port), address, resolve))
  }),
)
process.stdout.write('ready\n')
