// What a Pipe makes of a queue's record before it hands it on.
import { parseJson } from '../../functions/shared/parse-json.ts';

/** `<$.body.a.b>` becomes the JSON of that value. A Pipe reads a record's body, where it is JSON, as if it were part of the record. */
export function applyInputTemplate(template: string | null, record: { body: string }): unknown {
  if (template === null) return record;
  const parsed = { ...record, body: parseJson(record.body) };
  const filled = template.replaceAll(/<\$\.([\w.-]+)>/g, (_, path: string) => {
    let value: unknown = parsed;
    for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
    return JSON.stringify(value ?? '');
  });
  return parseJson(filled);
}
