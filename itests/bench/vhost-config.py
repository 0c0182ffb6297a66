#!/usr/bin/env python3
"""Stands between SPDK's virtio client and qemu-storage-daemon: vhost-config.py LISTENING-SOCKET DAEMON'S-SOCKET.

SPDK's client asks for 256 bytes of configuration, of which QEMU 7.2's export has fewer, and refuses. Messages and descriptors go
through as they are but for that; rings and data do not come by here.
"""
import array
import os
import select
import socket
import struct
import sys

GET_CONFIG = 24
CONFIG_BYTES = 60
HEADER = struct.Struct("<III")
CONFIG = struct.Struct("<III")


def receive(source):
    """A message with its descriptors; None at the end."""
    fds = array.array("i")
    data, along, _, _ = source.recvmsg(HEADER.size, socket.CMSG_SPACE(64 * fds.itemsize))
    for _, _, numbers in along:
        fds.frombytes(numbers)
    while data and len(data) < HEADER.size:
        data += source.recv(HEADER.size - len(data))
    if not data:
        return None
    request, flags, size = HEADER.unpack(data)
    payload = source.recv(size, socket.MSG_WAITALL) if size else b""
    return request, flags, payload, list(fds)


def send(target, request, flags, payload, fds):
    socket.send_fds(target, [HEADER.pack(request, flags, len(payload)) + payload], fds)
    for fd in fds:
        os.close(fd)


def forward(client, daemon):
    asked = 0
    while True:
        for source in select.select([client, daemon], [], [])[0]:
            message = receive(source)
            if message is None:
                return
            request, flags, payload, fds = message
            if request == GET_CONFIG:
                offset, size, config_flags = CONFIG.unpack_from(payload)
                if source is client:
                    asked = size
                    size = min(size, CONFIG_BYTES)
                    payload = CONFIG.pack(offset, size, config_flags) + bytes(size)
                else:
                    payload = CONFIG.pack(offset, asked, config_flags) + payload[CONFIG.size:].ljust(asked, b"\0")
            send(daemon if source is client else client, request, flags, payload, fds)


def main(listening, served):
    server = socket.socket(socket.AF_UNIX)
    server.bind(listening)
    server.listen()
    while True:
        client, _ = server.accept()
        daemon = socket.socket(socket.AF_UNIX)
        daemon.connect(served)
        with client, daemon:
            forward(client, daemon)


main(*sys.argv[1:])
