#!/usr/bin/env python3
"""syslog.py HOST FILE: receives what local programs send to /dev/log, and writes the lines that a syslog daemon
with the traditional file format would: "Mon dd hh:mm:ss HOST tag[pid]: text" (RFC 3164, without the priority).

Only for a practice host: it makes /dev/log, and refuses where there is one already.
"""

import os
import re
import signal
import socket
import sys

DEVICE = "/dev/log"
PRIORITY = re.compile(rb"^<\d+>")
STAMP = re.compile(rb"^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ")


def main() -> None:
    host, path = sys.argv[1].encode(), sys.argv[2]
    if os.path.exists(DEVICE):
        sys.exit(f"{DEVICE} exists; this is for a machine without a syslog daemon")
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(DEVICE)
    os.chmod(DEVICE, 0o666)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("listening", flush=True)
    try:
        with open(path, "wb", buffering=0) as log:
            while True:
                line = PRIORITY.sub(b"", receiver.recv(8192)).rstrip(b"\n\0")
                log.write(STAMP.sub(rb"\1 " + host + b" ", line, count=1) + b"\n")
    finally:
        os.unlink(DEVICE)


main()
