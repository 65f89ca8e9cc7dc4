import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  FOREIGN_CHAINS,
  FOREIGN_INTERFACES,
  FOREIGN_MARKS,
  part,
} from '../../../src/services/areas/firewall/foreign-chains.ts'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'

const OWN = 'src/services/transaction/server/own.sh'

/** What of a save is kept for the next boot. */
function own(save: readonly string[]): readonly string[] {
  const { stdout } = spawnSync('sh', ['-c', `ETC=/nowhere; . ./${OWN}; own_rules v4`], {
    input: `${save.join('\n')}\n`,
  })
  return stdout.toString().split('\n').slice(0, -1)
}

describe('what is saved for the next boot', () => {
  test('leaves out the chains, jumps and bridge rules that the pane calls foreign, by the same names', () => {
    const script = readFileSync(OWN, 'utf8')
    expect(script).toContain(FOREIGN_CHAINS)
    expect(script).toContain(FOREIGN_INTERFACES)
    expect(script).toContain(FOREIGN_MARKS)
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

  test('leaves out what programs add to the operator’s chains at every boot, as the pane does', () => {
    const save = [
      '*nat',
      ':POSTROUTING ACCEPT [0:0]',
      ':DOCKER - [0:0]',
      '-A POSTROUTING -s 172.18.0.0/16 ! -o appnet0 -j MASQUERADE',
      '-A POSTROUTING -s 172.18.0.2/32 -d 172.18.0.2/32 -p tcp -m tcp --dport 90 -j MASQUERADE',
      '-A POSTROUTING -s 10.10.0.0/24 -m comment --comment "generated for LXD network lxdbr0" -j MASQUERADE',
      '-A POSTROUTING -s 10.1.0.0/24 -o eth0 -j MASQUERADE',
      '-A DOCKER -i appnet0 -j RETURN',
      'COMMIT',
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD DROP [0:0]',
      '-A INPUT -m set --match-set crowdsec-blacklists src -j DROP',
      '-A INPUT -m set --match-set mine src -j DROP',
      '-A INPUT -m comment --comment "wg-quick(8) rule for wg0" -j ACCEPT',
      '-A INPUT -m comment --comment "not generated for LXD network x" -j ACCEPT',
      '-A FORWARD -i appnet0 ! -o appnet0 -j ACCEPT',
      '-A FORWARD -i eth1 -j ACCEPT',
      'COMMIT',
    ]
    const rules = own(save).filter((line) => line.startsWith('-A'))
    expect(rules).toEqual([
      '-A POSTROUTING -s 10.1.0.0/24 -o eth0 -j MASQUERADE',
      '-A INPUT -m set --match-set mine src -j DROP',
      '-A INPUT -m comment --comment "not generated for LXD network x" -j ACCEPT',
      '-A FORWARD -i eth1 -j ACCEPT',
    ])
    const { tables } = parseRuleSet('v4', `${save.join('\n')}\n`)
    const shown = tables.flatMap((table) =>
      part(table, tables).own.chains.flatMap((chain) => chain.rules.map((rule) => `-A ${chain.name} ${rule.text}`)),
    )
    expect(shown).toEqual(rules)
  })
})
