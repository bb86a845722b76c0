"use strict";
// The Runtime API as AWS's native client calls it: an answer is posted while JavaScript stands still, a poll goes on beside it.
//
// Node has no blocking sockets. So one connection is kept whose reading this module switches on and off: while it is off, an
// answer to a POST is fetched from the descriptor itself.

const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");

const VERSION = "/2018-06-01/runtime";
const ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
const pause = new Int32Array(new SharedArrayBuffer(4));
const MILLISECONDS = 0.2;
const END_OF_HEAD = "\r\n\r\n";

class Api {
  constructor(address, observe) {
    [this.host, this.port] = address.split(":");
    this.observe = observe;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.received = Buffer.alloc(0);
    this.arrived = () => {};
  }

  // Opens the connection; once, before the first poll.
  open() {
    const buffer = Buffer.alloc(1 << 16);
    const callback = (length) => {
      this.received = Buffer.concat([this.received, buffer.subarray(0, length)]);
      this.arrived();
      return true;
    };
    return new Promise((resolve, reject) => {
      const { host, port } = this;
      this.socket = net.connect({ host, port, noDelay: true, onread: { buffer, callback } }, () => {
        this.socket.pause();
        resolve();
      });
      this.socket.on("error", reject).on("close", () => process.exit(1)); // the sandbox has gone
    });
  }

  // The next invocation.
  async next() {
    const { body, headers } = await this.poll();
    return { id: headers["lambda-runtime-aws-request-id"], event: JSON.parse(body), headers };
  }

  // Its body and headers. The poll is on its way when this returns.
  poll() {
    this.observe();
    this._write(Buffer.from(`GET ${VERSION}/invocation/next HTTP/1.1\r\nHost: ${this.host}:${this.port}\r\n\r\n`));
    this.socket.ref();
    return new Promise((resolve) => {
      this.arrived = () => {
        const answer = this._answer();
        if (answer === undefined) return;
        this.arrived = () => {};
        this.socket.pause();
        this.socket.unref(); // what keeps the loop alive from here on is the function's
        resolve({ body: answer.body.toString(), headers: answer.head });
      };
      this.socket.resume();
    });
  }

  respond(id, result) {
    this.post(`/invocation/${encodeURIComponent(id)}/response`, serialized(result), {});
  }

  fail(id, error) {
    const said = described(error);
    this.post(`/invocation/${encodeURIComponent(id)}/error`, serialized(said), { [ERROR_TYPE]: "Unhandled" });
  }

  failInit(error) {
    const said = described(error);
    this.post("/init/error", serialized(said), { [ERROR_TYPE]: said.errorType });
  }

  // The request that takes a streamed answer, and a promise of the API's reply to it.
  stream(id, highWaterMark) {
    const { host, port, agent } = this;
    agent.createConnection = (options, connected) => net.createConnection({ ...options, highWaterMark }, connected);
    let request;
    const replied = new Promise((resolve, reject) => {
      const headers = {
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        Trailer: [ERROR_TYPE, "Lambda-Runtime-Function-Error-Body"],
        "Content-Type": "application/octet-stream",
        "Transfer-Encoding": "chunked",
      };
      const path = `${VERSION}/invocation/${encodeURIComponent(id)}/response`;
      request = http.request({ host, port, path, method: "POST", headers, agent }, (reply) => {
        reply.on("data", () => {}).on("aborted", reject).on("end", resolve);
      });
      request.on("error", reject);
    });
    replied.catch(() => {}); // who waits for it is told
    return { request, replied };
  }

  failStream(request, error, done) {
    const said = described(error);
    request.addTrailers({
      [ERROR_TYPE]: said.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(said)).toString("base64"),
    });
    request.end(done);
  }

  post(path, body, headers) {
    const content = Buffer.from(body);
    const lines = [
      `POST ${VERSION}${path} HTTP/1.1`,
      `Host: ${this.host}:${this.port}`,
      "Content-Type: application/json",
      `Content-Length: ${content.length}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    this._write(Buffer.concat([Buffer.from(lines.join("\r\n") + END_OF_HEAD), content]));
    const part = Buffer.alloc(1 << 16);
    while (this._answer() === undefined) {
      const length = patiently(() => fs.readSync(this._descriptor, part));
      if (length === 0) process.exit(1);
      this.received = Buffer.concat([this.received, part.subarray(0, length)]);
    }
  }

  get _descriptor() {
    return this.socket._handle.fd;
  }

  _write(bytes) {
    for (let at = 0; at < bytes.length; ) at += patiently(() => fs.writeSync(this._descriptor, bytes, at));
  }

  // Takes one whole answer from what was received.
  _answer() {
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    const [, ...lines] = this.received.subarray(0, end).toString("latin1").split("\r\n");
    const head = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const from = end + END_OF_HEAD.length;
    const to = from + Number(head["content-length"] ?? 0);
    if (this.received.length < to) return undefined;
    const body = this.received.subarray(from, to);
    this.received = this.received.subarray(to);
    return { head, body };
  }
}

// Calls what reads from or writes to a descriptor until it is ready.
function patiently(call) {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, MILLISECONDS);
    }
  }
}

function serialized(value) {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? "";
  } catch {
    throw new Error("Unable to stringify response body");
  }
}

// An error as Lambda shows it.
function described(error) {
  if (error instanceof Error || Object.prototype.toString.call(error) === "[object Error]") {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// Everything that `context` tells of an invocation.
function contextOf(headers) {
  const env = process.env;
  const trace = headers["lambda-runtime-trace-id"];
  if (trace) env._X_AMZN_TRACE_ID = trace;
  else delete env._X_AMZN_TRACE_ID;
  const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => Number(headers["lambda-runtime-deadline-ms"]) - Date.now(),
  };
}

module.exports = { Api, contextOf };
