"""Stand-ins on loopback for brokers: each starts one, gives its port, and counts what has arrived in `sink.arrived`."""

from __future__ import annotations

import socketserver
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.libraries import sink


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def _serve(handler: type[socketserver.BaseRequestHandler]) -> int:
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


def kafka() -> int:
    """The mock cluster of librdkafka. How many records its topic ``orders`` holds is asked when the program tells."""
    from confluent_kafka import Consumer, Producer, TopicPartition

    cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock:1", "log_level": 0})
    (broker,) = cluster.list_topics(timeout=60).brokers.values()
    _kept.append(cluster)
    reader = Consumer({"bootstrap.servers": f"127.0.0.1:{broker.port}", "group.id": "sink", "log_level": 0})
    reader.list_topics("orders", timeout=60)  # to ask for a topic makes it

    def count() -> int:
        partitions = reader.list_topics("orders", timeout=60).topics["orders"].partitions
        return sum(reader.get_watermark_offsets(TopicPartition("orders", each), timeout=60)[1] for each in partitions)

    sink.counts.append(count)
    return int(broker.port)


class _Mqtt(socketserver.StreamRequestHandler):
    """As much of MQTT 3.1.1 as a publisher needs."""

    def handle(self) -> None:
        while first := self.rfile.read(1):
            kind, body = first[0] >> 4, self.rfile.read(self._length())
            if kind == 1:  # CONNECT
                self.wfile.write(b"\x20\x02\x00\x00")
            elif kind == 3:  # PUBLISH, acknowledged where its quality of service is 1
                time.sleep(sink.DELAY)
                sink.arrived.append("message")
                if first[0] & 0x02:
                    topic = struct.unpack_from("!H", body)[0]
                    self.wfile.write(b"\x40\x02" + body[2 + topic : 4 + topic])

    def _length(self) -> int:
        length = shift = 0
        while True:
            byte = self.rfile.read(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return length


def mqtt() -> int:
    return _serve(_Mqtt)


class _Redis(socketserver.StreamRequestHandler):
    """Answers every command with a 1, counts those that write, and pushes a message to whoever subscribes."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            words = [self._word() for _ in range(int(line[1:]))]
            if words[0] == b"SUBSCRIBE":
                for kind, last in ((b"subscribe", b":1"), (b"message", b"$5\r\norder")):
                    self.wfile.write(
                        b"*3\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n%s\r\n" % (len(kind), kind, len(words[1]), words[1], last)
                    )
            elif words[0] in (b"CLIENT", b"HELLO"):
                self.wfile.write(b"+OK\r\n")
            else:
                time.sleep(sink.DELAY)
                sink.arrived.append(words[0].decode())
                self.wfile.write(b":1\r\n")

    def _word(self) -> bytes:
        word = self.rfile.read(int(self.rfile.readline()[1:]))
        self.rfile.readline()
        return word


def redis() -> int:
    return _serve(_Redis)


def pubsub() -> int:
    """A gRPC server that takes what is published to Google Cloud Pub/Sub."""
    import grpc
    from google.pubsub_v1 import PublishRequest, PublishResponse

    def publish(request: Any, _: grpc.ServicerContext) -> Any:
        time.sleep(sink.DELAY)
        sink.arrived.append(request.topic)
        return PublishResponse(message_ids=[str(number) for number, _ in enumerate(request.messages)])

    method = grpc.unary_unary_rpc_method_handler(publish, PublishRequest.deserialize, PublishResponse.serialize)
    server = grpc.server(ThreadPoolExecutor())
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", {"Publish": method})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    _kept.append(server)
    return int(port)


_kept: list[object] = []
"""What would stop to serve as it is collected."""
