"""Clients for brokers, stores and calls, as `tests.libraries.test_against_sinks` runs them."""

from __future__ import annotations

from tests.libraries.clients import Client

_INFLUX = """
from influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import ASYNCHRONOUS, SYNCHRONOUS
client = InfluxDBClient(f"http://127.0.0.1:{PORT}", token="token", org="org")
"""
_S3 = """
import io, boto3
from botocore.config import Config
from s3transfer.manager import TransferManager
s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1", aws_access_key_id="a",
                  aws_secret_access_key="b", config=Config(s3={"addressing_style": "path"}))
it = TransferManager(s3)
"""
_GRPC = """
import grpc, time
from concurrent.futures import ThreadPoolExecutor
def order(request, context):
    time.sleep(sink.DELAY)
    sink.arrived.append("Order")
    return b"done"
methods = {"Order": grpc.unary_unary_rpc_method_handler(order)}
server = grpc.server(ThreadPoolExecutor())
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("shop.Shop", methods)])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
order = grpc.insecure_channel(f"127.0.0.1:{port}").unary_unary("/shop.Shop/Order")
"""

_CONFLUENT = """
from confluent_kafka import Producer
it = Producer({"bootstrap.servers": f"127.0.0.1:{PORT}", "linger.ms": 60_000, "log_level": 0})
"""
# What the mock cluster answers to a newer protocol, kafka-python does not read.
_KAFKA = """
from kafka import KafkaProducer
def made(linger):
    return KafkaProducer(bootstrap_servers=f"127.0.0.1:{PORT}", api_version=(2, 3), linger_ms=linger)
def handle():
    it = made(60_000)
    it.send("orders", b"order")
"""
_AIOKAFKA = """
import asyncio
from aiokafka import AIOKafkaProducer
run = asyncio.new_event_loop().run_until_complete
async def made():
    it = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{PORT}", linger_ms=2000)
    await it.start()
    return it
it = run(made())
"""
_MQTT = """
import time
from paho.mqtt import publish
from paho.mqtt.client import CallbackAPIVersion, Client
it = Client(CallbackAPIVersion.VERSION2)
it.connect("127.0.0.1", PORT)
it.loop_start()
while not it.is_connected():
    time.sleep(0.01)
"""
_LISTENER = """
import threading, time, redis
taken = threading.Event()
def note(message):
    taken.set()
    time.sleep(sink.DELAY)
    sink.arrived.append("message")
it = redis.Redis(port=PORT, protocol=2).pubsub()
it.subscribe(orders=note)
"""
_REDIS_ASYNCIO = """
import asyncio
from redis import asyncio as redis
run = asyncio.new_event_loop().run_until_complete
it = redis.Redis(port=PORT, protocol=2)
"""
_PUBSUB = """
import concurrent.futures, grpc
from google.cloud import pubsub_v1
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
transport = PublisherGrpcTransport(channel=grpc.insecure_channel(f"127.0.0.1:{PORT}"))
it = pubsub_v1.PublisherClient(transport=transport)
"""
_BOTO3 = """
import boto3
def made(service):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1", aws_access_key_id="a",
                        aws_secret_access_key="b")
"""

CLIENTS = (
    Client(
        "confluent_kafka",
        "confluent-kafka",
        _CONFLUENT,
        "it.produce('orders', b'order')",
        ("it.flush()", "it.flush(10)", "it.close()", "it.__exit__(None, None, None)"),
        ("it.poll(0)", "it.poll(0.1)", "it.flush(0)"),
        also=("it.produce_batch('orders', [{'value': b'order'}])",),
        sink="brokers.kafka",
    ),
    Client(
        "kafka-python",
        "kafka-python confluent-kafka",
        f"{_KAFKA}\nit = made(60_000)",
        "it.send('orders', b'order')",
        ("it.flush()", "it.close()", "it.__exit__(None, None, None)", "del it"),
        sink="brokers.kafka",
    ),
    Client(
        "kafka-python future",
        "kafka-python confluent-kafka",
        f"{_KAFKA}\nit = made(500)",
        "future = it.send('orders', b'order')",
        ("future.get()",),
        sink="brokers.kafka",
    ),
    Client(
        "kafka-python local producer",
        "kafka-python confluent-kafka",
        _KAFKA,
        "handle()",
        at_once=True,
        sink="brokers.kafka",
    ),
    Client(
        "aiokafka",
        "aiokafka confluent-kafka",
        _AIOKAFKA,
        "future = run(it.send('orders', b'order'))",
        ("run(future)", "run(it.flush())", "run(it.stop())", "run(it.__aexit__(None, None, None))"),
        sink="brokers.kafka",
    ),
    Client(
        "aiokafka send_and_wait",
        "aiokafka confluent-kafka",
        _AIOKAFKA,
        "work = it.send_and_wait('orders', b'order')",
        ("run(work)",),
        sink="brokers.kafka",
    ),
    Client(
        "paho",
        "paho-mqtt",
        _MQTT,
        "message = it.publish('lamp', b'on', qos=1)",
        ("message.wait_for_publish()",),
        ("message.wait_for_publish(0.1)", "it.disconnect()"),
        sink="brokers.mqtt",
    ),
    Client(
        "paho helpers",
        "paho-mqtt",
        _MQTT,
        "publish.single('lamp', b'on', qos=1, hostname='127.0.0.1', port=PORT)",
        also=("publish.multiple([('lamp', b'on', 1, False)], hostname='127.0.0.1', port=PORT)",),
        at_once=True,
        sink="brokers.mqtt",
    ),
    Client(
        "redis",
        "redis",
        "import redis; it = redis.Redis(port=PORT, protocol=2)",
        "it.publish('orders', b'order')",
        also=("it.set('last', b'order')", "it.xadd('orders', {'order': 1})"),
        at_once=True,
        sink="brokers.redis",
    ),
    Client(
        "redis listener",
        "redis",
        _LISTENER,
        "thread = it.run_in_thread(); taken.wait()",
        ("thread.stop(); thread.join()",),
        sink="brokers.redis",
    ),
    Client(
        "redis.asyncio",
        "redis",
        _REDIS_ASYNCIO,
        "work = it.publish('orders', b'order')",
        ("run(work)",),
        also=("work = it.pipeline(transaction=False).set('last', b'order').execute()",),
        sink="brokers.redis",
    ),
    Client(
        "pubsub",
        "google-cloud-pubsub",
        _PUBSUB,
        "future = it.publish('projects/shop/topics/orders', b'order')",
        ("future.result()", "future.exception()", "concurrent.futures.wait([future])"),
        ("it.stop()",),
        sink="brokers.pubsub",
    ),
    Client(
        "influxdb",
        "influxdb-client",
        f"{_INFLUX}it = client.write_api()",
        "it.write('bucket', record='orders value=1')",
        ("it.close()", "it.__exit__(None, None, None)"),
        ("it.flush()", "client.close()", "client.__exit__(None, None, None)"),
    ),
    Client(
        "influxdb asynchronous",
        "influxdb-client",
        f"{_INFLUX}it = client.write_api(write_options=ASYNCHRONOUS)",
        "future = it.write('bucket', record='orders value=1')",
        ("future.get()", "future.wait()", "client.close()", "client.__exit__(None, None, None)"),
        ("it.flush()", "it.close()"),
    ),
    Client(
        "influxdb synchronous",
        "influxdb-client",
        f"{_INFLUX}it = client.write_api(write_options=SYNCHRONOUS)",
        "it.write('bucket', record='orders value=1')",
        at_once=True,
    ),
    Client(
        "requests_futures",
        "requests-futures",
        "from requests_futures.sessions import FuturesSession; it = FuturesSession()",
        "future = it.post(f'http://127.0.0.1:{PORT}', data=b'order')",
        ("future.result()", "it.close()", "it.__exit__(None, None, None)"),
    ),
    Client(
        "s3transfer",
        "s3transfer",
        _S3,
        "future = it.upload(io.BytesIO(b'order'), 'bucket', 'key')",
        ("future.result()", "it.shutdown()", "it.__exit__(None, None, None)"),
    ),
    Client("boto3", "boto3", _S3, "s3.upload_fileobj(io.BytesIO(b'order'), 'bucket', 'key')", at_once=True),
    Client("grpc", "grpcio", _GRPC, "future = order.future(b'a')", ("future.result()", "future.exception()")),
    Client("grpc call", "grpcio", _GRPC, "order(b'a')", at_once=True),
    Client(
        "boto3 hands over",
        "boto3",
        _BOTO3,
        "made('lambda').invoke(FunctionName='shop', InvocationType='Event', Payload=b'{}')",
        also=(
            "made('sqs').send_message(QueueUrl='orders', MessageBody='order')",
            "made('events').put_events(Entries=[{'Source': 'shop', 'DetailType': 'order', 'Detail': '{}'}])",
        ),
        at_once=True,
    ),
)
