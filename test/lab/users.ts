// Who can log in on every server of the lab. The passwords are no secret: furnish.sh sets them.

export type User = 'root' | 'ops' | 'pat' | 'guest'

/** root: key only. ops: sudo without a password. pat: sudo with his password. guest: no sudo. All with the lab's key. */
export const USERS: Readonly<
  Record<User, { readonly password: string | null; readonly sudo: 'free' | 'asks' | 'none' }>
> = {
  root: { password: null, sudo: 'none' },
  ops: { password: null, sudo: 'free' },
  pat: { password: 'lab-pat-password', sudo: 'asks' },
  guest: { password: 'lab-guest-password', sudo: 'none' },
}
