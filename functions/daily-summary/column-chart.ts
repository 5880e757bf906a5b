// Draws a chart of stacked columns as SVG text, with one segment per series. Colours come from the page's style: `.s0`, `.s1`, ...
import { escapeHtml } from './escape-html.ts';
import { shortNumber, wholeNumber } from './numbers.ts';

export interface ColumnChart {
  /** Unique in the page. */
  id: string;
  /** A class in addition to `chart`, for the page's style. */
  className?: string;
  title: string;
  /** A description for people who do not see the chart. */
  description: string;
  /** Names from the bottom of the stack to its top. */
  series: string[];
  columns: {
    /** Below the column. */
    label: string;
    /** The same, where there is little room. */
    briefLabel?: string;
    /** What the tooltip calls it. */
    name: string;
    /** One value per series. */
    values: number[];
    isEmphasized?: boolean;
  }[];
  width: number;
}

const height = 250;
const margin = { top: 24, right: 14, bottom: 30, left: 46 };
const maxColumnWidth = 56;
const gap = 2;
const radius = 4;
/** A letter or digit of the labels, in the widest of the usual fonts. */
const characterWidth = 7.4;

/** Round values from 0 to at least `most`, in at most four steps. Exported for its test. */
export function ticks(most: number): number[] {
  const rough = Math.max(most, 1) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  // Counts have no fractions.
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((one) => one >= rough) ?? rough);
  const whole = Number.isInteger(step) ? step : Math.ceil(step);
  return Array.from({ length: Math.ceil(Math.max(most, 1) / whole) + 1 }, (_, i) => i * whole);
}

export function columnChart({ id, className, title, description, series, columns, width }: ColumnChart): string {
  const sums = columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const scale = ticks(Math.max(0, ...sums));
  const top = scale.at(-1) as number;
  const plot = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const y = (value: number) => margin.top + plot.height * (1 - value / top);
  const slot = plot.width / columns.length;
  const columnWidth = Math.min(maxColumnWidth, slot * 0.66);
  const parts: string[] = [];
  const labelsApart = columnsApart(
    columns.map(({ label }) => label),
    slot,
  );
  const valuesApart = columnsApart(sums.map(shortNumber), slot);
  // If there is no room for all labels, take every nth, counted from the last. Of the values, take the most important.
  const isLabelled = (index: number) => (columns.length - 1 - index) % labelsApart === 0;
  const valued = valuesApart === 1 ? columns.map((_, index) => index) : mattering(columns, sums, valuesApart);

  for (const tick of scale) {
    parts.push(
      `<line class="${tick === 0 ? 'base' : 'grid'}" x1="${margin.left}" x2="${width - margin.right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/>`,
    );
    parts.push(
      `<text class="tick" x="${margin.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${shortNumber(tick)}</text>`,
    );
  }
  for (const [index, { label, name, values, isEmphasized }] of columns.entries()) {
    const centre = margin.left + slot * (index + 0.5);
    const emphasis = isEmphasized ? ' strong' : '';
    let below = 0;
    let drawnTo = y(0);
    const last = values.findLastIndex((value) => value > 0);
    for (const [which, value] of values.entries()) {
      if (value === 0) continue;
      const bottomY = Math.min(y(below), drawnTo) - (below === 0 ? 0 : gap);
      // Draw a small value so that people see it.
      const topY = Math.min(y(below + value), bottomY - 1);
      below += value;
      drawnTo = topY;
      const tooltip = `${name}, ${series[which]}: ${wholeNumber(value)}`;
      const shape = segment(centre - columnWidth / 2, topY, columnWidth, bottomY - topY, which === last);
      parts.push(`<path class="mark s${which}" d="${shape}"><title>${escapeHtml(tooltip)}</title></path>`);
    }
    const sum = sums[index] as number;
    if (sum > 0 && valued.includes(index)) {
      parts.push(
        `<text class="value${emphasis}" x="${at(centre)}" y="${at(drawnTo - 7)}" text-anchor="middle">${shortNumber(sum)}</text>`,
      );
    }
    if (isLabelled(index)) {
      parts.push(
        `<text class="tick${emphasis}" x="${at(centre)}" y="${height - 9}" text-anchor="middle">${escapeHtml(label)}</text>`,
      );
    }
  }
  if (sums.every((sum) => sum === 0)) {
    parts.push(
      `<text class="nothing" x="${margin.left + plot.width / 2}" y="${margin.top + plot.height / 2}" text-anchor="middle">No reviews</text>`,
    );
  }
  return `<svg class="${['chart', className].filter(Boolean).join(' ')}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description"><title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-description">${escapeHtml(description)}</desc>${parts.join('')}</svg>`;
}

/** The distance in columns at which texts do not touch, with one text per column. */
function columnsApart(texts: string[], slot: number): number {
  const widths = texts.map(({ length }) => length * characterWidth);
  const touches = (apart: number) =>
    widths.some((width, i) => (width + (widths[i + apart] ?? 0)) / 2 + 5 > slot * apart);
  let apart = 1;
  while (apart < texts.length && touches(apart)) apart += 1;
  return apart;
}

/** Indexes of the emphasized columns and of the highest one, without one that would touch another. */
function mattering(columns: ColumnChart['columns'], sums: number[], apart: number): number[] {
  const emphasized = columns.flatMap(({ isEmphasized }, index) => (isEmphasized ? [index] : []));
  const highest = sums.indexOf(Math.max(...sums));
  const isFree = emphasized.every((index) => Math.abs(index - highest) >= apart);
  return isFree ? [...emphasized, highest] : emphasized;
}

/** A box. At the top of its column it has round upper corners. */
function segment(x: number, y: number, width: number, height: number, isTop: boolean): string {
  const r = isTop ? Math.min(radius, height, width / 2) : 0;
  return `M${at(x)} ${at(y + height)}V${at(y + r)}q0 ${at(-r)} ${at(r)} ${at(-r)}H${at(x + width - r)}q${at(r)} 0 ${at(r)} ${at(r)}V${at(y + height)}Z`;
}

/** Coordinates need no more digits than a screen has pixels. */
const at = (value: number) => String(Math.round(value * 10) / 10);
