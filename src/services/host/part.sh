# What every probe begins with: `part NAME` begins a part of its output. Other users of the host write much of what a probe
# prints, so what tells parts from text is the batch's boundary, which they can't know: it comes in the environment, which
# proc(5) shows to nobody else, and what the probe starts does not get it.
boundary=$HARDTUI_BOUNDARY
unset HARDTUI_BOUNDARY
part() { printf '\n%s part %s\n' "$boundary" "$1"; }
