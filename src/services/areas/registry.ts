import type { Area, AreaId } from '../model/area.ts'
import { firewall } from './firewall/area.ts'
import { securelog } from './securelog/area.ts'
import { sshd } from './sshd/area.ts'
import { units } from './units/area.ts'

/** Every hardening area. A new one is a folder and a line here; the compiler names what else is missing. */
export const AREAS: { readonly [Id in AreaId]: Area<Id> } = { sshd, firewall, units, securelog }
