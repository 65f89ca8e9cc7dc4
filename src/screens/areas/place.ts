import { say } from '../../services/model/safe.ts'
import type { Place } from '../../state/areas/securelog/place.ts'
import { field } from '../presenters/labelled.ts'
import type { Line } from '../text/line.ts'

/** Where an address is. */
export const placeLines = ({ name, network }: Place, width: number): readonly Line[] => [
  ...(name ? field(say`name`, say`${name}, by the server's /etc/hosts`, width) : []),
  ...(network ? field(say`network`, network, width) : []),
]
