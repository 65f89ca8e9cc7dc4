/**
 * Why a stand-in refuses, in the real program's words. `usage`: its parser says so (status 2); `bare`: so does
 * getopt; `plain`: what was asked for is not there (1); `kernel`: the kernel would not take it (4); `table`: 3.
 */
export type RefusalForm = 'usage' | 'bare' | 'plain' | 'kernel' | 'table'

/** Thrown where the real program stops; nothing it was told to do has happened. */
export class Refusal extends Error {
  readonly form: RefusalForm

  constructor(form: RefusalForm, message: string) {
    super(message)
    this.form = form
  }
}

const STATUS: Readonly<Record<RefusalForm, number>> = { usage: 2, bare: 2, plain: 1, kernel: 4, table: 3 }

/** The release that is imitated. */
export const VERSION = 'v1.8.9 (nf_tables)'

type Said = { readonly status: number; readonly stderr: string }

/** As iptables(8) says it. */
export function commandRefusal(program: string, { form, message }: Refusal): Said {
  const help = `Try \`${program} -h' or '${program} --help' for more information.`
  const words: Readonly<Record<RefusalForm, string>> = {
    usage: `${program} ${VERSION}: ${message}\n${help}`,
    bare: `${message}\n${help}`,
    plain: `${program}: ${message}`,
    kernel: `${program} ${VERSION}:  ${message}`,
    table: `${program} ${VERSION}: ${message}\nPerhaps ${program} or your kernel needs to be upgraded.`,
  }
  return { status: STATUS[form], stderr: `${words[form]}\n` }
}

/** As iptables-restore(8) says it, with the line of its input. */
export function restoreRefusal(program: string, line: number, { form, message }: Refusal): Said {
  const where = `Error occurred at line: ${line}\nTry \`${program} -h' or '${program} --help' for more information.`
  const words: Readonly<Record<RefusalForm, string>> = {
    usage: `${program} ${VERSION}: ${message}\n${where}`,
    bare: `${message}\n${where}`,
    plain: `${program}: line ${line} failed: ${message}`,
    kernel: `${program} ${VERSION}: \nline ${line}: ${message}`,
    table: `${program} ${VERSION}: ${program}: line ${line} ${message}\n${where}`,
  }
  return { status: form === 'table' ? 2 : STATUS[form], stderr: `${words[form]}\n` }
}
