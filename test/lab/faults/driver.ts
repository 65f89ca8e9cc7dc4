// driver.ts SERVER SECONDS - an operator in a process of his own, so that he can be killed: logs in, plans a change that
// lets nobody in any more, applies it, and prints each phase as he comes to it.
import '../shell-texts.ts'

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
