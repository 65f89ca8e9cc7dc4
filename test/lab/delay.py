#!/usr/bin/python3
"""delay.py A B MILLISECONDS - carries Ethernet frames between two interfaces, each after that time.

Stands in for tc-netem(8), which many kernels are built without. See packet(7): PACKET_VNET_HDR keeps the checksum and
segmentation offloads of a veth pair intact from one socket to the other.
"""
import collections
import select
import socket
import sys
import time

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
LARGEST = 1 << 17
# As a full queue of a real link: what does not fit is lost.
MOST_QUEUED = 10_000


def tap(interface):
    """A raw socket that sees every frame which arrives on the interface, and none that it sends."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    raw.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    raw.bind((interface, ETH_P_ALL))
    return raw


def main():
    a, b = tap(sys.argv[1]), tap(sys.argv[2])
    delay = float(sys.argv[3]) / 1000
    queue = collections.deque()
    other = {a: b, b: a}
    print('ready', flush=True)
    while True:
        wait = max(0.0, queue[0][0] - time.monotonic()) if queue else None
        readable, _, _ = select.select([a, b], [], [], wait)
        for source in readable:
            frame = source.recv(LARGEST)
            if len(queue) < MOST_QUEUED:
                queue.append((time.monotonic() + delay, other[source], frame))
        while queue and queue[0][0] <= time.monotonic():
            _, target, frame = queue.popleft()
            try:
                target.send(frame)
            except OSError:
                # The other end is down: a frame lost on the line.
                pass


main()
