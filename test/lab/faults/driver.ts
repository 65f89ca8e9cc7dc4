// driver.ts SERVER SECONDS - an operator in a process of his own, so that he can be killed: logs in, plans a change that
// lets nobody in any more, applies it, and prints each phase as he comes to it.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

// The product's scripts for the server are imported as text, which Node does not do by itself.
registerHooks({
  load: (url, context, next) =>
    url.endsWith('.sh')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))}`,
        }
      : next(url, context),
})

const [, , name = '', seconds = ''] = process.argv
const { find } = await import('../lab.ts')
const { logIn } = await import('../operator.ts')
const { insertFirst } = await import('../../support/plans.ts')
const { fileChange } = await import('./world.ts')

const server = find(name)
const operator = await logIn(server)
// Refused and not dropped, so that the proof fails within the window; the session that is open goes on.
const shut = '-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset'
const plan = await operator.plan((facts) => [insertFirst(facts, shut)], {
  windowSeconds: Number(seconds),
  also: [await fileChange(server, '/etc/motd', (now) => `${now}changed\n`)],
})
operator.transactions.subscribe(({ phase }) => void process.stdout.write(`${phase}\n`))
await operator.transactions.apply(plan)
