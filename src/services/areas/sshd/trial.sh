# shellcheck shell=sh
# shellcheck disable=SC2089,SC2090 # texts of scripts, kept as they are
# shellcheck disable=SC2154 # sshd and newline: program.sh; people, changed and options: trial.ts
# Asks sshd what it would do with changed files, and what it does now, for each of these people (sshd(8), -T and -C). The
# files are laid over /etc/ssh in a mount namespace of this script's own (unshare(1)), in memory: nothing of the server
# changes. `people` has an argument of -C a line, `changed` a path a line and its new text in base64, or `-` where it goes.
etc=${HARDTUI_ROOT:-}/etc/ssh
place=${HARDTUI_ROOT:-}/mnt

# shellcheck disable=SC2016 # expanded where it runs
ask='
number=0
printf "%s\n" "$people" | while IFS= read -r asked; do
  if text=$("$@" -T -C "$asked" 2>/dev/null); then
    printf ">%s %s\n" "$number" "$(printf "%s\n" "$text" | sha256sum | cut -d " " -f 1)"
    printf "%s\n" "$text" | sed "s/^/ /"
  else
    printf "!%s\n" "$number"
  fi
  number=$((number + 1))
done'

# sshd does not answer without /run/sshd, and systemd takes that away with each connection of a socket unit that ends. So
# it has one of its own here, beside all else that /run has.
# shellcheck disable=SC2016
apart='
mount --make-rprivate / 2>/dev/null
mount -t tmpfs -o mode=700,size=32m hardtui "$place" || exit 97
if [ -z "${HARDTUI_ROOT:-}" ]; then
  mkdir "$place/run" && mount --rbind /run "$place/run" && mount -t tmpfs -o mode=755,size=1m hardtui /run || exit 97
  for one in "$place"/run/*; do [ ! -e "$one" ] || ln -s "$one" /run/; done
  rm -f /run/sshd
  mkdir -m 755 /run/sshd
fi'
# shellcheck disable=SC2016
now='
place=$1
shift
eval "$apart"
eval "$ask"'

# shellcheck disable=SC2016
over='
etc=$1 place=$2
shift 2
eval "$apart"
cp -a "$etc" "$place/ssh" || exit 97
printf "%s\n" "$changed" | while read -r path coded; do
  case $path in /etc/ssh/*) file=$place/ssh/${path#/etc/ssh/} ;; *) continue ;; esac
  case $coded in
  -) rm -f "$file" ;;
  *) mkdir -p "${file%/*}" && printf "%s" "$coded" | base64 -d >"$file" || exit 97 ;;
  esac
done || exit 97
mount --bind "$place/ssh" "$etc" || exit 97
words=$("$@" -t 2>&1)
status=$?
printf "=%s\n" "$status"
printf "%s\n" "$words" | sed "s/^/ /"
[ "$status" -eq 0 ] || exit 0
eval "$ask"'

IFS=$newline
set -f
# shellcheck disable=SC2086 # one word a line
set -- "$sshd" $options
set +f
unset IFS
export people changed ask apart

then=$(unshare -m sh -c "$over" sh "$etc" "$place" "$@" 2>&1)
status=$?
part status
echo "$status"
part said
[ "$status" -eq 0 ] || { printf '%s\n' "$then"; exit 0; }
printf '%s\n' "$then" | sed -n -e '1p' -e '1d' -e '/^>/q' -e '/^!/q' -e p

# What differs, a keyword at a time, between now (`-`) and then (`+`), behind `>NUMBER SUM SUM`; `!NUMBER` was not answered.
part answers
{ unshare -m sh -c "$now" sh "$place" "$@"; echo '@'; printf '%s\n' "$then" | sed -n '/^[>!]/,$p'; } | awk '
  BEGIN { later = 0 }
  function word_of(line) { line = tolower(line); sub(/ .*/, "", line); return line }
  /^@$/ { later = 1; who = ""; next }
  /^>/ { who = substr($1, 2); sum[later, who] = $2; if (!(who in seen)) { seen[who]; people[n++] = who } ; next }
  /^!/ { who = substr($1, 2); failed[who]; if (!(who in seen)) { seen[who]; people[n++] = who } ; next }
  # What else comes between was said by somebody else: an error of a program.
  who != "" && /^ / {
    line = substr($0, 2)
    word = word_of(line)
    text[later, who, word] = text[later, who, word] (later ? "+" : "-") line "\n"
    plain[later, who, word] = plain[later, who, word] line "\n"
    if (!((who, word) in had)) { had[who, word]; words[who, count[who]++] = word }
  }
  END {
    for (i = 0; i < n; i++) {
      who = people[i]
      if (who in failed) { print "!" who; continue }
      print ">" who, sum[0, who], sum[1, who]
      for (j = 0; j < count[who]; j++) {
        word = words[who, j]
        if (plain[0, who, word] != plain[1, who, word]) printf "%s%s", text[0, who, word], text[1, who, word]
      }
    }
  }'
part end
