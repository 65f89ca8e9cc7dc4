// The same tests on servers of several kinds, at the same time: most of what they do is to wait for a deadline.
import { describe } from 'vitest'
import { kindsFor } from '../kinds.ts'
import { whyNoLab } from '../lab.ts'
import { FLAVOURS, type Flavour } from '../recipe.ts'

/** Within one flavour the tests come one after the other, for they share a server. */
export function eachFlavour(
  title: string,
  tests: (flavour: Flavour) => void,
  flavours: readonly Flavour[] = FLAVOURS,
): void {
  describe.skipIf(whyNoLab() !== null)(title.replace('%s', 'every server'), () => {
    describe.concurrent.each(kindsFor(title, flavours))(title, (flavour) => {
      describe('one by one', { concurrent: false }, () => tests(flavour))
    })
  })
}
