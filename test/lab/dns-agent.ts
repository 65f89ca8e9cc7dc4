// Asks name servers for a test, from the network namespace that it is started in: a question a line, an answer a line.
import { createInterface } from 'node:readline'
import { askDns, type DnsTarget } from '../../src/services/host/dns-query.ts'
import type { DnsQuestion } from '../../src/services/model/dns.ts'

for await (const line of createInterface({ input: process.stdin })) {
  const { id, question, way } = JSON.parse(line) as { id: number; question: DnsQuestion; way: DnsTarget }
  void askDns(question, way).then((answer) => process.stdout.write(`${JSON.stringify({ id, answer })}\n`))
}
