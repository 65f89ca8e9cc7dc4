/** One thing a list shows: named for ever by its id, found by its text. */
export type ListItem = { readonly id: string; readonly search: () => string }

/** A row of a pane: of which kind, for whoever draws it. */
export type PaneItem = ListItem & { readonly kind: string }

/** What a pane lists now, after its filter. */
export type List<T extends ListItem> = {
  readonly items: readonly T[]
  /** How many there are without the filter. */
  readonly total: number
  readonly indexOf: (id: string | null) => number
}

/** Makes a list; the index of ids is built when it is first asked for. */
export function makeList<T extends ListItem>(all: readonly T[], filter: string): List<T> {
  const wanted = filter.trim().toLowerCase()
  const items = wanted === '' ? all : all.filter((item) => item.search().toLowerCase().includes(wanted))
  let places: Map<string, number> | null = null
  return {
    items,
    total: all.length,
    indexOf: (id) => {
      if (id === null) return -1
      places ??= new Map(items.map((item, at) => [item.id, at]))
      return places.get(id) ?? -1
    },
  }
}

/** Remembers the last result: as long as the inputs are the same objects, the same result is given back. */
export function rememberLast<A extends readonly unknown[], R>(make: (...inputs: A) => R): (...inputs: A) => R {
  let last: { readonly inputs: A; readonly result: R } | null = null
  return (...inputs) => {
    if (!last?.inputs.every((input, at) => Object.is(input, inputs[at]))) last = { inputs, result: make(...inputs) }
    return last.result
  }
}

/** Gives the list that was given before as long as it holds the same things. */
export function rememberSame<T>(): (items: readonly T[]) => readonly T[] {
  let last: readonly T[] = []
  return (items) => {
    if (items.length !== last.length || items.some((item, at) => !Object.is(item, last[at]))) last = items
    return last
  }
}
