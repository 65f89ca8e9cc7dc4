import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FOREIGN_CHAINS, FOREIGN_INTERFACES } from '../../../src/services/areas/firewall/foreign-chains.ts'

const PERSIST = 'src/services/transaction/server/persist.sh'

/** What of a save is kept for the next boot. */
function own(save: readonly string[]): readonly string[] {
  const { stdout } = spawnSync('sh', ['-c', `. ./${PERSIST}; own_rules`], { input: `${save.join('\n')}\n` })
  return stdout.toString().split('\n').slice(0, -1)
}

describe('what is saved for the next boot', () => {
  test('leaves out the chains, jumps and bridge rules that the pane calls foreign, by the same names', () => {
    const script = readFileSync(PERSIST, 'utf8')
    expect(script).toContain(FOREIGN_CHAINS)
    expect(script).toContain(FOREIGN_INTERFACES)
  })

  test('holds the rules of the operator and no other', () => {
    const mine = ['*filter', ':INPUT DROP [0:0]', ':FORWARD ACCEPT [0:0]', ':web - [0:0]', '-A INPUT -j web']
    const comment = '-A INPUT -m comment --comment "was -j DOCKER once, \\" -j f2b-x" -j ACCEPT'
    const foreign = [
      ...['ts-input', 'sshguard', 'CROWDSEC_CHAIN', 'WEAVE-NPC', 'f2b-sshd'].map((name) => `-A INPUT -j ${name}`),
      '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
      '-A f2b-sshd -s 192.0.2.1/32 -j DROP',
    ]
    expect(own([...mine, ':f2b-sshd - [0:0]', ...foreign, comment, 'COMMIT'])).toEqual([...mine, comment, 'COMMIT'])
  })
})
