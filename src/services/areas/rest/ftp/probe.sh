# shellcheck shell=sh
# Prints how proftpd and pure-ftpd are set up. Of proftpd's files, which may hold passwords of databases, nothing but the
# lines that are looked at; of pure-ftpd the words that Debian's wrapper starts it with, else its file.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }

# file PATH, unread PATH, odd, many; in PATH, LINE TEXT; module NAME; of PATTERN, of PATTERN PATH.
part proftpd
if has proftpd; then
  echo installed
  timeout 5 proftpd -l 2>/dev/null | sed -n 's/^ *\(mod_[a-z0-9_]*\.c\)$/module \1/p'
  new=/etc/proftpd/proftpd.conf
  [ -e "$root$new" ] || new=/etc/proftpd.conf
  echo "main $new"
  list='' count=0
  while [ -n "$new" ]; do
    now=$new new=
    for file in $now; do
      case " $list " in *" $file "*) continue ;; esac
      count=$((count + 1))
      if [ "$count" -gt 100 ]; then
        echo many
        break
      fi
      list="$list $file"
      if [ ! -f "$root$file" ] || [ ! -r "$root$file" ]; then
        echo "unread $file"
        continue
      fi
      echo "in $file"
      awk '
        BEGIN {
          split("include loadmodule tlsengine tlsrequired tlsprotocol anonymousgroup anonrequirepassword define defaultroot user useralias port " \
            "sftpengine", names, " ")
          for (at in names) wanted[names[at]] = 1
        }
        { sub(/\r$/, "") }
        /\\$/ && !/^[[:space:]]*#/ { print "odd" }
        { text = $0; sub(/^[[:space:]]+/, "", text) }
        text ~ /^</ || (tolower($1) in wanted) { print NR " " text }' <"$root$file"
      echo "whole $file"
      set -f
      # shellcheck disable=SC2013 # patterns without blanks
      for pattern in $(sed -n 's/^[[:space:]]*[Ii][Nn][Cc][Ll][Uu][Dd][Ee][[:space:]][[:space:]]*\([^[:space:]]*\)[[:space:]]*$/\1/p' <"$root$file"); do
        case $pattern in /*[!A-Za-z0-9._/@+*?[-]* | [!/]*)
          echo odd
          continue
          ;;
        esac
        echo "of $pattern"
        folder=${pattern%/*}
        case $folder in *[*?[]*) ;; *)
          if [ -d "$root$folder" ] && { [ ! -r "$root$folder" ] || [ ! -x "$root$folder" ]; }; then echo "closed $folder"; fi
          ;;
        esac
        whole=$pattern
        [ ! -d "$root$pattern" ] || whole="${pattern%/}/*"
        set +f
        for found in "$root"$whole; do
          [ -f "$found" ] || continue
          case $found in *[!A-Za-z0-9._/@+-]*) echo odd ;; *)
            echo "of $pattern ${found#"$root"}"
            new="$new ${found#"$root"}"
            ;;
          esac
        done
        set -f
      done
      set +f
    done
    [ "$count" -le 100 ] || break
  done
  echo end
fi

# option WORD, each on a line; or line PATH:NUMBER:TEXT of its own file.
# account ftp: whose files the anonymous get, without whom there are none.
part pure-ftpd
if has pure-ftpd; then
  echo installed
  if [ -n "$root" ]; then grep -q '^ftp:' "$root/etc/passwd"; else getent passwd ftp >/dev/null 2>&1; fi && echo "account ftp"
  if has pure-ftpd-wrapper; then
    timeout 10 pure-ftpd-wrapper --show-options 2>/dev/null | head -c 4000 | tr ' ' '\n' | sed -n 's/^\(..*\)$/option \1/p' && echo wrapped
  else
    for file in "$root/etc/pure-ftpd/pure-ftpd.conf" "$root/etc/pure-ftpd.conf"; do
      [ -e "$file" ] || continue
      if [ -r "$file" ]; then
        grep -n -H -i -E '^[[:space:]]*(NoAnonymous|AnonymousOnly|TLS)[[:space:]]' "$file" /dev/null | sed 's/^/line /'
        echo "read ${file#"$root"}"
      else echo "unread ${file#"$root"}"; fi
      break
    done
  fi
  echo end
fi
