#!/usr/bin/python3
"""send.py - sends the packets that it is told on standard input, as they are, from the network namespace it is in.

A line is "DEVICE - HEX" for an Ethernet frame, or "raw ADDRESS HEX" for an IP packet with its header that this host
sends; "." is answered with "." when all before it have been sent. Its end is the end of its input.
"""
import socket
import sys

IPV6_HDRINCL = 36
SO_MARK = 36
# Tells the packets asked for from those that the kernel sends by itself.
MARK = 77


def raw(family):
    sock = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
    sock.setsockopt(socket.SOL_SOCKET, SO_MARK, MARK)
    return sock


def main():
    sockets = {}
    print('ready', flush=True)
    for line in sys.stdin:
        if line == '.\n':
            print('.', flush=True)
            continue
        device, address, data = line.split()
        packet = bytes.fromhex(data)
        if device == 'raw':
            family = socket.AF_INET6 if ':' in address else socket.AF_INET
            if family not in sockets:
                sockets[family] = raw(family)
            try:
                sockets[family].sendto(packet, (address, 0))
            except PermissionError:
                # a rule of OUTPUT dropped it
                pass
        else:
            if device not in sockets:
                sockets[device] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                sockets[device].bind((device, 0))
            sockets[device].send(packet)


main()
