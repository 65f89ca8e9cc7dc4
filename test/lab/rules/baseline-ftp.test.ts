// The baseline where an FTP server runs, by the console's own keys: data connections find their way by the kernel's helper.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, up, whyNoLab } from '../lab.ts'
import { openTerminal } from '../terminal.ts'

const CONF = `listen=YES
listen_ipv6=NO
anonymous_enable=YES
connect_from_port_20=YES
seccomp_sandbox=NO
`
/** Fetches a file, by a data connection that the client opens (passive) or the server (active). */
const FETCH = `
import ftplib, sys
with ftplib.FTP(sys.argv[1], timeout=8) as ftp:
    ftp.login()
    ftp.set_pasv(sys.argv[2] == 'passive')
    ftp.retrlines('RETR hello', print)`

describe.skipIf(whyNoLab() !== null)('the baseline of an FTP server', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['vsftpd'] })
    await server.must('cat > /etc/vsftpd.conf; mkdir -p /srv/ftp; echo hello > /srv/ftp/hello', { input: CONF })
    await server.must('systemctl restart vsftpd')
  })
  afterAll(() => server?.down())
  const fetched = async (way: 'passive' | 'active'): Promise<string> =>
    (await server.client.run(['/usr/bin/python3', '-c', FETCH, server.address, way])).stdout

  test('lets passive and active transfers through, and loads the helper at boot', async () => {
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    terminal.press('2')
    terminal.press('B')
    await terminal.waitFor('FTP on port 21')
    terminal.press('S')
    await terminal.waitFor('Staged the baseline')
    terminal.press('A')
    await terminal.waitFor('N leave it so')
    terminal.press('N')
    await terminal.waitFor('Arm the timer and apply?')
    terminal.press('Y')
    await terminal.waitFor('C confirm, keep it')
    expect(await fetched('passive')).toBe('hello\n')
    expect(await fetched('active')).toBe('hello\n')
    terminal.press('C')
    await terminal.waitFor('CONFIRMED')
    terminal.kill()
    expect(await server.must('cat /etc/modules-load.d/hardtui-ftp.conf')).toContain('nf_conntrack_ftp')
    // It is the helper that does it.
    await server.must('iptables -t raw -F PREROUTING')
    expect(await fetched('passive')).toBe('')
  })
})
