import type { Bind } from '../../../../../src/services/areas/units/binds/bind.ts'
import { parseBinds } from '../../../../../src/services/areas/units/binds/read.ts'
import { textOf } from '../../../../../src/services/model/file-bytes.ts'
import type { Binds } from '../../../../../src/services/model/units.ts'
import { filePart } from '../../../../support/file-part.ts'
import { outputFrom } from '../../../../support/probe-output.ts'

export type SomeFiles = {
  readonly exim?: string
  readonly main?: string
  readonly master?: string
  readonly dropIn?: string
  readonly socket?: string
  readonly looked?: string
}

/** What the probe says of a host with these files. */
export const someBinds = ({ exim, main, master, dropIn, socket, looked }: SomeFiles): Binds =>
  parseBinds(
    outputFrom(
      'binds',
      [
        `@@exim\n${filePart(exim)}`,
        `@@postfix\n${filePart(main)}`,
        `@@postfix-master\n${filePart(master)}`,
        `@@rpcbind-drop-in\n${filePart(dropIn)}`,
        `@@rpcbind-socket\n${socket ?? ''}`,
        `@@looked\n${looked ?? 'exim end\n'}`,
      ].join('\n'),
    ),
  )

/** The text that a bind would write, or why it writes none. */
export const written = ({ change }: Bind): string =>
  change.ok ? textOf(change.value.file.text ?? ('' as never)) : `no: ${change.error}`
