# Files that a transaction writes or removes: checkpoint, apply and restore, with owner, mode, times, extended
# attributes and absence. plan/files has a line a file: NUMBER write|remove SHA256|absent PATH.

each_file() { # FUNCTION : calls it with NUMBER VERB BASE PATH
  [ -s "$CURRENT/plan/files" ] || return 0
  while read -r n verb base path; do "$1" "$n" "$verb" "$base" "$(path_of "$path")" || return; done <"$CURRENT/plan/files"
}

sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# Everything about a file but its content, name and change time. Extended attributes hold ACLs and SELinux labels.
attributes_of() { # PATH
  stat -c '%a %u %g %Y' "$1"
  ! command -v getfattr >/dev/null 2>&1 || getfattr -d -m - --absolute-names "$1" 2>/dev/null | sed 1d
}

is_as_saved() { # NUMBER PATH
  if [ -e "$CURRENT/save/file.$1.absent" ]; then
    [ ! -e "$2" ] && [ ! -L "$2" ]
  else
    [ -f "$2" ] && [ ! -L "$2" ] && cmp -s "$CURRENT/save/file.$1" "$2" &&
      [ "$(attributes_of "$2")" = "$(cat "$CURRENT/save/file.$1.attributes")" ]
  fi
}

is_as_planned() { # NUMBER VERB PATH
  if [ "$2" = remove ]; then [ ! -e "$3" ]; else [ -f "$3" ] && cmp -s "$CURRENT/plan/file.$1" "$3"; fi
}

# --- apply --------------------------------------------------------------------------------------------------------

apply_file() { # NUMBER VERB BASE PATH
  [ -e "$CURRENT/state.armed" ] || exit 0
  is_as_saved "$1" "$4" || fail "$4 changed after arming"
  write_file "$@" 2>"$CURRENT/applied/err" || fail "$4 could not be written: $(tail -n 1 "$CURRENT/applied/err")"
  is_as_planned "$1" "$2" "$4" || fail "$4 is not as planned"
  echo "$4" >>"$CURRENT/applied/steps"
}

# Beside its place and renamed, so that it is the old text or the new at every moment. What there was lends its owner,
# mode and attributes; a new file is root's and readable, unless the plan says otherwise.
write_file() { # NUMBER VERB BASE PATH
  if [ "$2" = remove ]; then
    rm -f "$4" && durable "${4%/*}"
    return
  fi
  new=$4.hardtui-new fresh=
  if [ -e "$4" ]; then
    cp -a "$4" "$new" || return
  else
    fresh=$(mode_of "$1")
    mkdir_public "${4%/*}" || return
  fi
  # Nobody reads what is half there.
  cat "$CURRENT/plan/file.$1" >"$new" && { [ -z "$fresh" ] || chmod "$fresh" "$new"; } || return
  durable "$new" && mv -f "$new" "$4" || return
  [ "$3" != absent ] || ! command -v restorecon >/dev/null 2>&1 || restorecon "$4" 2>/dev/null
  durable "${4%/*}"
}

mode_of() { mode=$(line_of "$CURRENT/plan/file.$1.mode") && echo "${mode:-644}"; } # NUMBER

mkdir_public() { (umask 022 && mkdir -p "$1"); }

# --- restore ------------------------------------------------------------------------------------------------------

# Prints what was done; fails when one file could not be put back. Safe to run any number of times.
restore_files() {
  [ -s "$CURRENT/plan/files" ] || return 0
  bad=0
  while read -r n verb base path; do
    alive
    is_whole || return 4
    path=$(path_of "$path")
    rm -f "$path.hardtui-new"
    is_as_saved "$n" "$path" && continue
    keep_foreign "$n" "$verb" "$path"
    if restore_file "$n" "$path"; then note plain "$path as it was"; else
      note lost "$path could NOT be put back"
      bad=4
    fi
  done <"$CURRENT/plan/files"
  # Children come before their parents in this list.
  [ ! -s "$CURRENT/save/dirs.absent" ] || while read -r dir; do rmdir "$dir" 2>/dev/null; done <"$CURRENT/save/dirs.absent"
  return "$bad"
}

# What somebody else made of a file since the change is never lost: the record of this transaction keeps it.
keep_foreign() { # NUMBER VERB PATH
  is_as_planned "$1" "$2" "$3" && return
  [ ! -f "$3" ] || cp -a "$3" "$CURRENT/save/file.$1.found" 2>/dev/null
  if [ -e "$CURRENT/save/file.$1.found" ]; then
    note heed "$3 had been changed by somebody else meanwhile: that text is kept in the record as save/file.$1.found"
  elif [ -e "$CURRENT/applied/done" ]; then
    note heed "$3 had been removed by somebody else meanwhile"
  fi
}

restore_file() { # NUMBER PATH
  for way in renaming unlocking linking writing; do
    put_back_by_$way "$1" "$2" >/dev/null 2>&1
    is_as_saved "$1" "$2" && { durable "$2" "${2%/*}" 2>/dev/null; return 0; }
  done
  return 1
}

put_back_by_renaming() { # NUMBER PATH
  if [ -e "$CURRENT/save/file.$1.absent" ]; then
    rm -f "$2"
  else
    mkdir_public "${2%/*}"
    cp -a "$CURRENT/save/file.$1" "$2.hardtui-new" && durable "$2.hardtui-new" && mv -f "$2.hardtui-new" "$2"
  fi
}

put_back_by_unlocking() {
  chattr -ia "$2" "${2%/*}"
  put_back_by_renaming "$@"
}

# On a full disk: a second name needs no room.
put_back_by_linking() {
  rm -f "$2.hardtui-new"
  ln "$CURRENT/save/file.$1" "$2.hardtui-new" && mv -f "$2.hardtui-new" "$2"
}

# What is in force and in the record must not be one file under two names.
part_shared_files() {
  for saved in "$CURRENT"/save/file.* "$CURRENT"/save/account.*; do
    [ ! -f "$saved" ] || [ "$(stat -c %h "$saved")" = 1 ] || rm -f "$saved"
  done
}

put_back_by_writing() {
  rm -f "$2.hardtui-new"
  # Not by a redirection alone, which empties it first.
  [ -f "$CURRENT/save/file.$1" ] && cat "$CURRENT/save/file.$1" >"$2" && touch -r "$CURRENT/save/file.$1" "$2"
}
