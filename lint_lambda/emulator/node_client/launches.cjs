"use strict";
// The function's own lines that led to something: those on the stack, and those that led to what has called back here.
//
// Each piece of work that Node makes has an id; what is made in its callback names it as the one that it is done for.

const { findSourceMap } = require("node:module");
const path = require("node:path");
const { fileURLToPath } = require("node:url");

const MOST = 30;
// Sites of a stack, and links of a chain, that are looked at.

class Launches {
  constructor(sources) {
    this.root = path.resolve(sources) + path.sep;
    this.known = new Map(); // async id -> launch
    this.nothing = { places: [], direct: false };
  }

  // Notes how the piece of work `id` came about, with the stack at its making and the id of what is being executed.
  note(id, sites, executing) {
    const launch = this.from(sites, executing);
    this.known.set(id, launch);
    return launch;
  }

  forget(id) {
    this.known.delete(id);
  }

  // { places, direct }: nearest first, [file, line, function] each; `direct`: it is made by the function's own code itself.
  from(sites, executing) {
    const before = this.known.get(executing) ?? this.nothing;
    const places = sites.map((site) => this.place(site)).filter((place) => place !== undefined);
    if (places.length === 0) return { places: before.places, direct: false };
    const first = sites.find((site) => !isOurs(site) && !internal(site));
    const same = (one, other) => one !== undefined && one[0] === other[0] && one[1] === other[1];
    const rest = before.places.filter((place) => !places.some((one) => same(one, place)));
    return { places: [...places, ...rest].slice(0, MOST), direct: first !== undefined && this.place(first) !== undefined };
  }

  // Where a site is in the function's own sources; undefined for what is not theirs.
  place(site) {
    let file = site.getFileName() ?? "";
    if (file.startsWith("file:")) file = fileURLToPath(file);
    if (!path.isAbsolute(file)) return undefined;
    let line = site.getLineNumber();
    const map = findSourceMap(file);
    if (map !== undefined) {
      const { originalSource, originalLine } = map.findEntry(line - 1, site.getColumnNumber() - 1);
      if (originalSource === undefined) return undefined;
      file = originalSource.startsWith("file:") ? fileURLToPath(originalSource) : path.resolve(path.dirname(file), originalSource);
      line = originalLine + 1;
    }
    if (!file.startsWith(this.root) || file.includes(`${path.sep}node_modules${path.sep}`)) return undefined;
    return [file, line, site.getFunctionName() ?? ""];
  }
}

const internal = (site) => !site.getFileName() || site.getFileName().startsWith("node:");

const isOurs = (site) => (site.getFileName() ?? "").startsWith(__dirname + path.sep);

// The call sites above a function, innermost first.
function sitesAbove(call) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (_, sites) => sites;
  Error.stackTraceLimit = MOST;
  const holder = {};
  Error.captureStackTrace(holder, call);
  const sites = holder.stack;
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return sites ?? [];
}

module.exports = { Launches, isOurs, sitesAbove };
