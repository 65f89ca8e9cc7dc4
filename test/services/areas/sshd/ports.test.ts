import { describe, expect, test } from 'vitest'
import { SOCKET_FILE } from '../../../../src/services/areas/sshd/lay.ts'
import { portEdits, portsNow, proposedPorts, readPorts } from '../../../../src/services/areas/sshd/ports.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { MAIN, sshdOf } from './some-facts.ts'

test.each<[now: readonly number[], own: number, proposed: readonly number[]]>([
  [[22], 22, [22, 10022]],
  [[2222], 22, [2222, 10022]],
  [[10022], 10022, [10022]],
  [[22, 10022], 22, [10022]],
  [[22, 10022], 10022, [22]],
  [[22, 10022], 443, [22, 10022]],
])('of %j, come in by %d, what is proposed is %j', (now, own, proposed) => {
  expect(proposedPorts(now, own)).toEqual(proposed)
})

describe('ports that are typed', () => {
  test.each([
    ['22 10022', { all: [22, 10022], open: [10022], close: [] }],
    ['22, 10022,22', { all: [22, 10022], open: [10022], close: [] }],
    ['443', null],
    ['', null],
  ])('%j', (text, value) => {
    const read = readPorts(text, [22], 22)
    expect(read.ok ? read.value : null).toEqual(value)
  })

  test('that close one which is not the operator’s are one change with those that open', () => {
    expect(readPorts('22 10022', [22, 2222], 22)).toEqual({
      ok: true,
      value: { all: [22, 10022], open: [10022], close: [2222] },
    })
    expect(readPorts('10022', [22, 10022], 22)).toEqual({ ok: true, value: { all: [10022], open: [], close: [22] } })
  })

  test.each([
    ['ssh', '“ssh” is no port: a number from 1 to 65535.'],
    ['0', '“0” is no port: a number from 1 to 65535.'],
    ['65536', '“65536” is no port: a number from 1 to 65535.'],
    ['22', 'sshd listens there already.'],
    [
      '10022',
      'Port 22, which you came in by, stays until the new one is proven: keep it now, and take it out with the next change.',
    ],
    ['  ', 'Type one or more ports, such as 10022.'],
  ])('%j is refused with the reason', (text, error) => {
    expect(readPorts(text, [22], 22)).toEqual({ ok: false, error })
  })
})

describe('the edits', () => {
  const STOCK = 'port 22\nlistenaddress [::]:22\nlistenaddress 0.0.0.0:22'
  const change = { all: [22, 10022], open: [10022], close: [] }

  test('set the ports, and the addresses too where a file names them', () => {
    expect(portEdits(sshdOf([{ settings: STOCK }]), change)).toEqual({
      ok: true,
      value: [{ kind: 'keyword', keyword: 'Port', values: ['22', '10022'], match: null }],
    })
    const named = sshdOf([{ settings: 'port 22\nlistenaddress 203.0.113.10:22', sources: [`${MAIN}:3 listenaddress`] }])
    expect(portEdits(named, change)).toMatchObject({
      value: [{ keyword: 'Port' }, { keyword: 'ListenAddress', values: ['203.0.113.10:22', '203.0.113.10:10022'] }],
    })
  })

  test('are none where the command line holds the port', () => {
    const facts = sshdOf([{ settings: STOCK }])
    expect(portEdits({ ...facts, options: [say`-p`, say`2222`] }, change)).toMatchObject({
      error: expect.stringContaining('started with -p'),
    })
  })

  test('set the ports of the socket unit as well where that listens, but not where it is made of sshd’s settings', () => {
    const facts = sshdOf([{ settings: STOCK }], { [SOCKET_FILE]: 'old\n' }, { socketActivated: true })
    expect(portEdits(facts, change)).toMatchObject({
      value: [
        {
          kind: 'file',
          path: SOCKET_FILE,
          was: 'old\n',
          text: '# Written by hardtui\n[Socket]\nListenStream=\nListenStream=22\nListenStream=10022\n',
        },
        { keyword: 'Port' },
      ],
    })
    expect(portEdits({ ...facts, socketGenerated: true }, change)).toMatchObject({ value: [{ keyword: 'Port' }] })
  })

  test('are laid over what holds: sshd is said to listen there then', () => {
    expect(portsNow(sshdOf([{ settings: STOCK }]))).toEqual([22])
    expect(portsNow(sshdOf([{ settings: STOCK }], {}, { socketActivated: true, ports: [2222] }))).toEqual([2222])
  })
})
