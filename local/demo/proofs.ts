// Proves that every line became what it should. Pure: turns the evidence of all Regions into a list of proofs.
import { pendingPrefix, rejectedPrefix } from '../../functions/shared/keys.ts';
import type { RegionEvidence, SourceReport } from './evidence.ts';
import { judgeHistory } from './judge-history.ts';
import type { Proof } from './result.ts';

type Evidence = Record<string, RegionEvidence>;

/** Faults to show per kind. The rest is only counted. */
const shownFaults = 5;

export function prove(evidence: Evidence): Proof[] {
  return [
    everyLine(evidence),
    ownRows(evidence),
    sameRows(evidence),
    history(evidence),
    prefixes(evidence),
    onceMore(evidence),
  ];
}

function everyLine(evidence: Evidence): Proof {
  const faults: string[] = [];
  let files = 0;
  let beyond = 0;
  let unread = 0;
  const sum = { lines: 0, inserted: 0, alreadyPresent: 0, rejected: 0, blank: 0 };
  for (const [region, { files: uploaded, reports }] of Object.entries(evidence)) {
    for (const { name, expected, made } of uploaded) {
      files++;
      const own = reportsOf(name, reports);
      const totals = totalsOf(own[0]);
      const fault = (text: string) => faults.push(`${region} ${name}: ${text}`);
      if (own.length !== 1) fault(`${own.length} reports`);
      else if (!totals) fault(`${own[0]?.outcome}: ${own[0]?.reason}`);
      else {
        const { lines, inserted, alreadyPresent, rejected, blank } = totals;
        const accounted = inserted + alreadyPresent + rejected + blank;
        if (lines !== accounted) fault(`${lines} lines, but ${accounted} accounted for`);
        for (const name of ['lines', 'inserted', 'alreadyPresent', 'rejected', 'blank'] as const)
          sum[name] += totals[name];
        if (expected === null) {
          unread++;
          continue;
        }
        if (lines !== expected.lines) fault(`${lines} lines, but the file has ${expected.lines}`);
        const forValues = made ? 0 : rejectedForValues(totals.rejectedByReason);
        beyond += forValues;
        if (rejected - forValues !== expected.rejected)
          fault(`${rejected} rejected, expected ${expected.rejected + forValues}`);
        if (blank !== expected.blank) fault(`${blank} blank, expected ${expected.blank}`);
      }
    }
  }
  return proof(
    'Every line of every file is accounted for',
    faults,
    `${n(sum.lines)} lines in ${n(files)} files = ${n(sum.inserted)} inserted + ${n(sum.alreadyPresent)} already present + ${n(sum.rejected)} rejected + ${n(sum.blank)} blank; an independent reading counts the same${beyond === 0 ? '' : `, but for ${n(beyond)} records that were rejected for a value that no column can hold`}${unread === 0 ? '' : `; it does not read the format of ${n(unread)} files`}`,
  );
}

/** The independent reading does not check values. So it does not know records that were rejected because of one, such as `too-long:summary`. */
const rejectedForValues = (reasons: Record<string, number>) =>
  Object.entries(reasons).reduce((sum, [reason, count]) => {
    const structural = /^(malformed-json|not-an-object|missing:.*)$/.test(reason);
    return structural ? sum : sum + count;
  }, 0);

function ownRows(evidence: Evidence): Proof {
  const faults: string[] = [];
  const seen: string[] = [];
  for (const [region, { reports, contents }] of Object.entries(evidence)) {
    const ingested = sumOf(reports, 'inserted');
    const rows = contents.rowsByRegionIndicator[region] ?? 0;
    if (rows !== ingested) faults.push(`${region} reports ${n(ingested)} rows inserted and sees ${n(rows)} of its own`);
    for (const indicator of Object.keys(contents.rowsByRegionIndicator)) {
      if (!(indicator in evidence)) faults.push(`${region} sees rows of '${indicator}'`);
    }
    seen.push(`${region} ${n(rows)}`);
  }
  return proof('Each Region sees as many of its rows as it ingested', faults, seen.join(', '));
}

function sameRows(evidence: Evidence): Proof {
  const sides = Object.entries(evidence).map(([region, { contents }]) => ({ region, ...contents }));
  const same = new Set(sides.map(({ rows, checksum }) => `${rows} ${checksum}`)).size === 1;
  const detail = sides.map(({ region, rows, checksum }) => `${region}: ${n(rows)} rows, checksum ${checksum}`);
  return proof(
    'Both Regions hold the same rows',
    same ? [] : detail,
    `${n(sides[0]?.rows ?? 0)} rows on each side, checksum over every column ${sides[0]?.checksum}`,
  );
}

/** Each Region sees the history of the files of both, after the first pass and after the second. */
function history(evidence: Evidence): Proof {
  const faults: string[] = [];
  const files = new Set<string>();
  for (const [region, own] of Object.entries(evidence)) {
    for (const [seenIn, other] of Object.entries(evidence)) {
      for (const [reports, contents] of [
        [own.reports, other.contents],
        [own.again.reports, other.again.contents],
      ] as const) {
        for (const report of reports) {
          const { sourceId, key } = report.source;
          files.add(sourceId);
          const found = judgeHistory(region, report, contents.history[sourceId]);
          faults.push(...found.map((text) => `${seenIn} sees of ${key}: ${text}`));
        }
      }
    }
  }
  return proof(
    'load_history says of every file what its report says',
    faults,
    `${n(files.size)} files, the same state and counts in both Regions`,
  );
}

function prefixes(evidence: Evidence): Proof {
  const faults: string[] = [];
  let completed = 0;
  let rejectedObjects = 0;
  for (const [region, { files, reports, listing, rejectedLines }] of Object.entries(evidence)) {
    const fault = (text: string) => faults.push(`${region}: ${text}`);
    if (listing.pending.length > 0) fault(`still pending: ${list(listing.pending)}`);
    if (listing.failed.length > 0) {
      fault(`failed: ${list(listing.failed.map((name) => `${name} (${reportsOf(name, reports)[0]?.reason})`))}`);
    }
    const uploaded = new Set(files.map(({ name }) => name));
    const missing = [...uploaded].filter((name) => !listing.completed.includes(name));
    const unknown = listing.completed.filter((name) => !uploaded.has(name));
    if (missing.length > 0) fault(`not in completed/: ${list(missing)}`);
    if (unknown.length > 0) fault(`in completed/ without having been uploaded: ${list(unknown)}`);
    const folders = new Set(listing.rejected.map((key) => rejectedPrefix + key.slice(0, key.lastIndexOf('/') + 1)));
    for (const { source, totals, rejectedPrefix: folder } of reports) {
      const rejected = totals?.rejected ?? 0;
      if (folders.delete(folder) !== rejected > 0)
        fault(`${source.key}: ${rejected} rejected does not fit what is under ${folder}`);
    }
    if (folders.size > 0) fault(`rejected records without a report: ${list([...folders])}`);
    const rejected = reports.reduce((sum, { totals }) => sum + (totals?.rejected ?? 0), 0);
    if (rejectedLines !== rejected) fault(`${n(rejectedLines)} records under rejected/, ${n(rejected)} reported`);
    completed += listing.completed.length;
    rejectedObjects += listing.rejected.length;
  }
  return proof(
    'The prefixes hold what they should',
    faults,
    `pending and failed empty, ${n(completed)} files in completed/, rejected records in ${n(rejectedObjects)} objects`,
  );
}

function onceMore(evidence: Evidence): Proof {
  const faults: string[] = [];
  let files = 0;
  for (const [region, { files: uploaded, reports, contents, again }] of Object.entries(evidence)) {
    const fault = (text: string) => faults.push(`${region}: ${text}`);
    const inserted = sumOf(again.reports, 'inserted');
    if (inserted > 0) fault(`${n(inserted)} reported as inserted`);
    if (again.contents.rows !== contents.rows)
      fault(`${n(contents.rows)} rows before, ${n(again.contents.rows)} after`);
    if (again.contents.checksum !== contents.checksum) fault('the rows changed');
    if (again.listing.pending.length > 0) fault(`still pending: ${list(again.listing.pending)}`);
    for (const { name } of uploaded) {
      // A file that did not complete is a fault in the proofs above, and was not ingested again.
      if (!totalsOf(reportsOf(name, reports)[0])) continue;
      files++;
      const present = reportsOf(name, again.reports)[0]?.totals?.alreadyPresent;
      const before = sumOf(reportsOf(name, reports), 'inserted') + sumOf(reportsOf(name, reports), 'alreadyPresent');
      if (present !== before) fault(`${name}: ${present} already present, expected ${before}`);
    }
  }
  return proof(
    'Ingesting everything once more adds no row',
    faults,
    `${n(files)} files again, 0 rows inserted, nothing changed`,
  );
}

const proof = (name: string, faults: string[], detail: string): Proof => ({
  name,
  ok: faults.length === 0,
  detail: faults.length === 0 ? detail : list(faults, '\n'),
});

const reportsOf = (name: string, reports: SourceReport[]) =>
  reports.filter(({ source }) => source.key === pendingPrefix + name);

/** Of a completed file. A failed file has no rows, although lines were counted in it. */
const totalsOf = (report: SourceReport | undefined) => (report?.outcome === 'completed' ? report.totals : null);

export const sumOf = (reports: SourceReport[], count: 'lines' | 'inserted' | 'alreadyPresent' | 'rejected' | 'blank') =>
  reports.reduce((sum, report) => sum + (totalsOf(report)?.[count] ?? 0), 0);

const n = (value: number) => value.toLocaleString('en-US');

function list(items: string[], separator = ', '): string {
  const shown = items.slice(0, shownFaults).join(separator);
  return items.length > shownFaults ? `${shown}${separator}and ${items.length - shownFaults} more` : shown;
}
