import { describe, expect, test } from 'vitest'
import { facts, fixOn, person, verdictOn } from './some-facts.ts'

const LAN = 'Address 10.0.0.0/8'
const PASSWORDS = 'SSH-PasswordAuthentication'
const [CLOSED, OPEN] = [
  'passwordauthentication no\npermitrootlogin no',
  'passwordauthentication yes\npermitrootlogin no',
]
const SETS = ['passwordauthentication']

describe('a fix where there are Match blocks', () => {
  test('is for everybody where no block sets the value', () => {
    const on = facts(OPEN, [person(OPEN), person(OPEN, [LAN])])
    expect(fixOn(PASSWORDS, on)).toEqual(['PasswordAuthentication no'])
  })

  test('is for the block alone where everybody else is well', () => {
    const on = facts(CLOSED, [person(CLOSED), person(OPEN, [LAN], SETS)])
    expect(verdictOn(PASSWORDS, on)).toBe(`fail yes for Match ${LAN}`)
    expect(fixOn(PASSWORDS, on)).toEqual([`[${LAN}] PasswordAuthentication no`])
  })

  test('is for both where a block repeats what holds for everybody', () => {
    const on = facts(OPEN, [person(OPEN), person(OPEN, [LAN], SETS), person(OPEN, ['User x'])])
    expect(fixOn(PASSWORDS, on)).toEqual(['PasswordAuthentication no', `[${LAN}] PasswordAuthentication no`])
  })

  test('goes by the values where sshd did not say which lines it took', () => {
    const unsaid = facts(OPEN, [person(OPEN, [], null), person(OPEN, [LAN], null)])
    expect(fixOn(PASSWORDS, unsaid)).toEqual(['PasswordAuthentication no'])
    const tries = facts('maxauthtries 6', [person('maxauthtries 6', [], null), person('maxauthtries 20', [LAN], null)])
    expect(fixOn('SSH-MaxAuthTries', tries)).toEqual(['MaxAuthTries 4', `[${LAN}] MaxAuthTries 4`])
  })

  test('spares a block that somebody meets without harm, and one whose harm another block explains', () => {
    const on = facts(CLOSED, [
      person(OPEN, [LAN, 'User x', 'User y'], SETS),
      person(CLOSED, [LAN], []),
      person(OPEN, ['User y'], SETS),
    ])
    expect(fixOn(PASSWORDS, on)).toEqual(['[User y] PasswordAuthentication no'])
  })

  test('spares a block that does no harm to others, or none of its own', () => {
    const harmless = [person(OPEN, [LAN, 'User x'], SETS), person(CLOSED, [LAN], [])]
    expect(fixOn(PASSWORDS, facts(CLOSED, harmless))).toEqual(['[User x] PasswordAuthentication no'])
    const [six, twenty] = ['maxauthtries 6', 'maxauthtries 20']
    const others = [person(twenty, [LAN, 'User x'], ['maxauthtries']), person(six, [LAN], []), person(six)]
    expect(fixOn('SSH-MaxAuthTries', facts(six, others))).toEqual(['MaxAuthTries 4', '[User x] MaxAuthTries 4'])
  })

  test('is for each of two blocks that set values of their own', () => {
    const on = facts('maxauthtries 4', [
      person('maxauthtries 20', ['User x'], ['maxauthtries']),
      person('maxauthtries 30', ['User y'], ['maxauthtries']),
      person('maxauthtries 40', ['User z', 'User y'], ['maxauthtries']),
    ])
    expect(fixOn('SSH-MaxAuthTries', on)).toEqual([
      '[User x] MaxAuthTries 4',
      '[User y] MaxAuthTries 4',
      '[User z] MaxAuthTries 4',
    ])
  })

  test('is for everybody where a block sets another keyword, and where somebody has none', () => {
    expect(fixOn(PASSWORDS, facts(OPEN, [person(OPEN), person(OPEN, [LAN], ['maxauthtries'])]))).toEqual([
      'PasswordAuthentication no',
    ])
    expect(fixOn('SSH-X11Forwarding', facts('x11forwarding yes', [person('port 22')]))).toEqual(['X11Forwarding no'])
  })

  test('suspects every block of somebody whose blocks are all without harm for others', () => {
    const on = facts(CLOSED, [
      person(OPEN, [LAN, 'User x'], SETS),
      person(CLOSED, [LAN], []),
      person(CLOSED, ['User x'], []),
    ])
    expect(fixOn(PASSWORDS, on)).toEqual([`[${LAN}] PasswordAuthentication no`, '[User x] PasswordAuthentication no'])
  })

  test('is for Match all where a block without a name sets it', () => {
    const on = facts(OPEN, [person(OPEN, [], SETS)])
    expect(fixOn(PASSWORDS, { ...on, views: on.views.slice(1) })).toEqual(['[all] PasswordAuthentication no'])
  })

  test('knows the older names of what a block sets', () => {
    const [good, bad] = ['kbdinteractiveauthentication no', 'kbdinteractiveauthentication yes']
    const on = facts(good, [person(good), person(bad, [LAN], ['challengeresponseauthentication'])])
    expect(fixOn('SSH-KbdInteractiveAuthentication', on)).toEqual([`[${LAN}] KbdInteractiveAuthentication no`])
  })

  test('is none where the release takes no such line in a block', () => {
    const others = [person('ignorerhosts yes'), person('ignorerhosts no', [LAN], ['ignorerhosts'])]
    expect(fixOn('SSH-IgnoreRhosts', facts('ignorerhosts yes', others, 'OpenSSH_8.2p1'))).toBeNull()
    expect(fixOn('SSH-IgnoreRhosts', facts('ignorerhosts yes', others, 'OpenSSH_8.3p1'))).toHaveLength(1)
  })

  test('is for everybody where the keyword stands outside blocks, whatever the operator meets', () => {
    const own = person('logingracetime 120', [LAN], ['passwordauthentication'], { you: true })
    const on = facts('logingracetime 120', [person('logingracetime 120')])
    expect(fixOn('SSH-LoginGraceTime', { ...on, views: [own, ...on.views.slice(1)] })).toEqual(['LoginGraceTime 60'])
  })

  test('writes what is left of each list, for everybody and for the block', () => {
    const [all, block] = [
      'pubkeyacceptedalgorithms ssh-dss,ssh-ed25519',
      'pubkeyacceptedalgorithms ssh-rsa,rsa-sha2-256',
    ]
    const on = facts(all, [person(all), person(block, [LAN], ['pubkeyacceptedkeytypes'])])
    expect(fixOn('SSH-PubkeyAcceptedAlgorithms', on)).toEqual([
      'PubkeyAcceptedAlgorithms ssh-ed25519',
      `[${LAN}] PubkeyAcceptedAlgorithms rsa-sha2-256`,
    ])
  })

  test('judges a release before 8.7 by what it does, not by what its older keyword says', () => {
    const block = 'challengeresponseauthentication yes\nkbdinteractiveauthentication no'
    const on = facts(block, [person(block)], 'OpenSSH_8.4p1')
    expect(verdictOn('SSH-KbdInteractiveAuthentication', on)).toBe('pass no')
  })
})
