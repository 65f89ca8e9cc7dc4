// A slow line: the client's link is carried by delay.py instead of the bridge alone. On the client's link and not the
// server's, so that it stays when the server reboots and the bystander is not slowed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { cgroups } from './demolish.ts'
import { LAB_DIR, netnsName, netnsPath } from './paths.ts'
import { must } from './run.ts'

/**
 * Puts `roundTripMs` of delay, half of it each way, into the client's link; gives the function that takes it out again.
 * The carrier is in the server's cgroup, so that what removes the server finds it too.
 */
export async function startDelay(name: string, roundTripMs: number): Promise<() => Promise<void>> {
  const wire = netnsName(name, 'wire')
  await must(['ip', '-n', wire, '-batch', '-'], {
    input: `link add client-far type veth peer name client-near
link set client-far addrgenmode none
link set client-near addrgenmode none
link set client nomaster
link set client-near up
link set client-far master br0
link set client-far up
`,
  })
  const inGroup = ['sh', '-c', 'echo $$ > "$1"; shift; exec "$@"', 'sh', `${cgroups(name)[0]}/cgroup.procs`]
  const relay = ['/usr/bin/python3', join(LAB_DIR, 'delay.py'), 'client', 'client-near', String(roundTripMs / 2)]
  const [file = '', ...args] = [...inGroup, 'nsenter', `--net=${netnsPath(name, 'wire')}`, ...relay]
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), gone])
  return async () => {
    child.kill('SIGKILL')
    await gone
    await must(['ip', '-n', wire, '-batch', '-'], { input: 'link del client-far\nlink set client master br0\n' })
  }
}
