import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Client } from 'ssh2'
import { describe, expect, type TestContext, test } from 'vitest'
import { createLogReader } from '../../../src/services/areas/securelog/reader.ts'
import { followScript } from '../../../src/services/areas/securelog/scripts.ts'
import type { FactsByArea } from '../../../src/services/model/areas.ts'
import { factsOf } from '../../../src/services/model/reading.ts'
import { safe } from '../../../src/services/model/safe.ts'
import { type Practice, type PracticeOptions, startPractice } from '../../../src/services/practice/practice.ts'
import { AREAS } from '../../../src/state/areas/table.ts'
import { until } from '../../support/guard-bench.ts'
import { outputFrom, readable, standalone } from '../../support/probe-output.ts'
import { NOTHING_AROUND, someHost } from '../areas/some-host.ts'
import { exec, logIn } from './log-in.ts'

const practise = async (context: TestContext, options: PracticeOptions = { attackEveryMs: 0 }): Promise<Practice> => {
  const practice = await startPractice(options)
  context.onTestFinished(practice.stop)
  return practice
}

const logged = async (context: TestContext, practice: Practice): Promise<Client> => {
  const client = await logIn(practice)
  context.onTestFinished(() => {
    client.end()
  })
  return client
}

const VARIABLES =
  'LC_ALL=C login_user=root client_address=198.51.100.20 client_port=50022 server_address=203.0.113.10 server_port=22; export LC_ALL\n'
const asRoot = someHost({ user: safe('root'), uid: 0, escalation: 'root' })

async function read<Id extends keyof FactsByArea>(client: Client, id: Id): Promise<FactsByArea[Id]> {
  const area = AREAS[id]
  const { stdout, status } = await exec(client, 'sh -s', VARIABLES + standalone(area.probes[0]?.script ?? ''))
  const output = outputFrom(area.probes[0]?.id ?? '', readable(stdout), { status: status ?? -1 })
  const facts = factsOf(area.parse(() => output, asRoot, 1))
  if (!facts) throw new Error(`the ${id} probe gave no facts: ${stdout}`)
  return facts
}

const failing = <Id extends keyof FactsByArea>(id: Id, facts: FactsByArea[Id]): readonly string[] =>
  AREAS[id].checks
    .filter((check) => check.judge(facts, asRoot, NOTHING_AROUND).outcome === 'fail')
    .map((check) => check.id)

describe.concurrent('a practice server', () => {
  test('is read by the same probes as any other, and is badly configured', async (context) => {
    const client = await logged(context, await practise(context))
    expect(failing('sshd', await read(client, 'sshd'))).toContain('SSH-PermitRootLogin')
    const firewall = await read(client, 'firewall')
    expect(failing('firewall', firewall)).toEqual(expect.arrayContaining(['FW-default-deny-v4', 'FW-default-deny-v6']))
    expect(firewall).toMatchObject({ backend: 'nft', managers: ['fail2ban', 'netfilter-persistent'], warnings: [] })
    const units = await read(client, 'units')
    expect(failing('units', units)).toEqual(expect.arrayContaining(['SVC-avahi', 'SVC-rpcbind', 'SVC-mail']))
    expect(units.units.find((unit) => unit.name === 'ssh.service')?.listeners).toHaveLength(2)
    expect(units.strayListeners).toEqual([])
  })

  test.for(['file', 'journal'] as const)('logs the own login and a strange one to the %s', async (log, context) => {
    const client = await logged(context, await practise(context, { attackEveryMs: 0, log }))
    const { source, entries } = await read(client, 'securelog')
    expect(source.kind).toBe(log)
    const accepted = entries.filter((entry) => entry.kind === 'accepted')
    expect(accepted.map((entry) => [entry.user, entry.address, entry.own, entry.trusted])).toEqual([
      ['deploy', '192.0.2.99', false, log === 'journal'],
      ['root', '198.51.100.20', true, log === 'journal'],
    ])
    expect(entries.filter((entry) => entry.kind === 'failed').length).toBeGreaterThan(20)
  })

  test.for(['file', 'journal'] as const)(
    'its log fills with attacks while the %s is followed',
    async (log, context) => {
      const client = await logged(context, await practise(context, { attackEveryMs: 100, log }))
      const facts = await read(client, 'securelog')
      const reader = createLogReader(facts, asRoot, Date.now())
      const lines: string[] = []
      client.exec(followScript(facts), (_error, channel) => {
        channel.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')))
      })
      const seen = await until(
        async () => lines.map(reader).find((entry) => entry?.kind === 'failed') ?? null,
        10,
        'attack',
      )
      expect(seen.address).toMatch(/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$/)
    },
  )

  test('changes rules as it is told, and puts them back', async (context) => {
    const client = await logged(context, await practise(context))
    const before = (await exec(client, 'iptables-save -c | grep -v "^#" | tee save')).stdout
    const delta = '*filter\n-I INPUT 1 -p tcp --dport 8080 -j ACCEPT\n-D INPUT -s 192.0.2.66 -j DROP\nCOMMIT\n'
    expect(await exec(client, 'iptables-restore -w 5 --noflush', delta)).toEqual({ status: 0, stdout: '', stderr: '' })
    const after = (await exec(client, 'iptables-save')).stdout
    expect(after).toContain('-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT')
    expect(after).not.toContain('192.0.2.66')
    expect(await exec(client, 'iptables-restore -c <save')).toMatchObject({ status: 0 })
    expect((await exec(client, 'iptables-save -c | grep -v "^#"')).stdout).toBe(before)
  })

  test('a scratch network has rules of its own, empty at first', async (context) => {
    const client = await logged(context, await practise(context))
    const before = (await exec(client, 'iptables-save | grep -v "^#"')).stdout
    const inside = await exec(client, 'unshare -n sh -c "iptables-save; iptables -P INPUT DROP; iptables -S INPUT"')
    expect(inside).toEqual({ status: 0, stdout: '-P INPUT DROP\n', stderr: '' })
    expect((await exec(client, 'iptables-save | grep -v "^#"')).stdout).toBe(before)
  })

  test('services are stopped and disabled, and their listeners go', async (context) => {
    const client = await logged(context, await practise(context))
    expect(await exec(client, 'systemctl disable --now rpcbind.service rpcbind.socket')).toMatchObject({ status: 0 })
    const { units } = await read(client, 'units')
    expect(units.find((unit) => unit.name === 'rpcbind.service')).toMatchObject({
      active: 'inactive',
      boot: 'disabled',
      listeners: [],
    })
    // What the guard takes for the proof that a unit is there.
    expect((await exec(client, 'systemctl cat rpcbind.socket')).stdout).toContain('Description=RPCbind Server')
    expect((await exec(client, 'systemctl cat nothing')).stdout).toBe('')
    expect(await exec(client, 'systemctl start nothing')).toMatchObject({
      status: 5,
      stderr: 'Failed to start nothing.service: Unit nothing.service not found.\n',
    })
  })

  test('locks, hashes and times out on machines that have no program for it', async (context) => {
    const client = await logged(context, await practise(context))
    // Only the stand-ins, and links to what every machine has.
    const bare =
      'mkdir bare; for tool in sh perl env sleep cat; do ln -s "$(command -v $tool)" bare; done; PATH=$HARDTUI_ROOT/bin:$PWD/bare'
    expect(await exec(client, `${bare}; printf abc | sha256sum`)).toMatchObject({
      stdout: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n',
    })
    expect(await exec(client, `${bare}; timeout -k 1 0.2 sleep 60`)).toMatchObject({ status: 124 })
    const twice =
      '(flock -n 9 && echo got; exec 8>lock; flock -n 8 || echo busy; flock -u 9; flock -w 1 8 && echo freed) 9>lock'
    expect(await exec(client, `${bare}; ${twice}`)).toMatchObject({ stdout: 'got\nbusy\nfreed\n' })
  })

  test('takes the password it gave, and no other', async (context) => {
    const practice = await practise(context)
    const { Client } = (await import('ssh2')).default
    const enter = (password: string): Promise<string> =>
      new Promise((resolve) => {
        const client = new Client()
        client.once('ready', () => resolve('in')).on('error', (error) => resolve(error.message))
        context.onTestFinished(() => {
          client.end()
        })
        client.connect({ host: practice.host, port: practice.port, username: practice.user, password })
      })
    expect(await enter(practice.password)).toBe('in')
    expect(await enter('wrong')).toContain('authentication methods failed')
  })
})

describe.concurrent('transient units of a practice server', () => {
  const mark = 'echo x >>"$HARDTUI_ROOT/mark"'
  const marks = async (client: Client): Promise<number> =>
    (await exec(client, 'cat "$HARDTUI_ROOT/mark"')).stdout.length / 2

  test('run once, and are gone', async (context) => {
    const client = await logged(context, await practise(context))
    expect(await exec(client, `systemd-run --quiet --collect --unit=one sh -c '${mark}'`)).toMatchObject({ status: 0 })
    await until(async () => (await marks(client)) === 1, 5, 'the mark')
    await until(async () => (await exec(client, 'systemctl is-active one')).status === 3, 5, 'the end')
  })

  test('are restarted whatever kills them, until they end with the status that prevents it', async (context) => {
    const client = await logged(context, await practise(context))
    const service = `${mark}; test -e "$HARDTUI_ROOT/enough" && exit 77; sleep 60`
    const run = `systemd-run -q --unit=keep -p Restart=always -p RestartSec=20ms -p RestartPreventExitStatus=77`
    expect(await exec(client, `${run} sh -c '${service}'`)).toMatchObject({ status: 0 })
    await until(async () => (await marks(client)) === 1, 5, 'the start')
    expect((await exec(client, 'systemctl is-active keep')).stdout).toBe('active\n')
    expect(await exec(client, `${run} true`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Unit keep.service was already loaded'),
    })
    await exec(client, 'systemctl kill --signal=KILL keep.service')
    await until(async () => (await marks(client)) === 2, 5, 'the restart')
    await exec(client, 'touch "$HARDTUI_ROOT/enough"; systemctl kill keep')
    await until(async () => (await exec(client, 'systemctl is-active --quiet keep')).status === 3, 5, 'the end')
  })

  test('timers count from the start of the system, and can be stopped', async (context) => {
    const client = await logged(context, await practise(context))
    const from =
      'started=$(systemctl show --property=UserspaceTimestampMonotonic --value); read -r up rest <"$HARDTUI_ROOT/proc/uptime"'
    const timer = (name: string, seconds: number) =>
      `${from}; systemd-run -q --unit=${name} --on-startup=$((\${up%.*} + ${seconds} - started / 1000000)) sh -c '${mark}'`
    await exec(client, timer('late', 600))
    expect((await exec(client, 'systemctl is-active late.timer')).stdout).toBe('active\n')
    await exec(client, 'systemctl stop late.timer')
    expect((await exec(client, 'systemctl is-active late.timer')).stdout).toBe('inactive\n')
    await exec(client, timer('soon', 1))
    await until(async () => (await marks(client)) === 1, 5, 'the timer')
  })
})

describe.concurrent('rules that lock out', () => {
  test('hold back a new connection until they are gone, and refuse it where they reject', async (context) => {
    const practice = await practise(context)
    const client = await logged(context, practice)
    await exec(client, 'iptables -I INPUT 4 -p tcp --dport 22 -j DROP')
    const waiting = expect(logIn(practice)).rejects.toThrow()
    // The running session is let through by the rule for established connections.
    await exec(client, 'iptables -R INPUT 4 -p tcp --dport 22 -j REJECT')
    await waiting
    await exec(client, 'iptables -D INPUT 4')
    const again = await logged(context, practice)
    expect((await exec(again, 'echo $SSH_CONNECTION')).stdout).toMatch(/^198\.51\.100\.20 5002\d 203\.0\.113\.10 22\n$/)
  })

  test('silence the running session too, until something puts them back', async (context) => {
    const practice = await practise(context)
    const client = await logged(context, practice)
    await exec(client, 'iptables-save -c >save')
    const rescue = `while [ ! -e "$HARDTUI_ROOT/rescue" ]; do sleep 0.1; done; iptables-restore -c <"$HOME/save"`
    await exec(client, `systemd-run -q --unit=rescue sh -c '${rescue}'`)
    let answered = false
    const answer = exec(client, 'iptables -I INPUT -j DROP; echo locked').then((ran) => {
      answered = true
      return ran
    })
    const rules = () => readFileSync(`${practice.root}/kernel/v4.rules`, 'utf8')
    await until(async () => rules().includes('-A INPUT -j DROP'), 5, 'the lock-out')
    expect(answered).toBe(false)
    const { writeFile } = await import('node:fs/promises')
    await writeFile(`${practice.root}/rescue`, '')
    expect((await answer).stdout).toBe('locked\n')
    expect(rules()).not.toContain('-A INPUT -j DROP')
  })
})

describe.concurrent('stopping a practice server', () => {
  const processesOf = (root: string): readonly string[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`HARDTUI_ROOT=${root}\0`)
        } catch {
          return false
        }
      })

  test.runIf(existsSync('/proc/self/environ'))('leaves no process and no file', async () => {
    const practice = await startPractice({ attackEveryMs: 50 })
    const client = await logIn(practice)
    client.on('error', () => {})
    await exec(
      client,
      'systemd-run -q --unit=a -p Restart=always sleep 600; systemd-run -q --unit=b --on-active=600 true',
    )
    for (const command of ['sleep 600', 'tail -f /dev/null', 'setsid sleep 600', 'timeout 600 sleep 600'])
      client.exec(command, () => {})
    await until(async () => processesOf(practice.root).length > 6, 5, 'everything to run')
    await Promise.all([practice.stop(), practice.stop()])
    expect(existsSync(practice.root)).toBe(false)
    await until(async () => processesOf(practice.root).length === 0, 2, 'the processes to be gone')
  })
})
