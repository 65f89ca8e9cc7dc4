#!/usr/bin/python3
"""outside.py - the world as a server's firewall meets it, from the network namespace of another machine.

  serve          DNS on 53 (udp, tcp), NTP's port 123 (udp) and HTTP on 80 and 8080, both families; says "ready"
  ping ADDRESS   one echo request of ICMP or ICMPv6; exit status 0 when it was answered
  scan ADDRESS PORT...   the TCP ports that can be connected to, one a line
"""
import os
import selectors
import socket
import struct
import sys
import threading

WAIT = 2.0


def answer(query, udp):
    """An address for every name; over udp a name that starts with "long" is cut, so that it is asked for by tcp."""
    cut = udp and query[13:17] == b'long'
    question = query[12 : query.index(b'\0', 12) + 5]
    head = query[:2] + struct.pack('!HHHHH', 0x8380 if cut else 0x8180, 1, 0 if cut else 1, 0, 0)
    record = b'' if cut else b'\xc0\x0c' + struct.pack('!HHIH', 1, 1, 60, 4) + socket.inet_aton('192.0.2.2')
    return head + question + record


def serve_udp(family, port, reply):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(('', port))

    def work():
        while True:
            data, peer = sock.recvfrom(4096)
            sock.sendto(reply(data), peer)

    threading.Thread(target=work, daemon=True).start()


def serve_tcp(family, port, reply):
    sock = socket.create_server(('', port), family=family, backlog=64)

    def work():
        while True:
            peer, _ = sock.accept()
            with peer:
                # Who only looks whether somebody listens says nothing.
                if asked := peer.recv(4096):
                    peer.sendall(reply(asked))

    threading.Thread(target=work, daemon=True).start()


def over_tcp(data):
    made = answer(data[2:], False)
    return struct.pack('!H', len(made)) + made


def web(request):
    """An empty repository for apt: an index of no packages, and nothing else that apt looks for. Else a greeting."""
    path = request.split(b' ')[1] if request.count(b' ') > 1 else b'/'
    if path.endswith(b'/Packages'):
        return b'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'
    if b'Release' in path or b'Packages' in path or b'Translation' in path:
        return b'HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n'
    return b'HTTP/1.0 200 OK\r\n\r\nhello from outside\n'


def serve():
    for family in (socket.AF_INET, socket.AF_INET6):
        serve_udp(family, 53, lambda data: answer(data, True))
        serve_udp(family, 123, lambda data: data)
        serve_tcp(family, 53, over_tcp)
        for port in (80, 8080):
            serve_tcp(family, port, web)
    print('ready', flush=True)
    sys.stdin.read()


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total >> 16) + (total & 0xFFFF)
    return 0xFFFF - (total + (total >> 16)) & 0xFFFF


def ping(address):
    v6 = ':' in address
    mine = os.getpid() & 0xFFFF
    # For ICMPv6 the kernel puts the checksum in.
    head = struct.pack('!BBHHH', 128 if v6 else 8, 0, 0, mine, 1)
    if not v6:
        head = struct.pack('!BBHHH', 8, 0, checksum(head), mine, 1)
    family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    with socket.socket(family, socket.SOCK_RAW, protocol) as sock:
        sock.settimeout(WAIT)
        sock.sendto(head, (address, 0))
        wanted = bytes([129 if v6 else 0, 0])
        while True:
            data = sock.recv(4096)
            body = data if v6 else data[(data[0] & 15) * 4 :]
            if body[:2] == wanted and body[4:6] == struct.pack('!H', mine):
                return


def scan(address, ports):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    waiting = selectors.DefaultSelector()
    for port in ports:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex((address, port))
        waiting.register(sock, selectors.EVENT_WRITE, port)
    while events := waiting.select(WAIT):
        for key, _ in events:
            waiting.unregister(key.fileobj)
            if key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                print(key.data, flush=True)
            key.fileobj.close()


if sys.argv[1] == 'serve':
    serve()
elif sys.argv[1] == 'ping':
    ping(sys.argv[2])
else:
    scan(sys.argv[2], [int(port) for port in sys.argv[3:]])
