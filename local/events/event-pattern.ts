// Checks whether an event matches the pattern of an EventBridge rule.

/** One way to match a value: a literal, or an object with one operator. EventBridge takes a list of affixes within `anything-but` only. */
function matches(matcher: unknown, value: unknown, path: string): boolean {
  if (matcher === null || typeof matcher !== 'object') return matcher === value;
  const [[operator, operand] = ['', undefined]] = Object.entries(matcher);
  switch (operator) {
    case 'prefix':
      return typeof value === 'string' && listed(operand).some((start) => value.startsWith(String(start)));
    case 'suffix':
      return typeof value === 'string' && listed(operand).some((end) => value.endsWith(String(end)));
    case 'exists':
      return (value !== undefined) === operand;
    case 'anything-but':
      return value !== undefined && !listed(operand).some((item) => matches(item, value, path));
    default:
      throw new Error(`event pattern: the simulation does not know ${operator} at ${path}`);
  }
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Every field of the pattern must match one of its matchers. @throws {Error} naming an operator that is not known. */
export function matchesPattern(pattern: Record<string, unknown>, event: unknown, path = ''): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const value = (event as Record<string, unknown> | undefined)?.[field];
    const here = `${path}.${field}`;
    if (Array.isArray(expected)) {
      return expected.some((matcher) => listed(value).some((item) => matches(matcher, item, here)));
    }
    return matchesPattern(expected as Record<string, unknown>, value, here);
  });
}

/** The key prefix of a rule on S3 events. '' if there is none, or if there are several. */
export function keyPrefixOf(pattern: Record<string, unknown>): string {
  const keys = (pattern as { detail?: { object?: { key?: unknown } } }).detail?.object?.key;
  const prefixes = listed(keys).flatMap((matcher) =>
    matcher !== null && typeof matcher === 'object' && 'prefix' in matcher ? [String(matcher.prefix)] : [],
  );
  return prefixes.length === 1 ? (prefixes[0] ?? '') : '';
}
