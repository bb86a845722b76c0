"use strict";
// What runs inside a Node function's process beside the runtime client: it notes what is launched, and where, and writes down before
// each poll what is left of it. It looks and does not touch.
//
//   launches.cjs   the function's own lines that led to something, through what called back in between
//   observer.cjs   what is alive: timers, operations, requests, child processes, worker threads, promises

const asyncHooks = require("node:async_hooks");
const channels = require("node:diagnostics_channel");
const childProcess = require("node:child_process");
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const workerThreads = require("node:worker_threads");
const { Launches, isOurs, sitesAbove } = require("./launches.cjs");

const OPERATIONS = new Map([
  ...["FSREQCALLBACK", "FSREQPROMISE", "FILEHANDLECLOSEREQ"].map((type) => [type, "file operation"]),
  ...["GETADDRINFOREQWRAP", "GETNAMEINFOREQWRAP", "QUERYWRAP"].map((type) => [type, "name look-up"]),
  ...["TCPCONNECTWRAP", "PIPECONNECTWRAP"].map((type) => [type, "connection"]),
  ...["WRITEWRAP", "SHUTDOWNWRAP", "UDPSENDWRAP"].map((type) => [type, "write"]),
  ...["PBKDF2REQUEST", "SCRYPTREQUEST", "RANDOMBYTESREQUEST", "KEYPAIRGENREQUEST"].map((type) => [type, "computation"]),
]);
// What the system does once for somebody, and then calls back.

const TIMERS = /^node:(internal\/timers|timers|timers\/promises|internal\/async_hooks)$/;
const SOCKETS = ["TCPSocketWrap", "TLSWrap", "PipeWrap", "UDPSocketWrap"];
const now = () => Number(process.hrtime.bigint()) / 1e9;

class Observer {
  constructor(snapshot, sources) {
    this.snapshot = snapshot;
    this.launches = new Launches(sources);
    this.invocation = 0; // 0 while the function's modules are being loaded
    this.alive = new Map(); // key -> what it is
    this.promises = new Map(); // async id -> launch
    this.processes = [];
    this.told = new Set(); // keys that were alive at a look
    this.ended = {};
  }

  begin(key, kind, target, launch, more = {}) {
    this.alive.set(key, { kind, target, launch, at: now(), invocation: this.invocation, ...more });
  }

  end(key) {
    if (this.alive.delete(key) && this.told.delete(key)) this.ended[key] = now();
  }

  // Hooks of what Node makes.

  hooks() {
    return {
      init: (id, type, trigger, resource) => {
        const sites = sitesAbove(this.hooked);
        const launch = this.launches.note(id, sites, asyncHooks.executionAsyncId());
        if (type === "PROMISE") {
          if (launch.direct) this.promises.set(id, launch);
        } else if (type === "Timeout" || type === "Immediate") {
          const caller = sites.find((site) => site.getFileName() && !TIMERS.test(site.getFileName()));
          if (caller === undefined || isOurs(caller) || caller.getFileName().startsWith("node:")) return;
          const call = resource._onTimeout ?? resource._onImmediate;
          const library = caller.getFileName().includes("/node_modules/");
          this.begin(`resource ${id}`, "timer", call?.name || caller.getFunctionName(), launch, { resource, library });
        } else if (OPERATIONS.has(type) && launch.places.length > 0) {
          this.begin(`resource ${id}`, "operation", OPERATIONS.get(type), launch);
        }
      },
      after: (id) => {
        const one = this.alive.get(`resource ${id}`);
        if (one?.kind === "operation") this.end(`resource ${id}`);
      },
      promiseResolve: (id) => this.promises.delete(id),
      destroy: (id) => {
        this.launches.forget(id);
        this.promises.delete(id);
        this.end(`resource ${id}`);
      },
    };
  }

  here(from) {
    return this.launches.from(sitesAbove(from), asyncHooks.executionAsyncId());
  }

  // Requests over HTTP: from the moment they are sent off until an answer begins to arrive.
  watchRequests() {
    let count = 0;
    const api = process.env.AWS_LAMBDA_RUNTIME_API;
    const started = (keys, request, target) => {
      const launch = this.here(started);
      if (launch.places.length === 0) return;
      const key = `request ${(count += 1)}`;
      keys.set(request, key);
      this.begin(key, "operation", target, launch);
    };
    const over = (keys) => ({ request }) => this.end(keys.get(request));
    const http = new WeakMap();
    channels.subscribe("http.client.request.start", ({ request }) => {
      if (request.getHeader("host") === api || `${request.host}:${request.port}` === api) return;
      started(http, request, `${request.method} ${request.host}${request.path}`);
      request.once("close", () => over(http)({ request }));
    });
    channels.subscribe("http.client.response.finish", over(http));
    const fetched = new WeakMap();
    channels.subscribe("undici:request:create", ({ request }) => {
      started(fetched, request, `${request.method} ${request.origin}${request.path}`);
    });
    channels.subscribe("undici:request:headers", over(fetched));
    channels.subscribe("undici:request:error", over(fetched));
  }

  watchProcesses() {
    const observer = this;
    const { spawn } = childProcess.ChildProcess.prototype;
    childProcess.ChildProcess.prototype.spawn = function (options) {
      const launched = observer.here(childProcess.ChildProcess.prototype.spawn).places;
      const boottime = Number(fs.readFileSync("/proc/uptime", "utf8").split(" ")[0]);
      const argv = [...(options.args ?? [options.file])];
      observer.processes.push({ kind: "subprocess", argv, at: now(), boottime, launched });
      return spawn.call(this, options);
    };
  }

  watchWorkers() {
    const observer = this;
    let count = 0;
    workerThreads.Worker = class Worker extends workerThreads.Worker {
      #messages = { asked: 0, answered: 0 };

      constructor(file, options) {
        super(file, options);
        const key = `worker ${(count += 1)}`;
        const target = options?.eval ? "code" : String(file).split("/").pop();
        observer.begin(key, "thread", target, observer.here(Worker), { messages: this.#messages });
        this.once("exit", () => observer.end(key));
      }

      postMessage(...given) {
        this.#messages.asked += 1;
        return super.postMessage(...given);
      }

      emit(name, ...given) {
        if (name === "message") this.#messages.answered += 1;
        return super.emit(name, ...given);
      }
    };
    syncBuiltinESMExports();
  }

  // What is alive, before each poll.

  observe() {
    let seen;
    try {
      seen = this.look();
    } catch (error) {
      seen = { pid: process.pid, failed: String(error.stack) };
    }
    fs.writeFileSync(`${this.snapshot}.new`, JSON.stringify(seen));
    fs.renameSync(`${this.snapshot}.new`, this.snapshot); // whole or not at all
    this.invocation += 1;
  }

  look() {
    const began = now();
    const alive = [...this.alive].filter(([, { resource }]) => !resource?._destroyed); // Node tells of a timer's end a little later
    const resources = alive.map(([key, one]) => this.told.add(key) && this.described(key, one));
    if (resources.length === 0 && process.getActiveResourcesInfo().some((name) => SOCKETS.includes(name))) {
      resources.push(...this.waitingPromises());
    }
    const { ended } = this;
    this.ended = {};
    const none = { threads: [], jobs: [], tasks: [], callbacks: [], clients: [], cancelled: [], names: {}, workers: [] };
    const processes = { processes: this.processes, clock_ticks: 100 };
    return { pid: process.pid, ...none, ...processes, resources, ended, took: now() - began };
  }

  described(key, { kind, target, launch, at, invocation, resource, library, messages }) {
    const repeats = Boolean(resource?._repeat);
    const timer = kind === "timer" && ((repeats && invocation === 0) || (library && resource.hasRef?.() === false));
    // A worker that was started with the modules, and has answered each message that it was sent, waits for the next one.
    const waits = messages?.asked > 0 && messages.answered >= messages.asked;
    const idle = timer || (kind === "thread" && waits && invocation === 0);
    return { key, kind, target: target || named(launch), launched: launch.places, at, idle };
  }

  // Promises of the function's own that nothing has settled: what they wait for comes over a socket.
  waitingPromises() {
    const byPlace = new Map();
    for (const [id, launch] of this.promises) {
      const [file, line] = launch.places.at(-1);
      const target = named(launch);
      byPlace.set(`${file}:${line}`, { key: `promise ${id}`, kind: "promise", target, launched: launch.places, at: null });
    }
    return [...byPlace.values()];
  }
}

// The function that something was launched in: the innermost that has a name.
const named = ({ places }) => places.find(([, , name]) => name !== "")?.[2] ?? "";

function install(snapshot, sources) {
  const observer = new Observer(snapshot, sources);
  const hooks = observer.hooks();
  observer.hooked = hooks.init;
  asyncHooks.createHook(hooks).enable();
  observer.watchRequests();
  observer.watchProcesses();
  observer.watchWorkers();
  return () => observer.observe();
}

module.exports = { install };
