#!/bin/sh
# flock(1) on a descriptor (-n, -w SECONDS, -u), by perl where the machine has none.
real=$(PATH=${PATH#*:}; command -v flock)
[ -z "$real" ] || exec "$real" "$@"
exec perl -e '
  use Fcntl ":flock";
  my ($wait, $unlock) = (1e9, 0);
  while (@ARGV > 1) {
    my $word = shift @ARGV;
    if ($word eq "-n") { $wait = 0 }
    elsif ($word eq "-w") { $wait = shift @ARGV }
    elsif ($word eq "-u") { $unlock = 1 }
  }
  open(my $file, "<&=", $ARGV[0]) or exit 66;
  if ($unlock) { flock($file, LOCK_UN); exit 0 }
  for (my $end = time + $wait; ; select(undef, undef, undef, 0.05)) {
    exit 0 if flock($file, LOCK_EX | LOCK_NB);
    exit 1 if time >= $end;
  }' -- "$@"
