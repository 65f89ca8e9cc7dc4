import { lookup } from 'node:dns/promises'
import { type Family, familyOf } from '../model/addresses.ts'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'

/**
 * The address in a family that this machine reaches the host by: the given one, or what its name leads to. Where that is
 * several, and behind a jump host, it may be another machine's, or nobody's: then there is none.
 */
export async function addressFromHere(
  { host, proxyCommand }: Pick<Target, 'host' | 'proxyCommand'>,
  family: Family,
  given?: string,
  addressesOf: (name: string, family: Family) => Promise<readonly string[]> = lookedUp,
): Promise<Result<string, Safe>> {
  if (proxyCommand !== undefined)
    return fail(say`this console comes in by a proxy, so what this machine reaches may be another host`)
  if (given !== undefined) return familyOf(given) === family ? ok(given) : fail(noAddress(family))
  const found = await addressesOf(host, family).catch(() => [])
  // An address is found by whatever family it is looked up.
  const [only, ...more] = new Set(found.filter((one) => familyOf(one) === family))
  if (more.length > 0) return fail(say`its name leads to ${more.length + 1} addresses, which may be other hosts`)
  return only === undefined ? fail(noAddress(family)) : ok(only)
}

const lookedUp = async (name: string, family: Family): Promise<readonly string[]> =>
  (await lookup(name, { family: family === 'v4' ? 4 : 6, all: true })).map(({ address }) => address)

const noAddress = (family: Family): Safe => say`it has no ${safe(family)} address that is known here`
