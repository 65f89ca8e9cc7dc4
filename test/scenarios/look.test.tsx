import { expect, test } from 'vitest'
import { say } from '../../src/services/model/safe.ts'
import type { Knock, KnockAnswer } from '../../src/services/model/seen-ports.ts'
import { openConsole } from '../support/console.tsx'
import { filter } from '../support/firewall-checks.ts'
import { settled } from '../support/headless.ts'
import { hostFacts } from '../support/plans.ts'
import { someTexts } from '../support/probe-texts.ts'

const LISTENERS = `tcp LISTEN 0 128 0.0.0.0:10022 0.0.0.0:* users:(("sshd",pid=500,fd=3)) cgroup:/system.slice/ssh.service <->
tcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=7,fd=3)) cgroup:/system.slice/nginx.service <->
tcp LISTEN 0 128 0.0.0.0:3306 0.0.0.0:* users:(("mariadbd",pid=8,fd=3)) cgroup:/system.slice/mariadb.service <->`
const RULES = filter(
  'INPUT DROP',
  '-A INPUT -p tcp -m tcp --dport 10022 -j ACCEPT',
  '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
)
const SILENT: KnockAnswer = { state: 'silent', reason: say`no answer within 4 s` }

async function onWeb(knock: Knock | undefined, [columns, rows] = [120, 40], serverPort = 10022, listeners = LISTENERS) {
  const { units, firewall } = someTexts()
  const texts = {
    units: { ...units, 'listeners-ss': listeners },
    firewall: { ...firewall, iptables: RULES, 'iptables-status': '0' },
  }
  const facts = { session: { ...hostFacts.session, serverPort } }
  const bench = await openConsole({ columns, rows, texts, facts, ...(knock ? { knock } : {}) })
  await bench.press('2')
  return bench
}

test.each([
  [80, 24],
  [120, 40],
  [200, 60],
])('L asks first, looks at what listens, and shows it beside what the rules say, at %i × %i', async (...size) => {
  const asked: number[] = []
  const bench = await onWeb(async (port) => {
    asked.push(port)
    return port === 80 ? SILENT : { state: 'open' }
  }, size)
  await bench.press('L')
  await bench.sees('Which ports answer from here?', 'v4 tcp 80 nginx', 'v4 tcp 3306 mariadbd', 'Y yes, look')
  expect(asked).toEqual([])
  await bench.press('Y')
  await bench.sees('2 ports are otherwise than the rules say', /✗ v4 tcp 3306 mariadbd +dropped +open/)
  await bench.sees(/⚠ v4 tcp 80 nginx +let in +no answer within 4 s/)
  expect(asked).toEqual([80, 3306, 10022])
  await bench.press('Esc')
  await bench.sees(/✗ Ports answer from here/, /tcp 3306 \(m/)
})

test('what is as the rules say leaves no finding, and a later reading does not forget it', async () => {
  let asked = 0
  const bench = await onWeb(async (port) => {
    asked += 1
    return port === 3306 ? SILENT : { state: 'open' }
  })
  await bench.press('L', 'Y')
  await bench.sees('From here all is as the rules say')
  await bench.press('Esc', 'R')
  await bench.sees('1 SSH')
  const found = () => bench.console.store.getState().readings.findings.firewall
  const outcome = () => found().find(({ checkId }) => checkId === 'FW-shut-from-here')?.outcome
  expect([outcome(), asked]).toEqual(['pass', 3])
})

test('Esc while it looks stops it: what is not seen to its end is not judged by', async () => {
  const asked: number[] = []
  const late: ((answer: KnockAnswer) => void)[] = []
  const bench = await onWeb((port) => {
    asked.push(port)
    return new Promise((resolve) => void late.push(resolve))
  })
  await bench.press('L', 'Y')
  await bench.sees('stop looking (0 of 3 seen)')
  await bench.press('Y')
  expect(asked).toEqual([80, 3306])
  await bench.press('Esc')
  await bench.lacks('stop looking')
  for (const resolve of late) resolve({ state: 'open' })
  await bench.press('L')
  await bench.sees('Y yes, look')
  expect(bench.console.store.getState().readings.seenPorts).toBeNull()
})

test('a line that is cut while it looks makes no port one that something keeps out', async () => {
  const asked: number[] = []
  const bench = await onWeb(async (port) => {
    asked.push(port)
    return SILENT
  })
  await bench.press('L', 'Y')
  await bench.sees('As the rules say, but for 3 ports not known')
  expect(asked.at(-1)).toBe(10022)
  await bench.press('Esc')
  await bench.lacks('Ports do not answer from here')
})

test('Esc while it looks keeps it from every port that it has not come to', async () => {
  const asked: number[] = []
  const late: ((answer: KnockAnswer) => void)[] = []
  const more = [1, 2, 3, 4, 5].map((port) => LISTENERS.split('\n')[1]?.replace(':80 ', `:${port} `))
  const bench = await onWeb(
    (port) => {
      asked.push(port)
      return new Promise((resolve) => void late.push(resolve))
    },
    [120, 40],
    10022,
    `${LISTENERS}\n${more.join('\n')}`,
  )
  await bench.press('L', 'Y')
  await bench.sees('stop looking (0 of 8 seen)')
  await bench.press('Esc')
  await bench.lacks('stop looking')
  for (const resolve of late) resolve({ state: 'open' })
  await settled()
  expect(asked).toEqual([1, 2, 3, 4])
})

test('where the port is mapped on the way, another host may have the others', async () => {
  const bench = await onWeb(async () => SILENT, [120, 40], 22)
  await bench.press('L')
  await bench.sees('you dialled port 10022 and are in by 22')
})

test('where nothing is reached from here it says why', async () => {
  const bench = await onWeb(undefined)
  await bench.press('L')
  await bench.sees('nothing is reached from here but by the console’s own connection')
})
