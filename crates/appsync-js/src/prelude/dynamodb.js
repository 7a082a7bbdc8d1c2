// The module '@aws-appsync/utils/dynamodb' and util.dynamodb: requests and typed values.
// Numbers stay numbers, as the service gives them.
(() => {
  const fail = (message) => { throw new Refusal(message); };
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

  const typed = (value) => {
    if (value === null || value === undefined) return { NULL: null };
    if (typeof value === 'string') return { S: value };
    if (typeof value === 'number') return { N: value };
    if (typeof value === 'boolean') return { BOOL: value };
    if (Array.isArray(value)) return { L: value.map(typed) };
    if (value instanceof Date) return { S: value.toISOString() };
    if (typeof value === 'object') return { M: mapValues(value) };
    return fail(`Cannot make a DynamoDB value of a ${typeof value}`);
  };
  const mapValues = (object) => {
    const out = {};
    const names = Object.keys(object ?? {});
    for (let place = 0; place < names.length; place += 1) out[names[place]] = typed(object[names[place]]);
    return out;
  };

  const helpers = {
    toDynamoDB: typed,
    toString: (value) => ({ S: value }),
    toStringSet: (values) => ({ SS: values }),
    toNumber: (value) => ({ N: value }),
    toNumberSet: (values) => ({ NS: values }),
    toBinary: (value) => ({ B: value }),
    toBinarySet: (values) => ({ BS: values }),
    toBoolean: (value) => ({ BOOL: value }),
    toNull: () => ({ NULL: null }),
    toList: (values) => ({ L: values.map(typed) }),
    toMap: (object) => ({ M: mapValues(object) }),
    toMapValues: mapValues,
    toS3Object: (key, bucket, region, version) =>
      ({ S: JSON.stringify({ s3: { key, bucket, region, ...(version === undefined ? {} : { version }) } }) }),
    fromS3ObjectJson: (text) => JSON.parse(text).s3,
  };

  const operations = {
    add: (value) => ({ type: 'OPERATION_ADD', value }),
    replace: (value) => ({ type: 'OPERATION_REPLACE', value }),
    increment: (by = 1) => ({ type: 'OPERATION_INCREMENT', by }),
    decrement: (by = 1) => ({ type: 'OPERATION_DECREMENT', by }),
    append: (items) => ({ type: 'OPERATION_APPEND', items }),
    prepend: (items) => ({ type: 'OPERATION_PREPEND', items }),
    updateListItem: (value, index) => ({ type: 'OPERATION_UPDATE_LIST_ITEM', value, index }),
    remove: () => ({ type: 'OPERATION_REMOVE' }),
  };

  /** The update expression of a plain object: a plain value is set, a nested object names a path. */
  const updateExpression = (update) => {
    const expressionNames = {};
    const expressionValues = {};
    const sets = [];
    const removes = [];
    let count = 0;
    let valueCount = 0;
    const value = (content) => {
      valueCount += 1;
      expressionValues[`:expValue_${valueCount}`] = typed(content);
      return `:expValue_${valueCount}`;
    };
    const one = (path, operation) => {
      const kind = isObject(operation) ? operation.type : undefined;
      switch (kind) {
        case 'OPERATION_ADD': case 'OPERATION_REPLACE': return sets.push(`${path} = ${value(operation.value)}`);
        case 'OPERATION_INCREMENT': return sets.push(`${path} = ${path} + ${value(operation.by)}`);
        case 'OPERATION_DECREMENT': return sets.push(`${path} = ${path} - ${value(operation.by)}`);
        case 'OPERATION_APPEND': return sets.push(`${path} = list_append(${path}, ${value(operation.items)})`);
        case 'OPERATION_PREPEND': return sets.push(`${path} = list_append(${value(operation.items)}, ${path})`);
        case 'OPERATION_UPDATE_LIST_ITEM': return sets.push(`${path}[${operation.index}] = ${value(operation.value)}`);
        case 'OPERATION_REMOVE': return removes.push(path);
      }
      if (isObject(operation) && !(operation instanceof Date) && Object.keys(operation).length > 0) {
        return walk(operation, `${path}.`);
      }
      return sets.push(`${path} = ${value(operation)}`);
    };
    const walk = (object, prefix) => {
      for (const [name, operation] of Object.entries(object)) {
        count += 1;
        expressionNames[`#expName_${count}`] = name;
        one(`${prefix}#expName_${count}`, operation);
      }
    };
    walk(update, '');
    const parts = [];
    if (sets.length > 0) parts.push(`SET ${sets.join(', ')}`);
    if (removes.length > 0) parts.push(`REMOVE ${removes.join(', ')}`);
    return { expression: parts.join(' '), expressionNames, expressionValues };
  };

  const projection = (names) => {
    const expressionNames = {};
    const path = (name) => name.split('.').map((part) => { expressionNames[`#${part}`] = part; return `#${part}`; }).join('.');
    return { expression: names.map(path).join(', '), expressionNames };
  };
  const condition = (given) => {
    const { expression, expressionNames, expressionValues } = transform.condition(given);
    return { expression, expressionNames, expressionValues };
  };

  /** How each member of a payload goes into a request. What is not named here is refused. */
  const MEMBERS = {
    key: mapValues, item: mapValues, update: updateExpression, projection, condition,
    filter: (given) => transform.filter(given), query: (given) => transform.filter(given),
    customPartitionKey: (v) => v, populateIndexFields: (v) => v, _version: (v) => v, consistentRead: (v) => v,
    limit: (v) => v, nextToken: (v) => v, index: (v) => v, scanIndexForward: (v) => v, select: (v) => v,
    totalSegments: (v) => v, segment: (v) => v, lastSync: (v) => v, basePartitionKey: (v) => v,
    deltaIndexName: (v) => v, returnValuesOnConditionCheckFailure: (v) => v, table: (v) => v,
  };
  const request = (name, operation, members) => (payload) => {
    if (!isObject(payload)) fail(`${name} expects an object.`);
    const out = operation === undefined ? {} : { operation };
    for (const [member, value] of Object.entries(payload)) {
      if (value === undefined || value === null) continue;
      if (!members.includes(member)) fail(`Unsupported key ${member} in ${name}: it takes ${members.join(', ')}.`);
      out[member === 'item' ? 'attributeValues' : member] = MEMBERS[member](value);
    }
    return out;
  };

  const WRITE = ['key', 'condition', 'customPartitionKey', 'populateIndexFields', '_version'];
  const READ = ['filter', 'limit', 'nextToken', 'index', 'consistentRead', 'select', 'projection'];
  const tablesOf = (name, payload) => isObject(payload?.tables) ? Object.entries(payload.tables) : fail(`${name} expects tables.`);
  const batchGet = (payload) => {
    const tables = {};
    for (const [table, given] of tablesOf('batchGet', payload)) {
      const { keys, consistentRead, projection: names } = Array.isArray(given) ? { keys: given } : given;
      tables[table] = {
        keys: keys.map(mapValues),
        ...(consistentRead === undefined ? {} : { consistentRead }),
        ...(names === undefined ? {} : { projection: projection(names) }),
      };
    }
    return { operation: 'BatchGetItem', tables };
  };
  const batchOf = (name, operation) => (payload) => {
    const tables = {};
    for (const [table, items] of tablesOf(name, payload)) tables[table] = items.map(mapValues);
    return { operation, tables };
  };

  const transactGet = (payload) => {
    const one = request('transactGet', undefined, ['table', 'key', 'projection']);
    return { operation: 'TransactGetItems', transactItems: payload.items.map(one) };
  };
  const TRANSACT = ['table', 'key', 'condition', 'returnValuesOnConditionCheckFailure'];
  const ACTIONS = {
    putItem: request('putItem', 'PutItem', [...TRANSACT, 'item']),
    updateItem: request('updateItem', 'UpdateItem', [...TRANSACT, 'update']),
    deleteItem: request('deleteItem', 'DeleteItem', TRANSACT),
    conditionCheck: request('conditionCheck', 'ConditionCheck', TRANSACT),
  };
  const transactWrite = (payload) => {
    const one = (item) => {
      const [[action, given]] = Object.entries(item);
      if (!Object.hasOwn(ACTIONS, action)) fail(`Unsupported key ${action} in transactWrite.`);
      const out = ACTIONS[action](given);
      const { returnValuesOnConditionCheckFailure: returns, ...rest } = out;
      if (returns === undefined || !rest.condition) return rest;
      return { ...rest, condition: { ...rest.condition, returnValuesOnConditionCheckFailure: returns } };
    };
    return { operation: 'TransactWriteItems', transactItems: payload.items.map(one) };
  };

  return {
    helpers,
    module: {
      operations, batchGet, transactGet, transactWrite,
      get: request('get', 'GetItem', ['key', 'consistentRead', 'projection']),
      put: request('put', 'PutItem', [...WRITE, 'item']),
      update: request('update', 'UpdateItem', [...WRITE, 'update']),
      remove: request('remove', 'DeleteItem', WRITE),
      scan: request('scan', 'Scan', [...READ, 'totalSegments', 'segment']),
      query: request('query', 'Query', [...READ, 'query', 'scanIndexForward']),
      sync: request('sync', 'Sync', ['filter', 'limit', 'nextToken', 'lastSync', 'basePartitionKey', 'deltaIndexName']),
      batchPut: batchOf('batchPut', 'BatchPutItem'),
      batchDelete: batchOf('batchDelete', 'BatchDeleteItem'),
    },
  };
})()
