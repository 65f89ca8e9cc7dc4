import { placeWords } from '../../services/model/firewall.ts'
import { safe, say } from '../../services/model/safe.ts'
import { timerOf } from '../../services/model/transaction.ts'
import { firewallLists } from '../../state/areas/firewall/lists.ts'
import type { Scope } from '../../state/bindings/binding.ts'
import { paletteEntries } from '../../state/keymap.ts'
import { whatLeavingMeans } from '../../state/leaving.ts'
import type { Dialog } from '../../state/slices/view.ts'
import { fieldLine } from '../parts/field-line.ts'
import { keyWords } from '../parts/footer.tsx'
import { holderWords, perhapsYou } from '../presenters/holder.ts'
import { clockWords, plural } from '../presenters/numbers.ts'
import { packetLines } from '../presenters/packet.ts'
import { columns, EMPTY, type Line, line, span, wrap } from '../text/line.ts'
import { editSheet } from './edit-sheet.ts'
import { lookSheet } from './look-sheet.ts'
import type { Sheet } from './sheet.ts'

type Of<K extends Dialog['kind']> = Extract<Dialog, { kind: K }>
type Draw<K extends Dialog['kind']> = (dialog: Of<K>, scope: Scope, width: number) => Sheet

const keys = (...pairs: readonly (readonly [ReturnType<typeof say>, ReturnType<typeof say>])[]): Line =>
  pairs.flatMap(([key, words]) => [span(key, 'key'), span(say` ${words}    `)])

const PALETTE_ROWS = 8

const palette: Draw<'palette'> = (dialog, scope, width) => {
  const entries = paletteEntries(scope, dialog.field.text)
  const selected = Math.min(dialog.selected, entries.length - 1)
  const top = Math.max(0, Math.min(selected - 3, entries.length - PALETTE_ROWS))
  const rows = entries.slice(top, top + PALETTE_ROWS).map(
    ({ binding, reason }, at): Line => [
      span(top + at === selected ? say`▸ ` : say`  `, 'focus'),
      ...columns(
        [
          { text: safe(binding.label), width: 22, role: reason ? 'dim' : 'plain' },
          { text: keyWords(binding), width: 12, role: 'key' },
          { text: reason ? say`not now: ${reason}` : safe(binding.help), grow: true, role: reason ? 'warn' : 'dim' },
        ],
        width - 2,
      ),
    ],
  )
  return {
    title: say`Commands ─ Enter runs, Tab completes`,
    lines: [
      [span(say`: `, 'key'), ...fieldLine(dialog.field, width - 2, true)],
      ...(rows.length > 0 ? rows : [line(say`  No command has that name.`, 'dim')]),
    ],
    selected: selected < 0 ? -1 : selected - top + 1,
  }
}

const policy: Draw<'policy'> = ({ at, policy: now }, _scope, width) => ({
  title: say`Policy of ${placeWords(at)}: now ${safe(now)}`,
  lines: [
    ...wrap(
      say`What no rule of ${safe(at.chain)} decides is accepted or dropped. Nothing reaches the server before you apply.`,
      width,
    ),
  ],
  foot: [keys([say`D`, say`DROP`], [say`A`, say`ACCEPT`], [say`Esc`, say`leave it`])],
})

function planWords(scope: Scope, width: number): readonly Line[] {
  const state = scope.get()
  const plan = scope.lists.plan(state)
  const count = plural(state.staging.changes.length, say`change`, say`changes`)
  const unsure = plan?.whatIf.filter((one) => one.answer === 'unsure') ?? []
  return [
    ...wrap(
      say`${count} on ${safe(state.connection.target.name)}. A timer is armed on the server first: unless you confirm within ${clockWords(state.windowSeconds)}, it puts everything back by itself, even if you are cut off.`,
      width,
    ),
    ...unsure
      .slice(0, 1)
      .flatMap((one) => wrap(say`⚠ unsure: ${one.question}: ${one.because}`, width, 'warn').slice(0, 2)),
  ]
}

const boot: Draw<'boot'> = (_dialog, _scope, width) => ({
  title: say`Shall these rules be loaded at boot?`,
  lines: [
    ...wrap(
      say`This host loads no rules at boot: after a reboot the change is gone. hardtui can save the rules at your confirm (/etc/hardtui) and install a unit that loads them (hardtui-rules.service).`,
      width,
    ),
    EMPTY,
  ],
  foot: [keys([say`L`, say`load them at boot`], [say`N`, say`leave it so`], [say`Esc`, say`do nothing`])],
})

const arm: Draw<'arm'> = (_dialog, scope, width) => ({
  title: say`Arm the timer and apply?`,
  lines: [...planWords(scope, width), EMPTY],
  foot: [keys([say`Y`, say`yes, arm and apply`], [say`Esc`, say`do nothing`])],
})

const name = (scope: Scope) => safe(scope.get().connection.target.name)

const typedName = (dialog: Of<'arm-typed' | 'confirm-typed'>, width: number): readonly Line[] => [
  [span(say`Name of the host: `, 'strong'), ...fieldLine(dialog.field, width - 18, true)],
  dialog.error ? line(dialog.error, 'bad') : EMPTY,
]

const armTyped: Draw<'arm-typed'> = (dialog, scope, width) => {
  const block = scope.lists.plan(scope.get())?.blockers.find((one) => one.kind === 'lock-out')
  return {
    title: say`This would lock you out`,
    lines: [
      ...(block ? wrap(say`✗ ${block.message}`, width, 'bad').slice(0, 3) : []),
      ...wrap(
        say`Esc goes back to mend it. To apply regardless, under the timer, type the name of the host: ${name(scope)}`,
        width,
      ).slice(0, 2),
    ],
    foot: typedName(dialog, width),
  }
}

const confirmTyped: Draw<'confirm-typed'> = (dialog, scope, width) => {
  const { transaction } = scope.get()
  const proof = transaction.phase === 'awaiting-confirm' ? transaction.proof : null
  const first = timerOf(transaction)?.first
  const why =
    proof?.outcome === 'fails'
      ? say`✗ A new login does NOT work: ${proof.why.message} Confirming makes that last.`
      : proof?.outcome === 'works' && first
        ? say`⚠ A new login works from here, but ${first}`
        : say`⚠ No new login was proved for this change.`
  return {
    title: say`Confirm all the same?`,
    lines: [
      ...wrap(why, width, proof?.outcome === 'fails' ? 'bad' : 'warn').slice(0, 3),
      ...wrap(say`To make it last, type the name of the host: ${name(scope)}`, width).slice(0, 2),
    ],
    foot: typedName(dialog, width),
  }
}

const rollback: Draw<'rollback'> = (_dialog, scope, width) => {
  const timer = timerOf(scope.get().transaction)
  return {
    title: say`Roll back a change that is not yours?`,
    lines: [
      ...wrap(timer ? say`${holderWords(timer)}.` : say`It was armed elsewhere.`, width).slice(0, 2),
      ...(timer ? wrap(say`It also rolls back by itself at ${timer.deadlineAt}.`, width) : []),
    ],
    foot: [keys([say`Y`, say`yes, roll it back now`], [say`Esc`, say`leave it alone`])],
  }
}

const takeover: Draw<'takeover'> = (_dialog, scope, width) => {
  const state = scope.get()
  const timer = timerOf(state.transaction)
  return {
    title: say`Take this change over?`,
    lines: [
      ...(timer ? wrap(say`${holderWords(timer)}. ${perhapsYou(timer, state) ?? say``}`, width).slice(0, 3) : []),
      ...wrap(say`Then C confirms and + extends it from here, and that console is told. Nothing else changes.`, width),
    ],
    foot: [keys([say`Y`, say`yes, take it over`], [say`Esc`, say`leave it to them`])],
  }
}

const quit: Draw<'quit'> = (_dialog, scope, width) => ({
  title: say`Leave hardtui?`,
  lines: [...whatLeavingMeans(scope.get()).flatMap((one) => wrap(one, width))],
  foot: [keys([say`Y`, say`yes, leave`], [say`Esc`, say`stay`])],
})

/** Answers stand beneath each other as `now` and `staged`, so that what a change does is seen at one glance. */
const packet: Draw<'packet'> = ({ field }, { get, lists }, width) => {
  const answer = firewallLists(lists).packet(get(), field.text)
  return {
    title: say`Would this connection pass?`,
    lines: [
      [span(say`> `, 'key'), ...fieldLine(field, width - 2, true)],
      ...(answer.ok
        ? packetLines(answer.value, width)
        : [
            line(answer.error, 'warn'),
            line(say`such as: from 203.0.113.5 tcp 443 · to 192.0.2.53 udp domain · 2001:db8::7 ping`, 'dim'),
          ]),
    ],
  }
}

const look: Draw<'look'> = (dialog, { get }, width) => lookSheet(dialog, get().connection, width)

const filter: Draw<'filter'> = () => ({ title: say`Filter`, lines: [] })

const DRAW: { readonly [K in Dialog['kind']]: Draw<K> } = {
  edit: editSheet,
  palette,
  packet,
  policy,
  boot,
  look,
  arm,
  'arm-typed': armTyped,
  'confirm-typed': confirmTyped,
  rollback,
  takeover,
  quit,
  filter,
}

/** What the open dialog says. */
export const dialogSheet = (dialog: Dialog, scope: Scope, width: number): Sheet =>
  (DRAW[dialog.kind] as Draw<Dialog['kind']>)(dialog, scope, width)
