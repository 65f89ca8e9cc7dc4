import type { FileBytes } from './file-bytes.ts'
import type { Safe } from './safe.ts'

/** A user or group; the name is null where the server knows none for the number. */
export type FileOwner = { readonly id: number; readonly name: Safe | null }

/** What stat(1) says of a file. */
export type FileAttributes = {
  readonly owner: FileOwner
  readonly group: FileOwner
  /** Permissions with setuid, setgid and sticky bits: 0o644. */
  readonly mode: number
  /** In bytes; of the kernel's own files (proc(5)) it says nothing. */
  readonly size: number
  /** Epoch seconds. */
  readonly modified: number
}

/** What stands at a path, a link followed. `sum` is its SHA-256 in hexadecimal. */
export type FoundFile =
  | ({ readonly state: 'file'; readonly sum: string; readonly bytes: FileBytes } & FileAttributes)
  /** More than 256 KB: its bytes were not read. */
  | ({ readonly state: 'long'; readonly sum: string } & FileAttributes)
  /** What has no content of its own, by its kind: `fifo`, `character special file`. */
  | ({ readonly state: 'directory' | 'other'; readonly kind: Safe } & FileAttributes)
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: Safe }

/** What a probe saw at a path. A symbolic link is never passed off as what it leads to. */
export type SeenFile = FoundFile | { readonly state: 'link'; readonly target: FileBytes; readonly found: FoundFile }
