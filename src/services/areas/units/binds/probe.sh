# shellcheck shell=sh
# Prints where it is written on which addresses services listen. Whole files of those that are changed from here; of the
# others, which hold passwords too, nothing but the lines that say so.
root=${HARDTUI_ROOT:-}

file_part exim /etc/exim4/update-exim4.conf.conf
file_part postfix /etc/postfix/main.cf
file_part postfix-master /etc/postfix/master.cf
file_part rpcbind-drop-in /etc/systemd/system/rpcbind.socket.d/hardtui.conf

part rpcbind-socket
if command -v systemctl >/dev/null 2>&1 &&
  timeout 5 systemctl show --no-pager -p LoadState -p Listen -p FragmentPath -p DropInPaths rpcbind.socket 2>/dev/null; then
  echo end
fi

# WORD file PATH; WORD line PATH NUMBER TEXT; WORD unread PATH; WORD closed FOLDER; WORD odd; WORD many. At the end WORD end.
LONGEST=262144
look() { # WORD PATTERN PATH…
  word=$1 pattern=$2 looked=0
  shift 2
  for here in "$@"; do
    path=${here#"$root"}
    if [ ! -e "$here" ] && [ ! -L "$here" ]; then continue; fi
    case $path in *[!A-Za-z0-9._/@+-]*)
      echo "$word odd"
      continue
      ;;
    esac
    looked=$((looked + 1))
    if [ "$looked" -gt 40 ]; then
      echo "$word many"
      break
    fi
    if [ -f "$here" ] && [ -r "$here" ] && [ "$(wc -c <"$here")" -le "$LONGEST" ]; then
      pattern=$pattern awk -v word="$word" -v path="$path" '
        $0 ~ ENVIRON["pattern"] && ++found <= 10 { print word, "line", path, NR, substr($0, 1, 200) }
        END { print word, (found > 10 ? "many" : "file " path) }' <"$here" 2>/dev/null || echo "$word unread $path"
    else
      echo "$word unread $path"
    fi
  done
  echo "$word end"
}
# A folder that can't be looked into has no files for a shell.
closed() { # WORD FOLDER…
  word=$1
  shift
  for here in "$@"; do
    if [ ! -d "$here" ] || { [ -r "$here" ] && [ -x "$here" ]; }; then continue; fi
    case ${here#"$root"} in *[!A-Za-z0-9._/@+-]*) echo "$word odd" ;; *) echo "$word closed ${here#"$root"}" ;; esac
  done
}
part looked
s='[[:space:]]*'
etc=$root/etc
closed exim "$etc/exim4" "$etc/exim"
look exim '^[^#]*([lL][oO][cC][aA][lL]_[iI][nN][tT][eE][rR][fF][aA][cC][eE][sS]|-oX)' \
  "$etc/exim4/exim4.conf" "$etc/exim/exim.conf" "$etc/exim4/exim4.conf.template" "$etc/exim4/exim4.conf.localmacros" \
  "$etc/default/exim4"
closed mysql "$etc/mysql" "$etc"/mysql/*.d "$etc/my.cnf.d"
look mysql "^${s}(loose[-_])?bind[-_]address" "$etc/my.cnf" "$etc/mysql/my.cnf" "$etc/mysql/mariadb.cnf" "$etc"/mysql/conf.d/*.cnf \
  "$etc"/mysql/mariadb.conf.d/*.cnf "$etc"/mysql/mysql.conf.d/*.cnf "$etc"/my.cnf.d/*.cnf
closed postgresql "$etc/postgresql" "$etc"/postgresql/* "$etc"/postgresql/*/* "$etc"/postgresql/*/*/conf.d \
  "$root/var/lib/postgresql" "$root"/var/lib/postgresql/* "$root"/var/lib/postgresql/*/* "$root/var/lib/pgsql" "$root/var/lib/pgsql/data"
look postgresql "^${s}[lL][iI][sS][tT][eE][nN]_[aA][dD][dD][rR][eE][sS][sS][eE][sS]" "$etc"/postgresql/*/*/postgresql.conf \
  "$etc"/postgresql/*/*/conf.d/*.conf "$root"/var/lib/postgresql/*/*/postgresql.auto.conf \
  "$root"/var/lib/pgsql/data/postgresql.conf "$root"/var/lib/pgsql/data/postgresql.auto.conf
closed redis "$etc/redis" "$etc/valkey"
look redis "^${s}[bB][iI][nN][dD][[:space:]]" "$etc/redis.conf" "$etc"/redis/*.conf "$etc"/valkey/*.conf
look memcached "^${s}(-l|--listen|OPTIONS)" "$etc/memcached.conf" "$etc/sysconfig/memcached"
look mongodb "^${s}(net\\.)?(bindIp|bindIpAll|bind_ip|bind_ip_all)${s}[:=]" "$etc/mongod.conf" "$etc/mongodb.conf"
closed elasticsearch "$etc/elasticsearch" "$etc/opensearch"
look elasticsearch "^${s}(network|http|transport)\\.(host|bind_host)${s}:" "$etc/elasticsearch/elasticsearch.yml" \
  "$etc/opensearch/opensearch.yml"
