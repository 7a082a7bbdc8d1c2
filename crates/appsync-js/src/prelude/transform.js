// util.transform: filters as GraphQL clients write them, turned into expressions and queries.
(() => {
  const fail = (message) => { throw new Refusal(message); };
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const typed = (value) => dynamodbTyped(value);
  const COMPARISONS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' };

  /** A DynamoDB expression; each value is named after its field and operator. */
  class Expression {
    expressionNames = {};
    expressionValues = {};

    value(field, operator, value) {
      let name = `:${field.replaceAll('.', '_')}_${operator}`;
      for (let count = 1; Object.hasOwn(this.expressionValues, name); count++) {
        name = `:${field.replaceAll('.', '_')}_${operator}_${count}`;
      }
      this.expressionValues[name] = typed(value);
      return name;
    }

    name(field) {
      return field.split('.').map((part) => { this.expressionNames[`#${part}`] = part; return `#${part}`; }).join('.');
    }

    /** Several items as one group, in a list; an item that is one group already stays it, for DynamoDB refuses `((…))`. */
    joined(items, joint) {
      if (items.length === 0) return [];
      if (items.length === 1 && items[0].length <= 1) return items[0];
      return [`(${items.map((item) => item.join(' AND ')).join(joint)})`];
    }

    /** What all members come to, each in its parentheses; to be joined by AND. */
    groups(filter) {
      if (!isObject(filter)) fail('A filter is expected to be an Object.');
      const parts = [];
      for (const [field, condition] of Object.entries(filter)) {
        if (field === 'and' || field === 'or') {
          if (!Array.isArray(condition)) fail(`${field} expects conditions to be an array`);
          const items = condition.map((item) => this.groups(item)).filter((item) => item.length > 0);
          parts.push(...this.joined(items, ` ${field.toUpperCase()} `));
        } else if (field === 'not') {
          parts.push(...this.joined([this.groups(condition)], ' AND ').map((inner) => `(NOT ${inner})`));
        } else {
          if (!isObject(condition)) fail(`Expected the condition of ${field} to be an Object.`);
          for (const [operator, value] of Object.entries(condition)) {
            parts.push(`(${this.comparison(field, operator, value)})`);
          }
        }
      }
      return parts;
    }

    comparison(field, operator, value) {
      const name = this.name(field);
      if (Object.hasOwn(COMPARISONS, operator)) {
        return `${name} ${COMPARISONS[operator]} ${this.value(field, operator, value)}`;
      }
      switch (operator) {
        case 'contains': return `contains(${name},${this.value(field, operator, value)})`;
        case 'notContains': return `NOT contains(${name},${this.value(field, operator, value)})`;
        case 'beginsWith': return `begins_with(${name},${this.value(field, operator, value)})`;
        case 'attributeExists': return value ? `attribute_exists(${name})` : `attribute_not_exists(${name})`;
        case 'attributeType': return `attribute_type(${name},${this.value(field, operator, value)})`;
        case 'in': return `${name} IN (${value.map((item, at) => this.value(field, `in_${at + 1}`, item)).join(',')})`;
        case 'between':
          if (!Array.isArray(value) || value.length !== 2) fail(`${field}.between expects an array with length of 2.`);
          return `${name} BETWEEN ${this.value(field, 'between_1', value[0])} AND ${this.value(field, 'between_2', value[1])}`;
        case 'size': {
          const one = ([inner, operand]) => Object.hasOwn(COMPARISONS, inner)
            ? `size(${name}) ${COMPARISONS[inner]} ${this.value(field, `size_${inner}`, operand)}`
            : fail(`${field}.size has invalid size operator.`);
          return Object.entries(value).map(one).join(' AND ');
        }
      }
      return fail(`Unsupported condition ${field}.${operator}.`);
    }
  }
  const dynamodb = (filter) => {
    const out = new Expression();
    const expression = out.groups(filter).join(' AND ');
    return { expression, expressionNames: out.expressionNames, expressionValues: out.expressionValues };
  };

  const leaf = (field, operator, value) => {
    switch (operator) {
      case 'eq': return { term: { [field]: value } };
      case 'ne': return { bool: { must_not: [{ term: { [field]: value } }] } };
      case 'range': return { range: { [field]: { gte: value[0], lte: value[1] } } };
      case 'gt': case 'gte': case 'lt': case 'lte': return { range: { [field]: { [operator]: value } } };
      case 'match': return { match: { [field]: value } };
      case 'matchPhrase': return { match_phrase: { [field]: value } };
      case 'matchPhrasePrefix': return { match_phrase_prefix: { [field]: value } };
      case 'multiMatch': return { multi_match: value };
      case 'exists': return value ? { exists: { field } } : { bool: { must_not: [{ exists: { field } }] } };
      case 'wildcard': case 'regexp': return { [operator]: { [field]: value } };
    }
    return fail(`Unsupported condition ${field}.${operator}.`);
  };
  const query = (filter) => {
    const must = [];
    for (const [field, condition] of Object.entries(filter)) {
      if (field === 'and') must.push({ bool: { must: condition.map(query) } });
      else if (field === 'or') must.push({ bool: { should: condition.map(query) } });
      else if (field === 'not') must.push({ bool: { must_not: [query(condition)] } });
      else must.push({ bool: { must: Object.entries(condition).map(([operator, value]) => leaf(field, operator, value)) } });
    }
    return must.length === 1 ? must[0] : { bool: { must } };
  };

  /** Filter groups are joined by OR, the filters of a group by AND: the filter in disjunctive form. */
  const GROUPS_MAX = 10;
  const groups = (filter, ignored) => {
    let out = [[]];
    const product = (more) => {
      out = out.flatMap((left) => more.map((right) => [...left, ...right]));
      if (out.length > GROUPS_MAX) fail(`A subscription filter has at most ${GROUPS_MAX} filter groups.`);
    };
    for (const [field, condition] of Object.entries(filter ?? {})) {
      if (ignored.includes(field)) continue;
      if (field === 'and') for (const item of condition) product(groups(item, ignored));
      else if (field === 'or') product(condition.flatMap((item) => groups(item, ignored)));
      else product([Object.entries(condition).map(([operator, value]) => ({ fieldName: field, operator, value }))]);
    }
    return out;
  };
  const subscription = (filter, ignoredFields, rules) => {
    let found = groups(filter, ignoredFields ?? []);
    if (rules) found = found.flatMap((left) => groups(rules, []).map((right) => [...left, ...right]));
    return { filterGroup: found.filter((filters) => filters.length > 0).map((filters) => ({ filters })) };
  };

  return {
    filter: dynamodb,
    condition: dynamodb,
    helpers: {
      toDynamoDBFilterExpression: (filter) => JSON.stringify(dynamodb(filter)),
      toDynamoDBConditionExpression: (filter) => JSON.stringify(dynamodb(filter)),
      toElasticsearchQueryDSL: (filter) => JSON.stringify(query(filter)),
      toSubscriptionFilter: (filter, ignored, rules) => JSON.stringify(subscription(filter, ignored, rules)),
    },
  };
})()
