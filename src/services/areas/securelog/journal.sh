# shellcheck shell=sh
# Becomes journalctl(1) on the entries that call themselves sshd, sudo, su or this program's guard, one JSON object a
# line. Forged ones are among them: the reader tells them by the fields that journald fills in itself.
secure_journal() {
  set -- "$@" SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=sshd-session SYSLOG_IDENTIFIER=sshd-auth \
    SYSLOG_IDENTIFIER=sudo SYSLOG_IDENTIFIER=sudo-rs SYSLOG_IDENTIFIER=su SYSLOG_IDENTIFIER=hardtui
  # A third of the bytes; journalctl knows it since 236.
  case $(journalctl --help 2>/dev/null) in
    *--output-fields*) set -- --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_EXE,_UID,_PID "$@" ;;
  esac
  exec journalctl -q --no-pager -o json "$@"
}
