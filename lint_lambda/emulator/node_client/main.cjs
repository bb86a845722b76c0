"use strict";
// The first file inside the process of a Node function: what /var/runtime/index.mjs is on Lambda.
//
// Run as `node main.cjs GENERATION SNAPSHOT SOURCES`, with the environment of `environment.py`. GENERATION names the runtime client: `3` that of
// nodejs22.x and before, `4` that of nodejs24.x and later, or the path of AWS's own (aws-lambda-ric), which then runs as it is.
// With a SNAPSHOT file (instead of `-`) an observer notes what is launched, and writes down before each poll what is left of it;
// SOURCES is the directory whose code is the function's own.

const [generation, snapshot, sources] = process.argv.splice(2);

process.setSourceMapsEnabled(true); // what was built of other sources is shown by these
const observe = snapshot === "-" ? () => {} : require("./observer.cjs").install(snapshot, sources);

if (generation === "3" || generation === "4") {
  const { Api } = require("./api.cjs");
  require("./console.cjs").patch();
  const api = new Api(process.env.AWS_LAMBDA_RUNTIME_API, observe);
  require(generation === "3" ? "./callbacks.cjs" : "./promises.cjs").run(api);
} else {
  require("./aws_client.cjs").run(generation, observe);
}
