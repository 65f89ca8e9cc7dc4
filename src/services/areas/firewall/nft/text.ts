import { isObject, type Json } from './json.ts'

/**
 * The words of a rule as nft(8) has them, from its statements (libnftables-json(5)). For the eye alone: what is not known
 * here stands as it came. It is a server's text: draw it through `safe`.
 */
export const nftText = (statements: readonly Json[]): string => statements.map(statementText).join(' ')

function statementText(statement: Json): string {
  const [kind = '', body] = Object.entries(statement)[0] ?? []
  const words = Object.hasOwn(STATEMENTS, kind) ? STATEMENTS[kind]?.(body) : undefined
  if (words !== undefined) return words
  return body === null ? kind : `${kind} ${plain(body)}`
}

const STATEMENTS: Readonly<Record<string, (body: unknown) => string | undefined>> = {
  match: (body) => {
    if (!isObject(body)) return undefined
    const op = body.op === '==' || body.op === 'in' ? '' : `${String(body.op)} `
    return `${valueText(body.left)} ${op}${valueText(body.right)}`
  },
  vmap: (body) => (isObject(body) ? `${valueText(body.key)} vmap ${valueText(body.data)}` : undefined),
  jump: (body) => (isObject(body) ? `jump ${String(body.target)}` : undefined),
  goto: (body) => (isObject(body) ? `goto ${String(body.target)}` : undefined),
  // Its numbers stand in a column of their own.
  counter: () => 'counter',
  comment: (body) => `comment ${JSON.stringify(body)}`,
  reject: (body) => (isObject(body) ? `reject with ${[body.type, body.expr].filter(Boolean).join(' ')}` : 'reject'),
  limit: (body) => (isObject(body) ? `limit rate ${body.inv ? 'over ' : ''}${body.rate}/${body.per}` : undefined),
  mangle: (body) => (isObject(body) ? `${valueText(body.key)} set ${valueText(body.value)}` : undefined),
  xt: (body) => (isObject(body) ? `xt ${String(body.type)} ${String(body.name)}` : 'xt'),
}

/** An expression or a value: `tcp dport`, `{ 80, 443 }`, `192.0.2.0/24`. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(',')
  if (!isObject(value)) return plain(value)
  const [kind = '', body] = Object.entries(value)[0] ?? []
  return (Object.hasOwn(VALUES, kind) ? VALUES[kind]?.(body) : undefined) ?? plain(value)
}

const VALUES: Readonly<Record<string, (body: unknown) => string | undefined>> = {
  payload: (body) =>
    isObject(body) && typeof body.protocol === 'string' ? `${body.protocol} ${String(body.field)}` : undefined,
  meta: (body) => (isObject(body) ? (BARE.test(String(body.key)) ? String(body.key) : `meta ${body.key}`) : undefined),
  ct: (body) => (isObject(body) ? `ct ${body.dir ? `${body.dir} ` : ''}${body.key}` : undefined),
  fib: (body) =>
    isObject(body) ? `fib ${listed(body.flags).map(valueText).join(' . ')} ${String(body.result)}` : undefined,
  prefix: (body) => (isObject(body) ? `${valueText(body.addr)}/${String(body.len)}` : undefined),
  range: (body) => (Array.isArray(body) ? body.map(valueText).join('-') : undefined),
  set: (body) => `{ ${listed(body).map(elementText).join(', ')} }`,
  concat: (body) => listed(body).map(valueText).join(' . '),
  elem: (body) => (isObject(body) ? valueText(body.val) : undefined),
  '&': (body) => listed(body).map(valueText).join(' & '),
  '|': (body) => listed(body).map(valueText).join('|'),
}

/** Names of meta that stand alone. */
const BARE = /^(?:[io]if(?:name)?)$/

const listed = (body: unknown): readonly unknown[] => (Array.isArray(body) ? body : [body])

/** An element of a set, or of a map with the verdict behind it. */
const elementText = (element: unknown): string =>
  Array.isArray(element) && element.length === 2 && isObject(element[1])
    ? `${valueText(element[0])} : ${statementText(element[1])}`
    : valueText(element)

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
