"""A WebSocket client of the standard library: texts out, texts in, by plain TCP or TLS. (RFC 6455)"""

import base64
import hashlib
import os
import socket
import ssl
import struct

PATIENCE_SECONDS = 20
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocket:
    """Connected once it is made; `protocol` is what the server chose."""

    def __init__(self, host, port, path, protocols, ca_file=None, headers=()):
        self.socket = socket.create_connection((host, port), PATIENCE_SECONDS)
        if ca_file:
            context = ssl.create_default_context(cafile=ca_file)
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Protocol: " + ", ".join(protocols), *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.reader = self.socket.makefile("rb")
        status = self.reader.readline().decode().strip()
        answer = {}
        while line := self.reader.readline().decode().strip():
            name, _, value = line.partition(":")
            answer[name.lower()] = value.strip()
        if " 101 " not in status:
            raise ConnectionError(status)
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert answer["sec-websocket-accept"] == base64.b64encode(accept).decode(), answer
        self.protocol = answer.get("sec-websocket-protocol")

    def send(self, text):
        self.frame(TEXT, text.encode())

    def receive(self):
        """The next text; `("close", code)` at the end."""
        while True:
            first, second = self.reader.read(2)
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack(">H", self.reader.read(2))
            elif length == 127:
                length, = struct.unpack(">Q", self.reader.read(8))
            payload = self.reader.read(length)
            match first & 0xf:
                case 1:
                    return payload.decode()
                case 8:
                    return "close", struct.unpack(">H", payload[:2])[0]
                case 9:
                    self.frame(PONG, payload)

    def frame(self, kind, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        length = len(payload)
        head = struct.pack(">BB", 0x80 | kind, 0x80 | length) if length < 126 else \
            struct.pack(">BBH", 0x80 | kind, 0x80 | 126, length) if length < 1 << 16 else \
            struct.pack(">BBQ", 0x80 | kind, 0x80 | 127, length)
        self.socket.sendall(head + mask + masked)

    def close(self):
        self.frame(CLOSE, struct.pack(">H", 1000))
        self.reader.close()
        self.socket.close()
