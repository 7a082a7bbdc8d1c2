// Runs last: the language becomes the one of APPSYNC_JS, and nothing that two calls share can change.
(() => {
  const {
    defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, freeze,
  } = Object;
  const RealTypeError = TypeError;
  const names = (object) => [...getOwnPropertyNames(object), ...getOwnPropertySymbols(object)];
  const define = (object, name, value) =>
    defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });

  // The clock and the zone are the host's: local time is UTC.
  const RealDate = Date;
  const HostDate = function Date(...args) {
    if (!new.target) return new RealDate(native('now')).toISOString();
    if (args.length === 0) return new RealDate(native('now'));
    if (args.length > 1) return new RealDate(RealDate.UTC(...args));
    const [given] = args;
    // A date and time without a zone would be local time.
    const isLocal = typeof given === 'string' && given.length >= 16 && given[10] === 'T'
      && !given.endsWith('Z') && !given.slice(11).includes('+') && !given.slice(11).includes('-');
    return new RealDate(isLocal ? `${given}Z` : given);
  };
  HostDate.prototype = RealDate.prototype;
  for (const name of ['UTC', 'parse']) define(HostDate, name, RealDate[name]);
  define(HostDate, 'now', () => native('now'));
  define(RealDate.prototype, 'constructor', HostDate);
  for (const name of names(RealDate.prototype)) {
    if (typeof name !== 'string') continue;
    if (name.startsWith('getUTC')) define(RealDate.prototype, name.replace('UTC', ''), RealDate.prototype[name]);
    if (name.startsWith('set') || name.startsWith('toLocale')) delete RealDate.prototype[name];
  }
  define(RealDate.prototype, 'getTimezoneOffset', () => 0);
  define(RealDate.prototype, 'toString', RealDate.prototype.toISOString);
  for (const name of ['toDateString', 'toTimeString', 'getYear']) delete RealDate.prototype[name];
  define(Math, 'random', () => native('random'));

  // The engine's own recurses without a look at its stack. What comes back from Rust is a plain copy, and
  // not too deep.
  const realStringify = JSON.stringify;
  define(JSON, 'stringify', (value, replacer, space) => {
    if (typeof replacer === 'function') throw new Refusal('JSON.stringify takes no function as replacer.');
    const plain = typeof value === 'object' && value !== null ? native('plain', value) : value;
    return realStringify(plain, replacer, space);
  });

  const print = (level) => (...args) => {
    native('log', level, args.map((value) => typeof value === 'string' ? value : JSON.stringify(value) ?? 'undefined').join(' '));
  };
  globalThis.console = { log: print('INFO'), error: print('ERROR') };

  // No code is made of text: not by eval, not by anybody's constructor.
  const generator = function* () {};
  const refuseCode = function Function() { throw new RealTypeError('Code cannot be made of text'); };
  refuseCode.prototype = getPrototypeOf(refuseCode);
  for (const prototype of [getPrototypeOf(refuseCode), getPrototypeOf(generator)]) {
    define(prototype, 'constructor', refuseCode);
    for (const name of ['caller', 'arguments', 'bind', 'toString']) delete prototype[name];
  }

  const KEPT = [
    'Object', 'Array', 'String', 'Number', 'Boolean', 'Math', 'JSON', 'console', 'Date', 'undefined', 'NaN', 'Infinity',
    'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI',
  ];
  const kept = (object, list) => { for (const name of names(object)) if (!list.includes(name)) delete object[name]; };
  const dropped = (object, list) => { for (const name of list) delete object[name]; };
  globalThis.Date = HostDate;
  kept(Object, ['length', 'name', 'prototype', 'assign', 'entries', 'hasOwn', 'keys', 'values']);
  dropped(Array.prototype, ['copyWithin', 'entries', 'keys', 'toLocaleString', 'values']);
  dropped(Array, ['from', 'of', 'fromAsync']);
  dropped(String.prototype, [
    'charCodeAt', 'localeCompare', 'matchAll', 'match', 'padEnd', 'padStart', 'repeat', 'search', 'toLocaleLowerCase',
    'toLocaleUpperCase', 'anchor', 'big', 'blink', 'bold', 'fixed', 'fontcolor', 'fontsize', 'italics', 'link',
    'small', 'strike', 'sub', 'sup',
  ]);
  dropped(String, ['fromCharCode', 'fromCodePoint', 'raw']);
  for (const name of ['__proto__', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__']) {
    delete Object.prototype[name];
  }

  const seen = new Set();
  const visit = (value) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    visit(getPrototypeOf(value));
    for (const name of names(value)) {
      const { value: content, get, set } = getOwnPropertyDescriptor(value, name);
      visit(content); visit(get); visit(set);
    }
  };
  const globals = {};
  for (const name of names(globalThis)) globals[name] = globalThis[name];
  visit(generator);
  visit([][Symbol.iterator]());
  visit(''[Symbol.iterator]());
  visit(Error.prototype);
  for (const error of [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) visit(error);
  for (const name of KEPT) visit(globals[name]);
  visit(modules);
  const everything = globalThis;
  for (const name of names(everything)) if (!KEPT.includes(name)) delete everything[name];
  visit(everything);

  // A frozen property of a prototype refuses assignment to those that inherit it, yet `{}.constructor = 1`
  // is fine. An accessor that defines it on the object itself allows that.
  for (const name of names(Object.prototype)) {
    const { value } = getOwnPropertyDescriptor(Object.prototype, name);
    const get = () => value;
    const set = function (given) {
      'use strict';
      if (this === Object.prototype) throw new RealTypeError(`${String(name)} cannot change`);
      defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true });
    };
    defineProperty(Object.prototype, name, { get, set, enumerable: false, configurable: false });
    seen.add(get).add(set);
  }
  for (const value of seen) freeze(value);
})()
