import { describe, expect, it } from 'vitest'
import { createConnect } from '../../../src/services/host/host.ts'
import type { ServerOptions } from '../../support/ssh-server.ts'
import { USER } from '../../support/ssh-server-login.ts'
import { connect, errorOf, operator, serversOfTests } from './answers.ts'

const { up, also } = serversOfTests()

describe('a server that asks', () => {
  const kbd = (rounds: ServerOptions['rounds'] & object): ServerOptions => ({
    steps: [['keyboard-interactive']],
    rounds,
  })
  const nothing = { prompts: [], answers: [] }

  it('is heard when it only tells something', async () => {
    const server = await up(kbd([nothing, { prompts: [{ prompt: 'Code:', echo: true }], answers: ['7'] }]))
    const ask = operator({
      'keyboard-interactive': (question) => ('prompts' in question && question.prompts.length > 0 ? ['7'] : []),
    })
    const host = await connect(server.target({ identityFiles: [] }), ask)
    also(host.close)
    expect(ask.asked).toMatchObject([
      {
        round: 1,
        name: 'Second ␛[31mfactor',
        instructions: ['Look at your␇ device'],
        prompts: [],
        user: USER,
        host: '127.0.0.1',
      },
      { round: 2, prompts: [{ text: 'Code:', echo: true }] },
    ])
  })

  it('is answered without a word when it has nothing to tell and nothing to ask, as PAM at its end', async () => {
    const server = await up(kbd([{ ...nothing, silent: true }]))
    const ask = operator()
    also((await connect(server.target({ identityFiles: [] }), ask)).close)
    expect(ask.asked).toEqual([])
  })

  it('is not answered when the operator does not want to go on', async () => {
    const server = await up(kbd([nothing]))
    const error = errorOf(
      await createConnect()(server.target({ identityFiles: [] }), operator({ 'keyboard-interactive': null })),
    )
    expect(error.kind).toBe('cancelled')
  })

  it.each([
    [
      'again and again',
      Array.from({ length: 50 }, () => ({ prompts: [{ prompt: 'More:', echo: true }], answers: ['7'] })),
      20,
      /more than 20 times/,
    ],
    [
      'again and again without a word',
      Array.from({ length: 50 }, () => ({ ...nothing, silent: true })),
      0,
      /more than 20 times/,
    ],
    ['again and again without a prompt', Array.from({ length: 50 }, () => nothing), 20, /more than 20 times/],
    [
      'for thousands of things at once',
      [{ prompts: Array.from({ length: 5_000 }, () => ({ prompt: 'x', echo: true })), answers: [] }],
      0,
      /asked 5000 things at once/,
    ],
  ])('%s is left', async (_, rounds, asked, reason) => {
    const server = await up(kbd(rounds))
    const ask = operator({ 'keyboard-interactive': ['7'] })
    const error = errorOf(await createConnect()(server.target({ identityFiles: [] }), ask))
    expect(error).toMatchObject({ kind: 'auth-failed', message: expect.stringMatching(reason) })
    expect(ask.asked).toHaveLength(asked)
  })
})
