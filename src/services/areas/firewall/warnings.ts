import { type Safe, safe, say } from '../../model/safe.ts'

/** What is said where legacy tables filter beside those of nft. */
export const LEGACY_TABLES: Safe = say`legacy iptables tables are loaded too; packets pass both, and only the nft ones are shown`

/** How the words about tables begin that were made with nft(8). */
export const NATIVE_TABLES: Safe = say`native nftables tables filter too and are not shown`

/** Words about such tables: `inet f2b-table, ip mine`. */
export const nativeTablesWords = (names: readonly string[]): Safe =>
  say`${NATIVE_TABLES}: ${safe(names.join(', '), 80)}`
