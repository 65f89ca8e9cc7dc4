import type { AreaId } from '../../services/model/areas.ts'
import type { Safe } from '../../services/model/safe.ts'
import { fieldOf, type TextField } from '../text-field.ts'

/** A line that is being typed for an area, and the form beside it. */
export type EditDialog = {
  readonly kind: 'edit'
  readonly area: AreaId
  /** What is done with the line, in the area's own terms: only its editor reads it. */
  readonly task: unknown
  /** `new rule in v4 filter INPUT at 3` */
  readonly title: Safe
  readonly field: TextField
  /** The field of the form that is being typed in; null while the line itself is. */
  readonly form: { readonly field: string; readonly input: TextField } | null
  readonly error: Safe | null
  /** Set while the server looks at it; a late answer to an older try is dropped. */
  readonly checking: number | null
}

/** An editor as it opens: the line with a text in it, and the cursor at its end. */
export const openedEditor = <Task>(area: AreaId, task: Task, title: Safe, text: string) => ({
  kind: 'edit' as const,
  area,
  task,
  title,
  field: fieldOf(text),
  form: null,
  error: null,
  checking: null,
})
