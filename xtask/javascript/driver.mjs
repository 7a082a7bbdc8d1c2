// The AWS SDK for JavaScript as a driver of the scenario: each line of standard input is a call, each
// line of standard output is its outcome. Where the server is stands in the environment.

import { createInterface } from "node:readline";

import * as sfn from "@aws-sdk/client-sfn";

// This SDK reads no variable that says so: it would call StartSyncExecution at sync-127.0.0.1.
const client = new sfn.SFNClient({ disableHostPrefix: true, maxAttempts: 1 });

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, body } = JSON.parse(line);
  let outcome;
  try {
    const { $metadata, ...output } = await client.send(new sfn[`${operation}Command`](body));
    outcome = { output };
  } catch (error) {
    outcome = { code: error.name, message: error.message };
  }
  console.log(JSON.stringify(outcome));
}
