#!/bin/sh
# The rhel-layout variant: the paths of Red Hat's family on a Debian server - /var/log/secure, /etc/sysconfig.
set -eu
sed -i 's,/var/log/auth.log,/var/log/secure,' /etc/rsyslog.conf
rm -f /var/log/auth.log
mkdir -p /etc/sysconfig /usr/libexec/iptables
# What the package iptables-services is known by; its units are below.
printf '#!/bin/sh\n' > /usr/libexec/iptables/iptables.init
for family in iptables ip6tables; do
  printf '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n' > "/etc/sysconfig/$family"
  chmod 600 "/etc/sysconfig/$family"
  if [ -x /usr/bin/systemctl ]; then
    cat > "/etc/systemd/system/$family.service" <<UNIT
[Unit]
Description=Rules of /etc/sysconfig/$family
Before=network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/$family-restore /etc/sysconfig/$family
ExecReload=/usr/sbin/$family-restore /etc/sysconfig/$family

[Install]
WantedBy=multi-user.target
UNIT
    systemctl --quiet enable "$family.service"
  else
    # shellcheck disable=SC2016  # the dollar is part of the name
    printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: %s\n# Required-Start: $local_fs\n# Required-Stop:\n' "$family" \
      > "/etc/init.d/$family"
    printf '# Default-Start: 2 3 4 5\n# Default-Stop:\n# Short-Description: rules of /etc/sysconfig\n### END INIT INFO\n' \
      >> "/etc/init.d/$family"
    # shellcheck disable=SC2016  # for the init script to expand
    printf 'case $1 in start|restart|reload) %s-restore /etc/sysconfig/%s ;; esac\n' "$family" "$family" \
      >> "/etc/init.d/$family"
    chmod 755 "/etc/init.d/$family"
    update-rc.d "$family" defaults
  fi
done
