// The module '@aws-appsync/utils/rds': statements built as data, rendered by createPgStatement and
// createMySQLStatement. The texts and messages are the service's own, odd ones included.
(() => {
  const HINTS = ['DATE', 'DECIMAL', 'JSON', 'TIME', 'TIMESTAMP', 'UUID'];
  const COMPARISONS = { eq: '=', ne: '!=', gt: '>', ge: '>=', lt: '<', le: '<=' };
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const isHint = (value) => isObject(value) && HINTS.includes(value.type) && 'value' in value;
  const isSql = (value) => isObject(value) && value.type === 'SQL' && Array.isArray(value.strings);
  const fail = (message) => { throw new Refusal(message); };

  const hintValue = (type, value) => {
    if (!(value instanceof Date)) return value;
    const text = value.toISOString();
    if (type === 'DATE') return text.slice(0, 10);
    return type === 'TIME' ? text.slice(11, 23) : text;
  };
  const typeHint = {};
  for (const type of HINTS) typeHint[type] = (value) => ({ type, value: hintValue(type, value) });

  const sql = (strings, ...values) => {
    if (!Array.isArray(strings) || values.length !== strings.length - 1) {
      fail('java.lang.IllegalArgumentException: Unexpected argument passed to sql tagged template');
    }
    return { type: 'SQL', strings: [...strings], values };
  };

  const builder = (name, keys) => (...args) => {
    if (args.length === 0) fail(`An argument is expected to be passed to ${name}`);
    const properties = args[0];
    if (!isObject(properties)) fail('Expected payload to be an Object.');
    const unknown = Object.keys(properties).find((key) => !keys.includes(key));
    if (unknown !== undefined) fail(`Unsupported key ${unknown} in ${name}: it takes ${keys.join(', ')}.`);
    return { type: name.toUpperCase(), properties };
  };

  /** Renders one createStatement call: placeholders run on across its statements. */
  class Renderer {
    constructor(isMySql) {
      this.isMySql = isMySql;
      this.quote = isMySql ? '`' : '"';
      this.variableMap = {};
      this.variableTypeHintMap = {};
      this.count = 0;
    }

    variable(value) {
      if (value === null || value === undefined) return 'NULL';
      const name = `:P${this.count++}`;
      if (isHint(value)) {
        this.variableMap[name] = value.value;
        this.variableTypeHintMap[name] = value.type;
      } else {
        this.variableMap[name] = value instanceof Date ? value.toISOString() : value;
      }
      return name;
    }

    /** Quotes each segment; a quotation mark inside is doubled, so that no name ends early. */
    name(text) {
      if (text === '*') return text;
      const segment = (part) => this.quote + part.replaceAll(this.quote, this.quote + this.quote) + this.quote;
      return text.split('.').map(segment).join('.');
    }

    table(properties, mayBeFrom) {
      let { table } = properties;
      if (mayBeFrom && properties.from !== undefined && properties.from !== null) {
        if (table !== undefined && table !== null) fail("'from' and 'table' keys cannot be used together");
        table = properties.from;
        if (typeof table !== 'string' && typeof table !== 'object') {
          fail("'from' value is expected to be string or object.");
        }
      }
      if (table === undefined || table === null) fail("'table' or 'from' key is required.");
      if (typeof table === 'string') return this.name(table);
      if (!isObject(table)) fail('table name is expected to be a string or alias.');
      const entries = Object.entries(table);
      if (entries.length > 1) fail('table alias is allowed only one key-value pair.');
      if (entries.length === 0) fail('java.util.NoSuchElementException');
      const [[table_name, alias]] = entries;
      if (typeof alias !== 'string') fail('Table alias value is expected to be a string.');
      return `${this.name(alias)} as ${this.name(table_name)}`;
    }

    columns(columns) {
      if (columns === undefined || columns === null || columns === '*') return '*';
      if (!Array.isArray(columns)) fail('Expected column to be * or an array.');
      if (columns.some((column) => typeof column !== 'string')) fail('Invalid type in column array.');
      return columns.map((column) => this.name(column)).join(', ');
    }

    returning(returning) {
      if (returning === undefined || returning === null) return [];
      const columns = this.columns(returning);
      if (this.isMySql) fail('returning is not supported in MySQL.');
      return ['RETURNING', columns];
    }

    values(values, name) {
      if (values === undefined || values === null) fail(`values are expected to be passed to ${name}`);
      if (!isObject(values)) fail('Expected values to an Object.');
      return Object.entries(values);
    }

    where(where) {
      if (where === undefined || where === null) return [];
      if (isSql(where)) return [`WHERE ${this.sql(where)}`];
      if (!isObject(where)) fail('WHERE values are expected to be SQL templates or a condition object.');
      const text = this.conditions(where);
      return text === '' ? [] : [`WHERE ${text}`];
    }

    conditions(where) {
      const entry = ([key, value]) =>
        key === 'and' || key === 'or' ? this.group(key, value) : this.column(key, value);
      return Object.entries(where).map(entry).join(' AND ');
    }

    group(key, items) {
      if (!Array.isArray(items)) fail(`${key} expects conditions to be an array`);
      const item = (condition) => {
        if (!isObject(condition) || isSql(condition)) fail(`Expected ${key} to be an Object.`);
        const text = this.conditions(condition);
        return text === '' ? '' : `(${text})`;
      };
      return items.map(item).join(` ${key.toUpperCase()} `);
    }

    column(name, condition) {
      if (!isObject(condition)) fail('Expected condition to be an Object.');
      const one = ([operator, value]) => this.comparison(name, operator, value);
      return Object.entries(condition).map(one).join(' AND ');
    }

    comparison(name, operator, value) {
      const place = `${name}.${operator}`;
      const column = this.name(name);
      if (operator === 'between') return this.between(column, `${name}.between`, value);
      if (operator === 'size') return this.size(column, place, value);
      const isLike = ['contains', 'notContains', 'beginsWith'].includes(operator);
      if (!isLike && operator !== 'attributeExists' && !Object.hasOwn(COMPARISONS, operator)) {
        fail(`Unsupported condition ${place}.`);
      }
      if (value === null || value === undefined) fail(`Value for ${place} can't be null.`);
      if (operator === 'attributeExists') {
        if (typeof value !== 'boolean') fail(`${place} expects a boolean value to be passed.`);
        return `${column} IS ${value ? 'NOT ' : ''}NULL`;
      }
      if (!isLike) return `${column} ${COMPARISONS[operator]} ${this.variable(value)}`;
      if (typeof value !== 'string') fail(`${place} expects a string value to be passed.`);
      if (operator === 'notContains') return `${column} NOT LIKE ${this.variable(value)}`;
      return `${column} LIKE ${this.variable(operator === 'contains' ? `%${value}%` : `${value}%`)}`;
    }

    between(left, place, range) {
      if (!Array.isArray(range)) fail(`${place} condition expects an array with length of 2.`);
      if (range.length !== 2) {
        fail(`${place} condition expects an array with 2 values but received an array with length ${range.length}.`);
      }
      return `${left} BETWEEN ${this.variable(range[0])} AND ${this.variable(range[1])}`;
    }

    size(column, place, condition) {
      if (!isObject(condition)) fail(`Expected ${place} to be an Object.`);
      const one = ([operator, value]) => {
        const left = `LENGTH (${column})`;
        if (operator === 'between') return this.between(left, place, value);
        if (!Object.hasOwn(COMPARISONS, operator)) fail(`${place} has invalid size operator.`);
        return `${left} ${COMPARISONS[operator]} ${this.variable(value)}`;
      };
      return Object.entries(condition).map(one).join(' AND ');
    }

    orderBy(orderBy) {
      if (orderBy === undefined || orderBy === null) return [];
      if (!Array.isArray(orderBy)) fail('orderBy expects an array.');
      const item = (order) => {
        if (!isObject(order)) fail('orderBy item expected to be an object.');
        if (typeof order.column !== 'string') fail('orderBy item expected to have property column.');
        const direction = typeof order.dir === 'string' ? order.dir.toUpperCase() : 'ASC';
        if (direction !== 'ASC' && direction !== 'DESC') {
          fail(`orderBy dir can have either ASC or DESC found ${order.dir}.`);
        }
        return `${this.name(order.column)} ${direction}`;
      };
      return orderBy.length === 0 ? [] : [`ORDER BY ${orderBy.map(item).join(', ')}`];
    }

    count_(name, value) {
      if (value === undefined || value === null) return [];
      const isText = typeof value === 'string' && value.trim() !== '';
      const number = typeof value === 'number' || isText ? Number(value) : NaN;
      if (!Number.isFinite(number)) fail(`${name} expects a number.`);
      return [`${name.toUpperCase()} ${this.variable(number)}`];
    }

    sql({ strings, values }) {
      return strings.map((text, index) => (index === 0 ? text : this.variable(values[index - 1]) + text)).join('');
    }

    pieces({ type, properties }) {
      const assignment = ([name, value]) => `${this.name(name)} = ${this.variable(value)}`;
      if (type === 'SELECT') {
        const table = this.table(properties, true);
        return [
          'SELECT', this.columns(properties.columns), 'FROM', table,
          ...this.where(properties.where), ...this.orderBy(properties.orderBy),
          ...this.count_('limit', properties.limit), ...this.count_('offset', properties.offset),
        ];
      }
      const table = this.table(properties, false);
      if (type === 'INSERT') {
        const values = this.values(properties.values, 'insert');
        const names = values.map(([name]) => this.name(name)).join(', ');
        const variables = values.map(([, value]) => this.variable(value)).join(', ');
        return ['INSERT INTO', table, `(${names})`, `VALUES (${variables})`, ...this.returning(properties.returning)];
      }
      if (type === 'UPDATE') {
        const values = this.values(properties.values, 'update').map(assignment).join(', ');
        return ['UPDATE', table, 'SET', values, ...this.where(properties.where), ...this.returning(properties.returning)];
      }
      return ['DELETE FROM', table, ...this.where(properties.where), ...this.returning(properties.returning)];
    }

    statement(statement, caller) {
      if (typeof statement === 'string') return statement;
      if (isSql(statement)) return this.sql(statement);
      const isBuilt = isObject(statement) && ['SELECT', 'INSERT', 'UPDATE', 'REMOVE'].includes(statement.type);
      if (!isBuilt || !isObject(statement.properties)) fail(`Unsupported type is passed as argument to ${caller}`);
      return this.pieces(statement).filter((piece) => piece !== '').join(' ').trimEnd();
    }
  }

  const createStatement = (caller, isMySql) => (...statements) => {
    if (statements.length === 0) fail(`An argument is expected to be passed to ${caller}`);
    if (statements.length > 2) fail(`${caller} takes at most 2 statements.`);
    const renderer = new Renderer(isMySql);
    return {
      statements: statements.map((statement) => renderer.statement(statement, caller)),
      variableMap: renderer.variableMap,
      variableTypeHintMap: renderer.variableTypeHintMap,
    };
  };

  const cell = (value) => {
    if (value.isNull) return undefined;
    const [[kind, inner]] = Object.entries(value);
    return kind === 'arrayValue' ? array(inner) : inner;
  };
  const array = (value) => {
    const [[kind, inner]] = Object.entries(value);
    return kind === 'arrayValues' ? inner.map(array) : inner;
  };
  const row = (metadata) => (record) => {
    const object = {};
    record.forEach((value, index) => {
      const content = cell(value);
      const { label, name } = metadata[index];
      if (content !== undefined) object[label ?? name] = content;
    });
    return object;
  };
  /** The rows of each statement by their columns' labels; a statement without rows gives one empty row. */
  const toJsonObject = (text) => {
    const { sqlStatementResults } = typeof text === 'string' ? JSON.parse(text) : text;
    return sqlStatementResults.map(({ records, columnMetadata }) => records?.map(row(columnMetadata ?? [])) ?? [{}]);
  };

  return {
    module: {
      sql, typeHint, toJsonObject,
      createPgStatement: createStatement('createPgStatement', false),
      createMySQLStatement: createStatement('createMySQLStatement', true),
      select: builder('select', ['table', 'from', 'columns', 'where', 'orderBy', 'limit', 'offset']),
      insert: builder('insert', ['table', 'from', 'values', 'returning']),
      update: builder('update', ['table', 'from', 'values', 'where', 'returning']),
      remove: builder('remove', ['table', 'from', 'where', 'returning']),
    },
    toJsonObject,
  };
})()
