/**
 * ssh2 is loaded when the first connection is opened, not with the program: the first frame must not wait for it.
 */
export type Ssh2 = typeof import('ssh2')

export const loadSsh2 = async (): Promise<Ssh2> => (await import('ssh2')).default
