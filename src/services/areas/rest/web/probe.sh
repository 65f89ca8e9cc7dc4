# shellcheck shell=sh
# Prints how web servers are set up: Apache by its own print of what it makes of its files, nginx by the files themselves,
# for its own print (nginx -T) makes log files and a file for its pid. Of Apache's nothing but the lines that are looked at,
# as others hold passwords.
root=${HARDTUI_ROOT:-}
# On the practice server only its own programs count, never those of the machine that it runs on.
has() { if [ -n "$root" ]; then [ -x "$root/bin/$1" ]; else command -v "$1" >/dev/null 2>&1; fi; }

# The words that a process was started with, apart from its name; nothing where none of that name runs.
started() { # NAME
  for comm in "$root"/proc/[0-9]*/comm; do
    { read -r name <"$comm"; } 2>/dev/null || continue
    [ "$name" = "$1" ] || continue
    words=$(tr '\000\n' '  ' <"${comm%comm}cmdline" 2>/dev/null)
    case $words in
    'nginx: master process '*) echo "args ${words#nginx: master process }" ;;
    'nginx: '* | '') continue ;;
    *) echo "args $words" ;;
    esac
    return
  done
}

web=
apache=
for name in apache2 httpd; do
  ! has "$name" || { apache=$name; break; }
done
part apache
if [ -n "$apache" ]; then
  web=yes
  echo "program $apache"
  started "$apache"
  info=
  for file in "$root/usr/lib/apache2/modules/mod_info.so" "$root/usr/lib64/httpd/modules/mod_info.so" \
    "$root/usr/lib/httpd/modules/mod_info.so" "$root/usr/lib/apache2/mod_info.so" "$root/usr/local/apache2/modules/mod_info.so"; do
    [ ! -e "$file" ] || { info=$file; break; }
  done
  if [ -z "$info" ]; then
    echo "without mod_info"
  else
    said=$(
      # As apache2ctl(8) does, which makes folders too.
      # shellcheck source=/dev/null
      [ ! -r "$root/etc/apache2/envvars" ] || . "$root/etc/apache2/envvars" >/dev/null 2>&1
      timeout 15 "$apache" -t -C "LoadModule info_module $info" -D DUMP_CONFIG -D DUMP_MODULES -D DUMP_RUN_CFG 2>&1
      echo "status $?"
    )
    # in PATH; LINE TEXT; module NAME; docroot "PATH"; status NUMBER; said WORDS.
    printf '%s\n' "$said" | awk '
      BEGIN {
        split("servertokens serversignature secserversignature options allowoverride allowoverridelist documentroot alias aliasmatch " \
          "directoryindex sslengine sslprotocol sslciphersuite sslopensslconfcmd gnutlsenable redirect redirectmatch proxypass " \
          "proxypassmatch rewriteengine dav require authtype listen", names, " ")
        for (at in names) wanted[names[at]] = 1
      }
      /^# In file: / { print "in " substr($0, 12); next }
      /^ *# *[0-9]+:$/ { gsub(/[^0-9]/, ""); line = $0; next }
      /^ [a-z0-9_]+_module \((static|shared)\)$/ { print "module " $1; next }
      /^Main DocumentRoot: / { print "docroot " substr($0, 20); next }
      /^status [0-9]+$/ { print; next }
      { sub(/^ +/, "") }
      /^</ || (tolower($1) in wanted) { print (line == "" ? 0 : line) " " $0; next }
      /^AH[0-9]+: |rror|[Cc]annot|denied/ { last = $0 }
      END { if (last != "") print "said " substr(last, 1, 300); print "end" }'
  fi
fi

# version WORDS; prefix FOLDER; tls WORDS; args WORDS; main PATH; of PATTERN PATH; file PATH; unread PATH; closed FOLDER; odd; many.
part nginx
list=
if has nginx; then
  web=yes
  about=$(timeout 5 nginx -V 2>&1)
  printf '%s\n' "$about" | sed -n -e 's/^nginx version: /version /p' -e 's/^configure arguments:.* --prefix=\([^ ]*\) .*/prefix \1/p' -e 's/^built with \(OpenSSL .*\)/tls \1/p'
  started nginx
  main=/etc/nginx/nginx.conf
  case $about in *--conf-path=*)
    main=${about#*--conf-path=}
    main=${main%%[ \'\"]*}
    ;;
  esac
  case $main in *[!A-Za-z0-9._/@+-]*) echo odd ;; *)
    echo "main $main"
    new=$main count=0
    while [ -n "$new" ]; do
      now=
      for file in $new; do
        case " $list $now " in *" $root$file "*) continue ;; esac
        count=$((count + 1))
        if [ "$count" -gt 300 ]; then
          echo many
          break
        fi
        if [ -f "$root$file" ] && [ -r "$root$file" ]; then
          echo "file $file"
          now="$now $root$file"
        else
          echo "unread $file"
        fi
      done
      new=
      if [ "$count" -gt 300 ] || [ -z "$now" ]; then break; fi
      list="$list$now"
      # What the reader of this finds to be missing makes all of it unknown: words in comments cost no more than a look.
      set -f
      # shellcheck disable=SC2086 # names without blanks
      found=$(grep -h -o 'include[[:space:]]\{1,\}[^;{}]*;' $now /dev/null 2>/dev/null | sed -e 's/^include[[:space:]]*//' -e 's/[[:space:]]*;$//' -e "s/[\"']//g" -e '/[[:space:]]/d' | sort -u)
      for pattern in $found; do
        case $pattern in *[!A-Za-z0-9._/@+*?[-]*)
          echo odd
          continue
          ;;
        esac
        case $pattern in /*) whole=$pattern ;; *) whole=${main%/*}/$pattern ;; esac
        echo "of $pattern"
        folder=${whole%/*}
        case $folder in *[*?[]*) ;; *)
          if [ -d "$root$folder" ] && { [ ! -r "$root$folder" ] || [ ! -x "$root$folder" ]; }; then echo "closed $folder"; fi
          ;;
        esac
        set +f
        for file in "$root"$whole; do
          if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
          case $file in *[!A-Za-z0-9._/@+-]*)
            echo odd
            continue
            ;;
          esac
          echo "of $pattern ${file#"$root"}"
          new="$new ${file#"$root"}"
        done
        set -f
      done
      set +f
    done
    ;;
  esac
  echo end
fi

# PATH:LINE:TEXT; of very many none counts.
part nginx-lines
# shellcheck disable=SC2086 # names without blanks
if [ -n "$list" ]; then
  grep -s -n -H '' $list /dev/null | awk 'NR > 30000 { print "many"; exit } { print }'
  echo end
fi

# page stock|own PATH: what stands where a package puts its first page.
part pages
if [ -n "$web" ]; then
  for file in "$root"/var/www/html/index* "$root"/usr/share/nginx/html/index* "$root"/var/www/localhost/htdocs/index* \
    "$root"/usr/local/apache2/htdocs/index*; do
    [ -f "$file" ] || continue
    if grep -q -i -E 'Default Page: It works|Welcome to nginx!|<h1>It works!</h1>' "$file" 2>/dev/null; then kind=stock; else kind=own; fi
    echo "page $kind ${file#"$root"}"
  done
fi
echo end

# library NAME; policies; LINE TEXT of openssl.cnf about security levels.
part openssl
if [ -n "$web" ]; then
  for file in "$root"/usr/lib/*/libssl.so.[0-9]* "$root"/usr/lib64/libssl.so.[0-9]* "$root"/usr/lib/libssl.so.[0-9]*; do
    [ ! -e "$file" ] || echo "library ${file##*/}"
  done
  [ ! -e "$root/etc/crypto-policies/config" ] || echo policies
  for file in "$root/etc/ssl/openssl.cnf" "$root/etc/pki/tls/openssl.cnf"; do
    if [ -r "$file" ]; then
      grep -n -i '^[^#]*SECLEVEL' "$file" | sed "s|^\\([0-9]*\\):|level ${file#"$root"} \\1 |"
    elif [ -e "$file" ]; then echo "unread ${file#"$root"}"; fi
  done
fi
echo end
