// Writes a table of text cells. Cells with markup say so.
import { escapeHtml } from './escape-html.ts';

/** HTML of this service, with all data escaped. */
export interface Markup {
  markup: string;
}
export type Cell = string | Markup;

export const markup = (text: string): Markup => ({ markup: text });
export const htmlOf = (cell: Cell): string => (typeof cell === 'string' ? escapeHtml(cell) : cell.markup);

export interface Row {
  /** The first is the row's heading. */
  cells: Cell[];
  className?: 'all' | 'strong';
}

/** Puts the table in a box that scrolls if the page is too narrow. */
export function table(caption: string, head: Cell[], rows: Row[]): string {
  const heading = head.map((cell) => `<th scope="col">${htmlOf(cell)}</th>`).join('');
  const body = rows
    .map(({ cells: [first = '', ...others], className }) => {
      const cells = others.map(
        (cell) =>
          `<td${typeof cell !== 'string' && cell.markup.startsWith('<svg') ? ' class="bar"' : ''}>${htmlOf(cell)}</td>`,
      );
      return `<tr${className ? ` class="${className}"` : ''}><th scope="row">${htmlOf(first)}</th>${cells.join('')}</tr>`;
    })
    .join('\n');
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table>
<thead><tr>${heading}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}

/** The numbers of a chart, shown on demand. */
export const numbers = (content: string) => `<details><summary>The numbers</summary>${content}</details>`;
