import { lookup } from 'node:dns/promises'
import { type Family, familyOf } from '../model/addresses.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'

/**
 * The address in a family that this machine reaches the host by: the given one, or what its name leads to. Behind a jump
 * host that may be another machine's, or nobody's: then there is none.
 */
export async function addressFromHere(
  { host, proxyCommand }: Pick<Target, 'host' | 'proxyCommand'>,
  family: Family,
  given?: string,
): Promise<Result<string, Safe>> {
  if (proxyCommand !== undefined)
    return fail(say`this console comes in by a proxy, so what this machine reaches may be another host`)
  try {
    const address = given ?? (await lookup(host, { family: family === 'v4' ? 4 : 6 })).address
    // An address is found by whatever family it is looked up.
    if (familyOf(address) === family) return ok(address)
  } catch {}
  return fail(say`it has no ${safe(family)} address that is known here`)
}
