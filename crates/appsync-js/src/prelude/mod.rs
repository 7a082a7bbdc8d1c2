//! The part of the helper library that is written in JavaScript, and how it is put together.
//! It runs once in each fresh runtime, before the user's code.

/// An expression: a function that takes Rust's side of `native` and gives the modules by their names, the
/// `eval` that disappears from the globals, and two tests of errors. It leaves everything hardened.
pub fn source() -> String {
    let [dynamodb, transform] = [include_str!("dynamodb.js"), include_str!("transform.js")];
    let [ai, rds, util] = [include_str!("ai.js"), include_str!("rds.js"), include_str!("util.js")];
    let harden = include_str!("harden.js");
    format!(
        r#"(function (ask) {{
'use strict';
/** Stands for the end of a handler that the host knows the reason of. */
class Stop extends Error {{}}
/** What a helper says about its arguments: a message without the name of a class. */
class Refusal extends Error {{}}
// Rust throws texts: an error object is made here, where its stack tells the line of the user's code.
const native = (name, ...args) => {{
    try {{ return ask(name, ...args); }} catch (error) {{
        if (typeof error === 'string') throw new Refusal(error);
        throw error;
    }}
}};
// Helpers call each other more than ten deep; the user's line lies below them.
Error.stackTraceLimit = 100;
const realEval = globalThis.eval;
// Most handlers look at few members of `ctx`: each is made when it is first read.
const later = Symbol('later');
const members = {{
    get(target, name) {{
        const value = target[name];
        return value === later ? (target[name] = native('context', name)) : value;
    }},
}};
const RealProxy = Proxy;
const lazily = (target) => new RealProxy(target, members);
const isStop = (error) => error instanceof Stop;
const isRefusal = (error) => error instanceof Refusal;
const dynamodbTyped = (value) => dynamodb.helpers.toDynamoDB(value);
const transform = {transform};
const dynamodb = {dynamodb};
const rds = {rds};
const utils = {util};
const modules = {{
    '@aws-appsync/utils': utils,
    '@aws-appsync/utils/ai': {ai},
    '@aws-appsync/utils/dynamodb': dynamodb.module,
    '@aws-appsync/utils/rds': rds.module,
}};
{harden};
return [modules, realEval, isStop, isRefusal, lazily, later];
}})"#
    )
}
