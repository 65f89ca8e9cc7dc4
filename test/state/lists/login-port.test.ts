import { describe, expect, test } from 'vitest'
import { fakeTransactions } from '../../support/fake-transactions.ts'
import { filter } from '../../support/firewall-checks.ts'
import { cursorTo, type Keys, keysOf, type Options } from '../../support/headless.ts'
import { hostFacts } from '../../support/plans.ts'
import { someTexts } from '../../support/probe-texts.ts'
import { CONFIG, sshdServer } from '../../support/sshd-bench.ts'

const RULES = filter(
  'INPUT DROP',
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
  '-A INPUT -p tcp -m tcp --dport 10022 -j ACCEPT',
)

/** A server whose sshd listens there; its operator came in by 22. */
const listening = (...ports: readonly number[]): Options =>
  sshdServer(`${ports.map((port) => `Port ${port}\n`).join('')}${CONFIG}`, {
    texts: {
      sshd: { ...someTexts().sshd, listening: `500 ${ports.join(' ')}` },
      firewall: { ...someTexts().firewall, iptables: RULES },
    },
  })
async function without(port: number, options: Options): Promise<Keys> {
  const bench = await keysOf(options)
  await bench.press('2')
  cursorTo(bench, `--dport ${port}`)
  await bench.press('x')
  return bench
}
const lockOuts = ({ console }: Keys) =>
  console.lists
    .plan(console.store.getState())
    ?.blockers.filter(({ kind }) => kind === 'lock-out')
    .map(({ message }) => message)

describe('the next login is looked for', () => {
  test('where the operator came in, while sshd listens there', async () => {
    expect(lockOuts(await without(22, listening(22, 10022)))).toHaveLength(1)
    expect(lockOuts(await without(10022, listening(22, 10022)))).toEqual([])
  })

  test('where sshd listens, once it was moved', async () => {
    expect(lockOuts(await without(22, listening(10022)))).toEqual([])
    expect(lockOuts(await without(10022, listening(10022)))).toHaveLength(1)
  })

  test('where sshd will listen by what is staged of it', async () => {
    const bench = await keysOf(listening(22, 10022))
    await bench.press('1', 'p', 'Enter')
    expect(bench.staged()).toEqual([
      'v4 filter INPUT 3 - -p tcp -m tcp --dport 22 -j ACCEPT',
      'sshd Port 22 10022 → 10022',
    ])
    expect(lockOuts(bench)).toEqual([])
    await bench.press('2')
    cursorTo(bench, '--dport 10022')
    await bench.press('x')
    expect(lockOuts(bench)).toHaveLength(1)
  })

  test('where the operator came in, where sshd was not read', async () => {
    const options = listening(10022)
    const bench = await without(22, { ...options, texts: { ...options.texts, sshd: undefined as never } })
    expect(lockOuts(bench)).toHaveLength(1)
  })
})

describe('a new login of a change goes', () => {
  /** The port that transactions are told before anything was read, and afterwards; the console dialled 10022. */
  async function told(serverPort: number, options: Options): Promise<readonly (number | undefined)[]> {
    const ports: (() => number | undefined)[] = []
    let before: number | undefined = -1
    await keysOf({
      ...options,
      facts: { ...options.facts, session: { ...hostFacts.session, serverPort } },
      createTransactions: (_host, _facts, loginPort) => {
        ports.push(loginPort)
        before = loginPort()
        return fakeTransactions()
      },
    })
    return [before, ...ports.map((port) => port())]
  }

  test('to the port that was dialled, while sshd listens there or that is not known', async () => {
    expect(await told(10022, listening(10022))).toEqual([undefined, undefined])
    const { texts, ...options } = listening(10022)
    expect(await told(10022, { ...options, texts: { ...texts, sshd: undefined as never } })).toEqual([
      undefined,
      undefined,
    ])
  })

  test('where sshd listens, once it was moved', async () => {
    expect(await told(10022, listening(2222, 22022))).toEqual([undefined, 2222])
  })

  test('to the port that was dialled, where that is forwarded to another one', async () => {
    expect(await told(22, listening(2222))).toEqual([undefined, undefined])
  })
})
