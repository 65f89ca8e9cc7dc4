import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Practice } from '../../../src/services/practice/practice.ts'
import { until } from '../../support/guard-bench.ts'
import { exec, logIn, practise } from './log-in.ts'

const configure = ({ root }: Practice, text: string): void =>
  writeFileSync(join(root, 'etc/ssh/sshd_config.d/port.conf'), text)
const log = ({ root }: Practice): string => readFileSync(join(root, 'var/log/auth.log'), 'utf8')

/** The ports among these on which the practice server's sshd answers. */
async function open({ dial, target }: Practice, ...ports: readonly number[]): Promise<readonly number[]> {
  const tried = ports.map(async (port) => {
    const stream = await dial({ ...target, port }, new AbortController().signal).catch(() => null)
    stream?.destroy()
    return stream === null ? [] : [port]
  })
  return (await Promise.all(tried)).flat()
}

describe.concurrent('sshd of a practice server', () => {
  test('listens where its files say once it has read them, and tells so in all places', async (context) => {
    const { client, practice } = await practise(context)
    configure(practice, 'Port 10022\n')
    expect(await open(practice, 22, 10022)).toEqual([22])
    await exec(client, 'systemctl reload ssh')
    await until(async () => (await open(practice, 22, 10022)).length === 2, 5, 'the new port')
    const table =
      'cat $HARDTUI_ROOT/proc/net/tcp $HARDTUI_ROOT/proc/net/tcp6; ls -l $HARDTUI_ROOT/proc/640/fd; ss -lntup'
    const both = (await exec(client, table)).stdout
    for (const inode of both.matchAll(/ 0A .* 0 +0 (\d+) 1 /g)) expect(both).toContain(`socket:[${inode[1]}]`)
    expect(both.match(/00000000:(?:0016|2726) .* 0A /g)).toHaveLength(4)
    expect(both).toMatch(/0\.0\.0\.0:10022 .*"sshd".* cgroup:\/system\.slice\/ssh\.service/)
    configure(practice, '')
    writeFileSync(join(practice.root, 'etc/ssh/sshd_config'), 'Port 10022\n')
    await exec(client, 'systemctl reload ssh')
    await until(async () => (await open(practice, 22, 10022)).join() === '10022', 5, 'the old port to close')
    // Who came by it stays, and is who he was.
    expect((await exec(client, 'echo $SSH_CONNECTION; cat $HARDTUI_ROOT/proc/net/tcp')).stdout).toMatch(
      /^198\.51\.100\.20 50022 203\.0\.113\.10 22\n(?!.*:0016 )/s,
    )
  })

  test('a login by the other port is one by that port, for the rules too', async (context) => {
    const { client, practice } = await practise(context)
    configure(practice, 'Port 10022\n')
    await exec(client, 'systemctl restart ssh; iptables -I INPUT 4 -p tcp --dport 22 -j REJECT')
    await until(async () => (await open(practice, 10022)).length === 1, 5, 'the new port')
    const other = await logIn(practice, { port: 10022 })
    context.onTestFinished(() => void other.end())
    expect((await exec(other, 'echo $SSH_CONNECTION')).stdout).toMatch(/ 203\.0\.113\.10 10022\n$/)
    await expect(logIn(practice, { port: 22 })).rejects.toThrow()
    await exec(client, 'iptables -I INPUT 4 -p tcp --dport 10022 -j REJECT')
    await expect(logIn(practice, { port: 10022 })).rejects.toThrow()
  })

  test('does not listen where somebody else does, nor at addresses that are not its own', async (context) => {
    const { client, practice } = await practise(context)
    configure(practice, 'Port 80\nPort 22\n')
    await exec(client, 'systemctl reload ssh')
    await until(async () => log(practice).includes('failed'), 5, 'the words in the log')
    expect(log(practice)).toContain('error: Bind to port 80 on 0.0.0.0 failed: Address already in use.')
    // Its own second line for a port is in the way of itself.
    expect(log(practice)).toContain('error: Bind to port 22 on 0.0.0.0 failed: Address already in use.')
    expect(await open(practice, 22, 80)).toEqual([22])
    configure(practice, 'ListenAddress 192.0.2.1\n')
    await exec(client, 'systemctl restart ssh')
    await until(async () => log(practice).includes('fatal: Cannot bind any address.'), 5, 'its end')
    expect(log(practice)).toContain('Bind to port 22 on 192.0.2.1 failed: Cannot assign requested address.')
    await until(async () => (await open(practice, 22)).length === 0, 5, 'the port to close')
  })

  test('is gone when it is stopped, and back when it is started', async (context) => {
    const { client, practice } = await practise(context)
    await exec(client, 'systemctl stop ssh')
    await until(async () => (await open(practice, 22)).length === 0, 5, 'the port to close')
    expect((await exec(client, 'grep -c " 0A " $HARDTUI_ROOT/proc/net/tcp')).stdout).toBe('0\n')
    await exec(client, 'systemctl start ssh')
    await until(async () => (await open(practice, 22)).length === 1, 5, 'the port to open')
  })
})
