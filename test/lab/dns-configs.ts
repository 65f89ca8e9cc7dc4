// Configurations of BIND made at random: who may recurse is asked of a real named, and of us.
import fc from 'fast-check'

const NAMES = ['trusted', 'Others', 'deep'] as const
const ATOMS = [
  ...[
    'any',
    'any',
    'any',
    'none',
    'localhost',
    'localnets',
    '192.0.2.2',
    '192.0.2.0/24',
    '10.9.8.7',
    '10/8',
    '10.0.0.0/8',
  ],
  ...['fd00:9::7', 'fd00::/8', '2001:db8::/32', '2001:db8::2', '127.0.0.1', '0.0.0.0/0', '::/0', '192.0.2.3'],
]

const atom = (names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...ATOMS, ...names, 'key "rndc-key"')

const list = (names: readonly string[], depth = 1): fc.Arbitrary<string> =>
  fc
    .array(
      fc
        .tuple(
          fc.constantFrom('', '', '', '', '', '!', '! '),
          depth > 0
            ? fc.oneof({ weight: 5, arbitrary: atom(names) }, { weight: 1, arbitrary: list(names, depth - 1) })
            : atom(names),
        )
        .map(([not, one]) => `${one.startsWith('key') ? '' : not}${one};`),
      { minLength: 1, maxLength: 4 },
    )
    .map((all) => `{ ${all.join(' ')} }`)

const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight, arbitrary })

const LISTS = ['allow-query', 'allow-recursion', 'allow-query-cache'] as const

/** Statements of options or of a view. */
const rights = fc
  .tuple(
    maybe(fc.constantFrom('yes', 'yes', 'true', 'true', 'no', 'false')),
    fc.tuple(...LISTS.map(() => maybe(list(NAMES)))),
    maybe(fc.constantFrom('{ any; }', '{ any; }', '{ 192.0.2.10; }', '{ !192.0.2.10; any; }', '{ 2001:db8::/32; }')),
  )
  .map(([recursion, lists, on]) =>
    [
      recursion === null ? '' : `recursion ${recursion};`,
      ...lists.map((one, index) => (one === null ? '' : `${LISTS[index]} ${one};`)),
      on === null ? '' : `allow-recursion-on ${on};`,
    ]
      .filter((line) => line !== '')
      .join('\n  '),
  )

const view = fc
  .tuple(maybe(list(NAMES), 3), maybe(fc.constantFrom('{ any; }', '{ 192.0.2.10; }', '{ 2001:db8::10; }')), rights)
  .map(([clients, destinations, said]) =>
    [clients && `match-clients ${clients};`, destinations && `match-destinations ${destinations};`, said]
      .filter(Boolean)
      .join('\n  '),
  )

/** A whole named.conf. An acl names only those before it, as named wants. */
export const namedConfs = fc
  .tuple(list([]), list([NAMES[0]]), list([NAMES[0], NAMES[1]]), rights, fc.array(view, { maxLength: 2 }))
  .map(
    ([first, second, third, options, views]) => `acl trusted ${first};
acl "others" ${second};
acl DEEP ${third};
include "/etc/bind/rndc.key";
options { directory "/var/cache/bind"; dnssec-validation no; listen-on { any; }; listen-on-v6 { any; };
  ${options}
};
${views.map((text, index) => `view v${index} {\n  ${text}\n};`).join('\n')}
`,
  )
