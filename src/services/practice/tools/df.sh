#!/bin/sh
# Stands in for df(1): a server keeps its state on a disk, wherever the practice folder may be.
echo 'Filesystem     1024-blocks    Used Available Capacity Mounted on'
echo '/dev/vda1         20480000 4096000  16384000      20% /'
