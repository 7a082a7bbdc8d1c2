// What both clients' programs have in common: checks that are counted, and messages that are waited for.

import assert from 'node:assert/strict';
import WebSocket from 'ws';

// Node 20 has none of its own, and browsers, which the clients are made for, have.
globalThis.WebSocket ??= WebSocket;

/** Nothing that is waited for takes longer on a server that is well. */
const PATIENCE_MILLISECONDS = 30_000;

let done = 0;

/** Runs a check and says so. */
export async function check(what, body) {
    try {
        await body();
    } catch (error) {
        console.error(`not ok: ${what}`);
        throw error;
    }
    done += 1;
}

/** How many there were. */
export function count() {
    return done;
}

/** Fails if it takes too long. */
export function within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), PATIENCE_MILLISECONDS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Messages as they come in, to be taken one after the other. */
export class Inbox {
    #messages = [];
    #waiting = [];

    put(message) {
        const first = this.#waiting.shift();
        if (first) {
            first(message);
        } else {
            this.#messages.push(message);
        }
    }

    next(what) {
        if (this.#messages.length > 0) {
            return Promise.resolve(this.#messages.shift());
        }
        return within(new Promise((resolve) => this.#waiting.push(resolve)), what);
    }

    get isEmpty() {
        return this.#messages.length === 0;
    }
}

/** Repeats an action until something has come of it: a subscription tells nobody when it has begun. */
export async function until(arrived, action) {
    const end = Date.now() + PATIENCE_MILLISECONDS;
    while (!arrived()) {
        assert(Date.now() < end, 'nothing has come of it');
        await action();
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}
