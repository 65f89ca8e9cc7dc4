# What any probe may call: `file_part NAME PATH` prints a file of the host as the part NAME, byte for byte, for
# areas/file-part.ts to read. Of what has no content of its own (a directory, a pipe, a device) only the kind is said: it
# is never opened. A symbolic link is said to be one, with where it leads, and then comes what it leads to. Nothing that
# the file's owner chooses can stand for a line of ours: where a link leads and what a file holds are in base64.
#
#     state file | long | directory | other | absent | unreadable
#     reason WORDS                     of what is unreadable
#     link BASE64                      of a symbolic link; all else is what it leads to
#     owner ID NAME, group ID NAME, mode OCTAL, size BYTES, modified SECONDS, kind WORDS
#     sum SHA256                       of a file, and of one that is too long
#     bytes, then lines of BASE64      of a file
#     end
#
# A file that becomes a pipe between the two is waited for until the probe's time is over.
file_part() { # NAME PATH
  part "$1"
  set -- "${HARDTUI_ROOT:-}$2"
  file_led=
  for file_tool in stat base64 sha256sum head; do
    command -v "$file_tool" >/dev/null 2>&1 || { file_unreadable "the server lacks $file_tool"; return; }
  done
  if [ -L "$1" ] && [ -n "${HARDTUI_ROOT:-}" ]; then
    # A link of the practice server must not lead to the files of the machine that it runs on.
    case $(readlink -f "$1") in "$(readlink -f "$HARDTUI_ROOT")"/*) ;; *) file_unreadable "it leads out of this server"; return ;; esac
  fi
  # Whoever is writing it may be done the next time.
  file_read "$1" || file_read "$1" || file_read "$1" || file_unreadable "it changes while it is being read"
}

# Longer ones are said to be so. Bytes; and how long base64(1) makes so many, without its newlines.
FILE_MOST=262144
FILE_MOST_CODED=349528
FILE_ABOUT='owner %u %U
group %g %G
mode %a
size %s
modified %Y
kind %F'

# Says all about a file; fails, and says nothing, where what was read in several goes does not fit together.
file_read() { # PATH
  file_led=
  [ ! -L "$1" ] || file_led=$(file_link "$1")
  file_about=$(stat -L -c "$FILE_ABOUT" "$1" 2>&1) || {
    case $file_about in
    *': No such file or directory' | *': Not a directory') file_say "state absent" ;;
    *) file_unreadable "$file_about" ;;
    esac
    return 0
  }
  case ${file_about##*kind } in
  regular*) ;;
  directory) file_say "state directory" "$file_about"; return ;;
  *) file_say "state other" "$file_about"; return ;;
  esac
  file_sum=$({ sha256sum <"$1"; } 2>&1) || { file_unreadable "$file_sum"; return 0; }
  file_sum=${file_sum%% *}
  # The size of the kernel's own files (proc(5)) says nothing.
  file_bytes=$({ head -c "$((FILE_MOST + 1))" <"$1" | base64; } 2>&1) || { file_unreadable "$file_bytes"; return 0; }
  [ "$(stat -L -c "$FILE_ABOUT" "$1" 2>&1)" = "$file_about" ] || return 1
  if [ -L "$1" ]; then [ "$(file_link "$1")" = "$file_led" ]; else [ -z "$file_led" ]; fi || return 1
  if [ "${#file_bytes}" -ge "$FILE_MOST_CODED" ] && [ "$(printf '%s\n' "$file_bytes" | base64 -d | wc -c)" -gt "$FILE_MOST" ]; then
    file_say "state long" "$file_about" "sum $file_sum"
    return 0
  fi
  file_read_sum=$(printf '%s\n' "$file_bytes" | base64 -d | sha256sum)
  [ "${file_read_sum%% *}" = "$file_sum" ] || return 1
  file_say "state file" "$file_about" "sum $file_sum" bytes ${file_bytes:+"$file_bytes"}
}

file_link() { printf 'link %s\n' "$(readlink -n "$1" | base64 | tr -d '\n')"; }

file_say() { printf '%s\n' "$1" ${file_led:+"$file_led"}; shift; printf '%s\n' "$@" end; }

# The last of what a tool said; before it stands who says it of what.
file_unreadable() { file_say "state unreadable" "reason $(printf '%s' "${1##*: }" | tr '\n' ' ')"; }
