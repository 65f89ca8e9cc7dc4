import type { HostError } from '../../services/model/errors.ts'
import type { HostFacts, Link, Target } from '../../services/model/host.ts'
import type { Safe } from '../../services/model/safe.ts'

/** Where the console goes. `name` is what the operator typed; he types it back where a slip would cost him the host. */
export type Destination = Pick<Target, 'name' | 'host' | 'port' | 'user'>

/** The wire and what is known of the machine at its other end. */
export type ConnectionSlice = {
  readonly target: Destination
  /** `failed`: the first connection did not come about; `error` says why. */
  readonly attempt: 'connecting' | 'open' | 'failed'
  readonly link: Link
  /** Tries to come back that failed since the link was lost. */
  readonly tries: number
  readonly host: HostFacts | null
  readonly banner: readonly Safe[]
  readonly error: HostError | null
  /** A batch of probes is under way. */
  readonly reading: boolean
}

export const initialConnection = (target: Destination): ConnectionSlice => ({
  target,
  attempt: 'connecting',
  link: { state: 'connecting' },
  tries: 0,
  host: null,
  banner: [],
  error: null,
  reading: false,
})
