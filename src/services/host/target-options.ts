/** What the command line says beside the destination, as ssh(1) has it: `-p -l -i -F -J -o`. */
export type TargetOptions = {
  readonly port?: number
  readonly user?: string
  readonly identityFiles?: readonly string[]
  readonly configFile?: string
  readonly jump?: string
  /** `Option=Value` each. */
  readonly options?: readonly string[]
}

/** Whose console this is, for `~` and for a user that nobody named. */
export type Operator = { readonly home: string; readonly user: string }
