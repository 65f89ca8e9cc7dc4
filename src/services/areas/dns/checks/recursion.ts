import { safe, say } from '../../../model/safe.ts'
import { isServed, zonesOf } from '../config/named.ts'
import * as fixes from '../fixes.ts'
import { forYou, looksUp, outsideWords } from '../outside.ts'
import { recursionOf } from '../rulings.ts'
import { forStrangers } from '../strangers.ts'
import { whereWords } from '../understand.ts'
import { type DnsCheck, noFixOf, ofConfig, REFERENCES, reach } from './sense.ts'

/** Who may have names looked up: the heart of it. */
export const openResolver: DnsCheck = {
  id: 'DNS-open-resolver',
  severity: 'high',
  title: 'Looks up names for whoever asks',
  expected: 'only for its own networks',
  rationale:
    'An open resolver answers a small question from a forged address with a large answer to a victim, and its cache can be poisoned by anybody who may ask. allow-recursion follows allow-query-cache, and both follow allow-query where they are not written: an allow-query that lets in everybody opens recursion too.',
  references: [...REFERENCES, 'RFC 5358'],
  needs: ['units'],
  judge: ofConfig(({ bind, understood, facts, host, around }) => {
    const ruling = forStrangers(understood, facts.own)
    const asked = outsideWords(facts)
    const way = reach({ bind, around })
    const view = ruling.view?.at ? say` in view ${safe(ruling.view.name, 60)}` : say``
    const because = say`${ruling.because}${view}${whereWords(ruling.at, understood)}`
    const details = [because, ...asked]
    if (ruling.answer === 'no' && looksUp(facts, host) && forYou(understood, facts, host) === 'no')
      return {
        outcome: 'fail',
        observed: say`for you, at least`,
        details: [say`it is written otherwise: named has not read it yet, or another one answers`, ...details],
      }
    if (ruling.answer === 'no') return { outcome: 'pass', observed: say`not for strangers`, details }
    if (ruling.answer === 'unknown') return { outcome: 'unknown', observed: because, details: asked }
    if (!bind.running) return { outcome: 'notapplicable', observed: say`BIND does not run`, details: [because] }
    if (!way) return { outcome: 'pass', observed: say`only the host itself can ask`, details: [because] }
    return {
      outcome: way.sure ? 'fail' : 'unknown',
      observed: say`for everybody`,
      details: [say`by ${because}`, way.words, ...asked],
      ...noFixOf(understood),
    }
  }),
  fix: fixes.limitRecursion,
  noFix:
    'its lists are written in a way that is not changed from here: limit allow-recursion and allow-query-cache by hand',
}

/** Two trades under one roof. */
export const recursion: DnsCheck = {
  id: 'DNS-recursion',
  severity: 'low',
  title: 'Answers for zones and looks up names as well',
  expected: 'recursion no',
  rationale:
    'A server that answers the Internet for zones of its own has no need to look up others’: what it looks up for few can be abused by many as soon as one list is wrong.',
  references: REFERENCES,
  judge: ofConfig(({ understood }) => {
    const { config } = understood
    if (!zonesOf(config).some(isServed)) return { outcome: 'notapplicable', observed: say`it serves no zone` }
    const on = config.views.filter((view) => recursionOf(config, view).on)
    const [first] = on
    if (!first) return { outcome: 'pass', observed: say`recursion no` }
    const { statement } = recursionOf(config, first)
    const details = [
      statement
        ? say`recursion yes${whereWords(statement.at, understood)}`
        : say`no word of it: recursion is on unless told otherwise`,
    ]
    return { outcome: 'fail', observed: say`on, beside zones`, details, ...noFixOf(understood) }
  }),
  fix: fixes.noRecursion,
  noFix: 'it has no options block, or more than one view says so: set recursion no by hand',
}
