import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/services/model/reading.ts'
import type { SshdFacts } from '../../../src/services/model/sshd.ts'
import { hostAsEntered, initialReadings, withAnswers } from '../../../src/state/slices/readings.ts'
import { filter } from '../../support/firewall-checks.ts'
import { cursorTo, type Keys, keysOf } from '../../support/headless.ts'
import { someSshd } from '../../support/make-plan.ts'
import { hostFacts } from '../../support/plans.ts'
import { outputFrom } from '../../support/probe-output.ts'
import { someTexts } from '../../support/probe-texts.ts'
import { CONFIG, sshdServer } from '../../support/sshd-bench.ts'

const read = (more: Partial<SshdFacts>): Reading<SshdFacts> => ({
  state: 'present',
  facts: { ...someSshd, ...more },
  readAt: 0,
})
const portOf = (sshd: Reading<SshdFacts>): number => hostAsEntered(hostFacts, sshd).session.serverPort

describe('the host as its operator enters it', () => {
  test.each<[what: string, sshd: Reading<SshdFacts>, port: number]>([
    ['the port of the session, where sshd listens there', read({ ports: [22] }), 22],
    ['that port, be it one of several', read({ ports: [10022, 22] }), 22],
    ['where sshd listens, once it was moved', read({ ports: [10022, 2222] }), 10022],
    ['where its socket listens', read({ ports: [10022], portsFrom: 'socket' }), 10022],
    ['the port of the session, where nobody saw what listens', read({ ports: [10022], portsFrom: 'settings' }), 22],
    ['the port of the session, where nothing listens', read({ ports: [] }), 22],
    ['the port of the session, where sshd was not read', { state: 'unread' }, 22],
  ])('has %s', (_what, sshd, port) => {
    expect(portOf(sshd)).toBe(port)
  })

  test('is the very same one where nothing was moved, and else another session alone', () => {
    expect(hostAsEntered(hostFacts, read({}))).toBe(hostFacts)
    expect(hostAsEntered(hostFacts, read({ ports: [10022] }))).toEqual({
      ...hostFacts,
      session: { ...hostFacts.session, serverPort: 10022 },
    })
  })
})

describe('after sshd was moved', () => {
  const moved = (iptables: string) =>
    sshdServer(`Port 10022\n${CONFIG}`, {
      texts: {
        sshd: { ...someTexts().sshd, listening: '500 10022' },
        firewall: { ...someTexts().firewall, iptables },
      },
    })
  const OPEN = filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 10022 -j ACCEPT')
  const seen = ({ console }: Keys) =>
    console.store.getState().readings.findings.firewall.find(({ checkId }) => checkId === 'FW-ssh-source-v4')?.observed

  test('the firewall’s findings judge the port that it listens on', async () => {
    expect(seen(await keysOf(moved(OPEN)))).toBe('port 10022 is open to everyone')
  })

  test('they do so whichever was read first, and again with R', async () => {
    const bench = await keysOf(sshdServer(CONFIG, { texts: { firewall: { ...someTexts().firewall, iptables: OPEN } } }))
    expect(seen(bench)).not.toContain('10022')
    const { probe } = bench.host
    Object.assign(bench.host, {
      probe: (asked: Parameters<typeof probe>[0], on: Parameters<typeof probe>[1]) =>
        probe(
          asked.toSorted((a, b) => Number(a.id === 'sshd') - Number(b.id === 'sshd')),
          on,
        ),
    })
    const { files, texts } = moved(OPEN)
    bench.server.files = { ...files }
    bench.server.texts = { ...bench.server.texts, ...texts }
    await bench.press('R')
    expect(seen(bench)).toBe('port 10022 is open to everyone')
  })

  test('the baseline lets in the port that it listens on', async () => {
    const bench = await keysOf(moved(filter()))
    await bench.press('2', 'B', 'S')
    expect(bench.staged()).toContain('v4 filter INPUT 8 + -p tcp -m tcp --dport 10022 -j ACCEPT')
  })

  test('a fix of the rules lets in the port that it listens on', async () => {
    const bench = await keysOf(moved(filter()))
    await bench.press('2')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space')
    expect(bench.staged()).toContain('v4 filter INPUT 3 + -p tcp -m tcp --dport 10022 -j ACCEPT')
    expect(bench.staged().join()).not.toContain('dport 22 ')
  })
})

test('answers are kept, and what got none is asked again', () => {
  const answer = outputFrom('sshd-trial', '')
  const slice = {
    ...initialReadings(['sshd']),
    trials: new Map([
      ['a', answer],
      ['b', null],
    ]),
  }
  expect([...withAnswers(slice).trials]).toEqual([['a', answer]])
})
