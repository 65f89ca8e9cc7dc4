import type { LoginNeeds } from '../../src/services/model/host.ts'
import type { EditDialog } from '../../src/state/slices/edit-dialog.ts'
import { MAIN } from './fake-sshd.ts'
import type { Headless, Options } from './headless.ts'
import { someTexts } from './probe-texts.ts'

/** Debian's sshd_config as far as it matters, with a line that is shadowed and a Match block. */
export const CONFIG = `Include /etc/ssh/sshd_config.d/*.conf
MaxAuthTries 5
X11Forwarding yes
MaxAuthTries 7
Match User bob
  PasswordAuthentication yes
`

const KEY_LOGIN: LoginNeeds = {
  methods: ['publickey'],
  keys: [{ type: 'ssh-ed25519', bits: null, fingerprint: 'SHA256:x', line: 'ssh-ed25519 AAAA' }],
  offered: [],
  can: { hostKey: ['ssh-ed25519'], kex: [], cipher: [], hmac: [] },
}

const SERVICES = 'tcp/22 ssh\ntcp/80 http\ntcp/443 https'

/** A server whose sshd can be changed from here: its operator came in by a key, over port 22. */
export const sshdServer = (config = CONFIG, more: Options = {}): Options => ({
  ...more,
  files: { [MAIN]: config, ...more.files },
  texts: {
    sshd: { ...someTexts().sshd, listening: '500 22' },
    firewall: { ...someTexts().firewall, services: SERVICES },
    ...more.texts,
  },
  facts: { needs: KEY_LOGIN, ...more.facts },
})

/** Puts the cursor of the SSH pane on the row of a keyword. */
export const onKeyword = ({ console }: Pick<Headless, 'console'>, keyword: string): void =>
  console.actions.putCursor('sshd', `finding:SSH-${keyword}`)

/** The editor that is open; where none is, the test fails. */
export function openEditor({ console }: Pick<Headless, 'console'>): EditDialog {
  const { dialog } = console.store.getState().view
  if (dialog?.kind !== 'edit') throw new Error('no editor is open')
  return dialog
}
