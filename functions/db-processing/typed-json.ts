// Reads the plain values of JSON in which each value has its type, as DynamoDB and MongoDB export it.

type Fields = Record<string, unknown>;

/** No column takes JSON that is nested deeper. */
const maxDepth = 100;
/** Stands for a value that is nested too deeply. It fits no column. */
const tooDeep = Symbol('too deep');

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member of an object, if it has only one. */
function onlyMember(value: unknown): [string, unknown] | null {
  if (!isFields(value)) return null;
  let only: [string, unknown] | null = null;
  for (const name in value) {
    if (only) return null;
    only = [name, value[name]];
  }
  return only;
}

/** DynamoDB's letters, in upper case; older exports write them in lower case, and `nULLValue`. */
export const dynamoTypes: ReadonlySet<string> = new Set([
  'S',
  'N',
  'B',
  'BOOL',
  'NULL',
  'NULLVALUE',
  'M',
  'L',
  'SS',
  'NS',
  'BS',
]);

const isDynamoValue = (value: unknown) => {
  const member = onlyMember(value);
  return member !== null && dynamoTypes.has(member[0].toUpperCase());
};

function isDynamoItem(fields: Fields): boolean {
  let some = false;
  for (const name in fields) {
    if (!isDynamoValue(fields[name])) return false;
    some = true;
  }
  return some;
}

/** The fields of a DynamoDB item, and whether `Item` was around it. Null for any other record. */
export function dynamoItem(record: Fields): { fields: Fields; inItem: boolean } | null {
  const member = onlyMember(record);
  if (member && member[0].toUpperCase() === 'ITEM' && isFields(member[1]) && isDynamoItem(member[1])) {
    return { fields: member[1], inItem: true };
  }
  return isDynamoItem(record) ? { fields: record, inItem: false } : null;
}

/** The plain value. Numbers stay as text at the top, so that none loses a digit. */
export function dynamoValue(typed: unknown, depth = 0): unknown {
  if (depth > maxDepth) return tooDeep;
  const member = onlyMember(typed);
  if (!member) return typed;
  const [type, value] = member;
  switch (type.toUpperCase()) {
    case 'N':
      return depth === 0 ? value : numberOr(value);
    case 'NULL':
    case 'NULLVALUE':
      return null;
    case 'M':
      return isFields(value) ? mapFields(value, (inner) => dynamoValue(inner, depth + 1)) : value;
    case 'L':
      return Array.isArray(value) ? value.map((inner) => dynamoValue(inner, depth + 1)) : value;
    case 'NS':
      return Array.isArray(value) ? value.map(numberOr) : value;
    default:
      return value;
  }
}

const mongoNumbers = ['$numberInt', '$numberLong', '$numberDouble', '$numberDecimal'];
/** Names that MongoDB gives to a value's type. */
export const mongoTypes: ReadonlySet<string> = new Set([...mongoNumbers, '$oid', '$date']);

/** A value in which MongoDB's extended JSON, such as `{"$numberLong": "5"}`, is the plain one. */
export function plainValue(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return tooDeep;
  if (Array.isArray(value)) {
    return value.some((item) => typeof item === 'object') ? value.map((item) => plainValue(item, depth + 1)) : value;
  }
  const member = onlyMember(value);
  if (member && mongoTypes.has(member[0])) {
    const [type, inner] = member;
    if (type === '$oid') return inner;
    if (type === '$date') return plainValue(inner, depth + 1);
    return depth === 0 ? inner : numberOr(inner);
  }
  return mapFields(value as Fields, (inner) => plainValue(inner, depth + 1));
}

/** The number of a text, if it loses no digit. */
function numberOr(value: unknown): unknown {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : value;
}

function mapFields(fields: Fields, change: (value: unknown) => unknown): Fields {
  let changed: Fields | null = null;
  for (const name in fields) {
    const value = change(fields[name]);
    if (value === fields[name]) continue;
    // A field may have the name __proto__.
    changed ??= Object.assign(Object.create(null), fields) as Fields;
    changed[name] = value;
  }
  return changed ?? fields;
}
