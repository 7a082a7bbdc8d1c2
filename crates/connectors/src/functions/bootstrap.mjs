// Runs a Node handler behind the Lambda Runtime API, with nothing to install.
//
// Node 18 or newer; CommonJS and ES modules; async and callback handlers. Errors follow AWS's own
// runtime client.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const INVOCATIONS = '/2018-06-01/runtime/invocation/';
const TASK_ROOT = process.env.LAMBDA_TASK_ROOT;
const [HOST, PORT] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, noDelay: true });

// The request that runs, if one does.
let running;

async function main() {
  dieWithTheServer();
  let handler;
  try {
    handler = await findHandler(process.env._HANDLER);
  } catch (error) {
    console.error(error);
    await request('POST', '/2018-06-01/runtime/init/error', JSON.stringify(described(error)));
    process.exit(1);
  }
  process.on('uncaughtException', (error) => endWith(error, 129));
  process.on('unhandledRejection', (reason) => {
    const rejection = new Error(reason?.toString());
    rejection.name = 'Runtime.UnhandledPromiseRejection';
    rejection.reason = reason;
    endWith(rejection, 128);
  });
  for (;;) {
    const { headers, body } = await request('GET', INVOCATIONS + 'next');
    const id = headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
    running = id;
    let kind = '/response';
    let answer;
    try {
      const result = await invoke(handler, JSON.parse(body), headers, id);
      answer = JSON.stringify(result === undefined ? null : result) ?? 'null';
    } catch (error) {
      console.error(error);
      kind = '/error';
      answer = JSON.stringify(described(error));
    }
    running = undefined;
    await request('POST', INVOCATIONS + id + kind, answer);
  }
}

// Settles with what the handler returns (a promise), hands to its callback, or with null when it
// has done neither and nothing is left to wait for.
function invoke(handler, event, headers, id) {
  return new Promise((resolve, reject) => {
    let whenIdle = () => resolve(null);
    const settle = (settled) => {
      if (context.callbackWaitsForEmptyEventLoop) whenIdle = settled;
      else setImmediate(settled);
    };
    const callback = (error, result) =>
      settle(error === undefined || error === null ? () => resolve(result) : () => reject(error));
    const context = contextOf(headers, id, callback);
    process.removeAllListeners('beforeExit');
    process.once('beforeExit', () => whenIdle());
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
  });
}

function contextOf(headers, id, callback) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const json = (text) => (text ? JSON.parse(text) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json(headers['lambda-runtime-client-context']),
    identity: json(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: id,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: callback,
    fail: (error) => callback(error ?? 'handled'),
    succeed: (result) => callback(null, result),
  };
}

// `folder/file.object.function`, the file with or without its ending.
async function findHandler(name) {
  const base = path.basename(name);
  const match = /^([^.]*)\.(.+)$/.exec(base);
  if (!match || name.includes('..')) {
    throw fault('Runtime.MalformedHandlerName', name.includes('..') ? `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.` : 'Bad handler');
  }
  const [, file, place] = match;
  const stem = path.resolve(TASK_ROOT, path.dirname(name), file);
  const found = ['', '.js', '.mjs', '.cjs'].map((ending) => stem + ending).find(isFile);
  if (!found) {
    throw fault('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  }
  let loaded;
  try {
    loaded = await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw fault('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw fault('Runtime.ImportModuleError', `Error: ${error.message}`, error);
    }
    throw error;
  }
  const within = (object) => place.split('.').reduce((value, part) => value?.[part], object);
  const handler = within(loaded) ?? within(loaded.default);
  if (handler === undefined) {
    throw fault('Runtime.HandlerNotFound', `${base} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw fault('Runtime.HandlerNotFound', `${base} is not a function`);
  }
  return handler;
}

function isFile(name) {
  return fs.statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

function fault(name, message, cause) {
  const error = new Error(asOnAws(message));
  error.name = name;
  if (cause?.stack) error.stack = `${name}: ${cause.stack}`;
  else error.stack = error.stack.replace(/^Error/, name);
  return error;
}

// An error as its invoker sees it, with paths as if in /var/task.
function described(error) {
  if (error instanceof Error || (error && error.name && error.message && error.stack)) {
    const trace = String(error.stack).split('\n');
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: trace.map(asOnAws),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function asOnAws(text) {
  return text.replaceAll(TASK_ROOT + '/', '/var/task/');
}

// What nobody caught ends the process, and the invocation if one runs.
async function endWith(error, status) {
  console.error(error);
  if (running) await request('POST', `${INVOCATIONS}${running}/error`, JSON.stringify(described(error)));
  process.exit(status);
}

// The server is the only reason to live: without it the process ends.
function request(method, place, body = '') {
  return new Promise((resolve) => {
    const content = Buffer.from(body);
    const headers = method === 'GET' ? {} : { 'Content-Length': content.length };
    const sent = http.request({ host: HOST, port: PORT, method, path: place, headers, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        // A result that is too large is the caller's news; everything else is ours, and final.
        if (response.statusCode >= 300 && response.statusCode !== 413) process.exit(1);
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() });
      });
      response.on('error', () => process.exit(1));
    });
    sent.on('error', () => process.exit(1));
    sent.end(content);
  });
}

// The server holds the other end of standard input; it closes with the server, by whatever death.
function dieWithTheServer() {
  process.stdin.on('close', () => process.exit(1));
  process.stdin.on('error', () => process.exit(1));
  process.stdin.resume();
  process.stdin.unref();
}

await main();
