import { whyNoPassword } from '../../services/model/account.ts'
import type { Ask } from '../../services/model/host.ts'
import type { ChangePlan } from '../../services/model/plan.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'

/**
 * Asks twice for the password of each account that a plan makes with one. They are asked for only now: nothing that is
 * staged holds a secret. Null where the operator gave up.
 */
export async function newPasswords(ask: Ask, plan: ChangePlan): Promise<ReadonlyMap<string, string> | null> {
  const passwords = new Map<string, string>()
  for (const step of plan.steps) {
    if (step.kind !== 'account' || step.change.verb !== 'create' || !step.change.password) continue
    const password = await newPassword(ask, step.change.name)
    if (password === null) return null
    passwords.set(step.change.name, password)
  }
  return passwords
}

async function newPassword(ask: Ask, name: string): Promise<string | null> {
  const user = safe(name)
  let why: Safe | null = null
  for (;;) {
    const [first] = (await ask({ kind: 'new-password', user, again: false, why })) ?? []
    if (first === undefined) return null
    why = whyNoPassword(first)
    if (why) continue
    const [second] = (await ask({ kind: 'new-password', user, again: true, why: null })) ?? []
    if (second === undefined) return null
    if (second === first) return first
    why = say`The two were not the same.`
  }
}
