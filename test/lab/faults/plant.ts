// Hostile text in every place of a real server that a console could read it from.
import { quote } from '../../../src/services/model/shell.ts'
import { EVIL, HOSTILE } from '../../support/hostile.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'

/** Name of the unit that describes itself by the string of that number. */
export const unitOf = (index: number): string => `hostile-${String(index).padStart(2, '0')}`

// A unit file reads a backslash at the end as "goes on", and cuts blanks off.
const unitText = (text: string): string =>
  `[Unit]\nDescription=${text} end\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n`

/** A program that listens on a port and calls itself something. */
const LISTENER = `use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(6666, INADDR_ANY)); listen(S, 5);
  $0 = "\\e]0;own\\a\\e[2J"; sleep 3600`

/** Plants it; what a program refuses to take (a name that is too long, a comment with a line break) is left out. */
export async function plantHostile(server: Server): Promise<void> {
  const units = HOSTILE.map(
    (text, index) => `printf %s ${quote(unitText(text))} >/etc/systemd/system/${unitOf(index)}.service`,
  )
  const names = HOSTILE.map((_, index) => `${unitOf(index)}.service`).join(' ')
  const rules = HOSTILE.map((text) => `iptables -A OUTPUT -m comment --comment ${quote(text)} -j ACCEPT || :`)
  const lines = [EVIL, ...HOSTILE].flatMap((text) => [
    `logger -p authpriv.info -t sshd -- ${quote(`Failed password for ${text} from 203.0.113.7 port 1 ssh2`)}`,
    `logger -p authpriv.info -t sshd -- ${quote(text)}`,
  ])
  const banner = `${EVIL}\n${HOSTILE.join('\n')}\n`
  const file = '/etc/issue.\u001b]0;pwned\u0007'
  const settings = [
    `Banner ${file}`,
    'AllowUsers root ops pat guest a\u001b[2Jb c\u009b2Jd e\u202ef',
    'AuthorizedKeysFile .ssh/authorized_keys /etc/\u001b]0;pwned\u0007/%u',
    'VersionAddendum v\u001b]0;pwned\u0007',
    'MaxStartups 100',
  ]
  const script = `
    perl -e 'my $n = "evil\\033]0;pwned\\007\\033[2J\\302\\233"; syscall(170, $n, length $n) == 0'
    printf 'PRETTY_NAME="%s"\\n' ${quote(EVIL.replace('\r', ''))} >/etc/os-release
    ${units.join('\n')}
    systemctl daemon-reload; systemctl start ${names}
    ${rules.join('\n')}
    systemd-run -q --unit=listener perl -e ${quote(LISTENER)}
    printf %s ${quote(banner)} >${quote(file)}
    printf '%s\\n' ${settings.map(quote).join(' ')} >/etc/ssh/sshd_config.d/00-fault.conf
    systemctl restart ssh
    ${lines.join('\n')}`
  await server.must('sh', { input: script })
  await server.waitForSshd()
  await until(
    'the last line to be in the journal',
    async () => (await server.must('journalctl -q -t sshd -o cat --no-pager | tail -n 200 | wc -l')).trim() !== '0',
  )
}
