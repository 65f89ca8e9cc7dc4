# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # sshd: program.sh, login_user and the addresses: the batch; what is set here is for probe.sh
# What sshd's settings say of the files that the probe of accounts looks at.
part sshd
[ -z "$sshd" ] || settings=$("$sshd" -T -C "user=$login_user,host=$client_address,addr=$client_address" 2>/dev/null)
setting() { printf '%s\n' "${settings:-}" | sed -n "s/^$1 //p"; }
authorized_keys_file=$(setting '[Aa]uthorized[Kk]eys[Ff]ile')
host_keys=$(setting '[Hh]ost[Kk]ey')
[ -n "$authorized_keys_file" ] || unset authorized_keys_file
[ -n "$host_keys" ] || unset host_keys
