import type { ChangeIntent, StagedChange, UnitChange } from '../../services/model/plan.ts'

type Of<K extends ChangeIntent['kind']> = StagedChange & { readonly intent: Extract<ChangeIntent, { kind: K }> }
const isOf =
  <K extends ChangeIntent['kind']>(kind: K) =>
  (change: StagedChange): change is Of<K> =>
    change.intent.kind === kind

/** A staged change to a rule or a policy. */
export type RuleChange = Of<'edit-rules'>
export const isRuleChange = isOf('edit-rules')
export const isFileChange = isOf('put-file')
export const isUnitChange = isOf('set-unit')

/** Puts `now` where `old` stood, or takes `old` away where nothing is left to do. */
const inPlace = (
  changes: readonly StagedChange[],
  old: StagedChange,
  now: StagedChange | null,
): readonly StagedChange[] => changes.flatMap((one) => (one === old ? (now ? [{ ...now, id: old.id }] : []) : [one]))

/** A file has one new text: the last one staged, over the text that the first one was made on. */
export function foldFile(changes: readonly StagedChange[], added: Of<'put-file'>): readonly StagedChange[] {
  const { path, text } = added.intent
  const old = changes.filter(isFileChange).find((one) => one.intent.path === path)
  if (!old) return [...changes, added]
  const { was } = old.intent
  return inPlace(changes, old, text === was ? null : { ...added, intent: { ...added.intent, was } })
}

/** A unit has one verb for now and one for boot: the last staged of each, over the state that was read first. */
export function foldUnit(changes: readonly StagedChange[], added: Of<'set-unit'>): readonly StagedChange[] {
  const old = changes.filter(isUnitChange).find((one) => one.intent.unit === added.intent.unit)
  if (!old) return [...changes, added]
  const { was } = old.intent
  const { run, boot } = withoutIdle({
    ...added.intent,
    run: added.intent.run ?? old.intent.run,
    boot: added.intent.boot ?? old.intent.boot,
    was,
  })
  return inPlace(changes, old, run || boot ? { ...added, intent: { ...added.intent, run, boot, was } } : null)
}

const RUNS_AS: Readonly<Record<string, string>> = { start: 'active', stop: 'inactive' }
const BOOTS_AS: Readonly<Record<string, string>> = { enable: 'enabled', disable: 'disabled', mask: 'masked' }

/** Without the verbs that only bring about what was there before anything was staged. */
const withoutIdle = ({ run, boot, was }: UnitChange): Pick<UnitChange, 'run' | 'boot'> => ({
  run: run && RUNS_AS[run] === was.run ? null : run,
  boot: boot && (BOOTS_AS[boot] === was.boot || (boot === 'unmask' && was.boot !== 'masked')) ? null : boot,
})
