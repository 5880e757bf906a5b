// The tables of docs/formats.md, as functions/shared/record-formats.ts has them.
import {
  type Column,
  columnNames,
  columns,
  definitionOf,
  type FormatField,
  recordFormats,
} from '../../functions/shared/record-formats.ts';

const code = (text: string) => `\`${text}\``;
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
const nameOf = (field: FormatField) =>
  typeof field === 'string' ? code(field) : `${code(field.votesOfAll)} (with all votes)`;

/** A row for each format: how it is told, and what it fills. */
export function formatTable(): string {
  const rows = recordFormats.map(({ name, title, identifiedBy, fields, withoutColumn }) => {
    const told = identifiedBy.map((some) => some.map(code).join(' or ')).join(', ');
    const filled = columnNames.flatMap((column) => {
      const names = fields[column]?.map(nameOf) ?? [];
      return names.length > 0 && names.join() !== code(column) ? [`${code(column)}: ${names.join(', ')}`] : [];
    });
    return row(
      code(name),
      title,
      told,
      filled.join('; ') || 'each column by its own name',
      withoutColumn.map(code).join(', ') || 'none',
    );
  });
  return [
    row('format', 'what it is', 'a record has it with', 'column: fields', 'known fields without a column'),
    row('---', '---', '---', '---', '---'),
    ...rows,
  ].join('\n');
}

const kinds: Record<(typeof columns)[number]['kind'], string> = {
  id: 'text, or a whole number up to 2^53',
  text: 'text',
  count: 'a whole number from 0 on, also as text (`"1,204"`)',
  rating: 'a number from 0 to 5, also as text',
  seconds: 'a time: seconds, milliseconds or microseconds, or a date',
  boolean: '`true`, `1`, `"Y"`, `"yes"`, `"t"` and their opposites, in any case',
  object: 'an object, also as JSON in a text',
  list: 'a list, also as JSON in a text; a single value is a list of one',
  fields: 'every field that has no column, and every value that does not fit its own',
};

function boundOf(column: Column): string {
  const { maxCharacters, maxBytes } = definitionOf(column);
  if (maxCharacters) return `${maxCharacters} characters`;
  return maxBytes ? `${maxBytes.toLocaleString('en-US')} bytes` : '';
}

/** A row for each column: what it takes. */
export function columnTable(): string {
  const rows = columns.map(({ name, kind }) =>
    row(code(name), `${kinds[kind]}${definitionOf(name).required ? '; required' : ''}`, boundOf(name)),
  );
  return [row('column', 'takes', 'at most'), row('---', '---', '---'), ...rows].join('\n');
}
