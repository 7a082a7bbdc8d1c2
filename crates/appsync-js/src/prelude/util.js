// The module '@aws-appsync/utils'. What needs the host, or Rust, asks `native(name, ...arguments)`.
(() => {
  const natives = (...names) => {
    const out = {};
    for (const name of names) out[name] = (...args) => native(name, ...args);
    return out;
  };
  /** Stops the handler; what it stopped for lies with the host already. */
  const stop = (name, ...args) => { native(name, ...args); throw new Stop(); };

  const addResponseHeaders = (headers) => {
    for (const [name, value] of Object.entries(headers)) native('addResponseHeader', name, value);
  };
  const FORMS = ['nfc', 'nfd', 'nfkc', 'nfkd'];
  const normalize = (value, form) => FORMS.includes(String(form).toLowerCase())
    ? value.normalize(form.toUpperCase())
    : (() => { throw new Refusal(`normalize takes nfc, nfd, nfkc or nfkd, not ${form}`); })();

  const util = {
    ...natives('autoId', 'autoUlid', 'autoKsuid', 'matches', 'authType', 'urlEncode', 'urlDecode',
      'base64Encode', 'base64Decode', 'appendError'),
    error: (...args) => stop('error', ...args),
    unauthorized: () => stop('unauthorized'),
    time: natives('nowISO8601', 'nowEpochSeconds', 'nowEpochMilliSeconds', 'nowFormatted',
      'parseFormattedToEpochMilliSeconds', 'parseISO8601ToEpochMilliSeconds', 'epochMilliSecondsToSeconds',
      'epochMilliSecondsToISO8601', 'epochMilliSecondsToFormatted'),
    math: {
      roundNum: (value) => Math.round(value),
      minVal: (one, two) => Math.min(one, two),
      maxVal: (one, two) => Math.max(one, two),
      randomDouble: () => native('random'),
      randomWithinRange: (from, to) => Math.floor(native('random') * (to - from)) + from,
    },
    str: { normalize },
    http: { ...natives('copyHeaders', 'addResponseHeader'), addResponseHeaders },
    xml: {
      toMap: (text) => native('xml.toMap', text),
      toJsonString: (text, encode) => native('xml.toJsonString', text, encode),
    },
    dynamodb: dynamodb.helpers,
    rds: { toJsonObject: rds.toJsonObject },
    transform: transform.helpers,
  };
  const runtime = { earlyReturn: (value, options) => stop('earlyReturn', value, options?.skipTo) };
  const extensions = natives('evictFromApiCache', 'setSubscriptionFilter',
    'setSubscriptionInvalidationFilter', 'invalidateSubscriptions');
  return { util, runtime, extensions };
})()
