# The second copy of a change that is armed, in memory, and the start of who stands by.

# Made right before the token is set, and gone with it: whoever removes $DIR, or makes it unreadable, removes no way back.
make_spare() {
  rm -rf "$SPARE/current"
  mkdir -p "$SPARE/current" && cp -a "$DIR/guard.sh" "$SPARE/guard.sh" || return
  for part in plan save meta applied deadline deadline.lock; do
    cp -a "$CURRENT/$part" "$SPARE/current/" || return
  done
  rm -f "$SPARE/current/save/reserve"
  touch "$SPARE/current/state.armed"
}

# What the copy has to know of what happened since.
renew_spare() {
  [ ! -d "$SPARE/current" ] || cp -a "$CURRENT/meta" "$CURRENT/applied" "$CURRENT/deadline" "$SPARE/current/" 2>/dev/null
  :
}

# What is left of it once the change has ended. Who holds the lock goes first: without a beat he would look silent.
drop_spare() { rm -rf "$CURRENT.new" "$SPARE/secrets" "$SPARE/account.new" "$SPARE"/keys.* "$SPARE/holder" "$SPARE/current" "$SPARE/beat" "$SPARE/guard.sh"; }

# Puts back what somebody removed; where $DIR takes nothing any more, goes on with the copy itself. An end that is on
# record, or being written by somebody with the lock, is no loss.
mend_current() {
  [ ! -s "$CURRENT/meta/id" ] && [ -s "$SPARE/current/meta/id" ] || return 0
  lost=$(line_of "$SPARE/current/meta/id")
  [ "$(ended_as "$lost")" = unknown ] || return 0
  mkdir -p "$DIR" 2>/dev/null
  (
    exec 9>"$DIR/lock" || exit 0
    flock -w 2 9 || exit 0
    [ ! -s "$CURRENT/meta/id" ] && [ -s "$SPARE/current/meta/id" ] && [ "$(ended_as "$lost")" = unknown ] || exit 0
    # Whole at once: whoever looks meanwhile finds it or does not.
    # shellcheck disable=SC2030
    place=$CURRENT CURRENT=$CURRENT.new
    rm -rf "$place" "$CURRENT"
    mkdir -p "$DIR/history" && cp -a "$SPARE/current" "$CURRENT" && cp -a "$SPARE/guard.sh" "$DIR/guard.sh" || exit 3
    chmod 700 "$DIR"
    # How far it had come is in neither place for certain.
    [ -s "$CURRENT/applied/done" ] || for family in $(families); do echo "$family" >>"$CURRENT/applied/began"; done
    [ -s "$CURRENT/applied/done" ] || assume_accounts_began
    mv "$CURRENT" "$place" || exit 3
    log "what change $lost rests on was removed from $DIR: it is there again, from its copy in memory"
  ) 2>/dev/null
  # shellcheck disable=SC2031 # only there, while it was made
  if [ ! -s "$CURRENT/meta/id" ] && [ -s "$SPARE/current/meta/id" ]; then
    DIR=$SPARE
    CURRENT=$SPARE/current
  fi
}

# Whether all is there that can be had from the copy; without one, after a boot, nothing can. What was saved is gone as soon
# as a part of it is: nothing may be put back by what is left.
is_whole() {
  for one in "$SPARE"/current/plan/* "$SPARE"/current/save/* "$SPARE/current/meta/id"; do
    [ ! -e "$one" ] || [ -e "$CURRENT/${one#"$SPARE"/current/}" ] || return 1
  done
}

# Whoever puts everything back marks what he does it by, so that he notices if that was removed meanwhile, whether it is
# there anew from its copy by then or not.
mark_current() { marked=; ! touch "$CURRENT/at.$$" 2>/dev/null || marked=yes; }
is_marked() {
  is_whole && { [ -z "$marked" ] || [ -e "$CURRENT/at.$$" ]; } || return
  rm -f "$CURRENT/at.$$"
}

# What was put back by then is not known: it is all done once more, by whoever comes first.
begin_again() { # CAUSE
  is_whole || rm -rf "$CURRENT"
  exec 9>&-
  mend_current
  rollback "$1"
}

# Whether that change is still to be ended by us.
keeps() { # ID
  mine "$1" && return
  mend_current
  mine "$1"
}

# No unit of ours: stopping those by name, isolating a target or freezing them does not touch it.
start_standby() { # ID
  mkdir -p "$SPARE"
  (apart /bin/sh "$DIR/guard.sh" standby "$1")
}
