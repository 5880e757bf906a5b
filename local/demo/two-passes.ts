// The two passes of the demo and the pipeline tests: ingest everything, check, ingest everything once more, and check again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RegionEvidence, UploadedFile } from './evidence.ts';
import { ingest, type PassEnd, type PassOptions } from './ingest.ts';
import type { Scope } from './interruption.ts';
import { prove, sumOf } from './proofs.ts';
import type { Lag, Proof, RegionFigures } from './result.ts';
import { type Contents, readContents, withDatabase } from './rows.ts';
import type { LocalRegion, TwoRegions } from './two-regions.ts';

export type FilesByRegion = Record<string, UploadedFile[]>;

/** Replication continues after an ingest's back; so long it may take, on top of the lag that was asked for. */
const catchUpMs = 60_000;

export interface FirstPass {
  figures: Record<string, RegionFigures>;
  lagMs: Lag;
  /** The result of the first pass. The second pass completes it. */
  found: Record<string, Omit<RegionEvidence, 'again'>>;
}

export async function firstPass(
  { regions, globalDatabase }: TwoRegions,
  files: FilesByRegion,
  options: Pick<PassOptions, 'advance' | 'onFailure'> & { scope: Scope },
): Promise<FirstPass> {
  const { scope, ...rest } = options;
  globalDatabase.resetLag();
  const ends = await pass(regions, files, scope, {
    ...rest,
    upload: ({ bucket }, { name, path, sizeBytes }) => bucket.upload(name, path, sizeBytes),
  });
  const { p50, p99, max } = globalDatabase.replicationLag();
  const contents = await scope.unlessInterrupted(contentsOnceEqual(regions, scope.signal));
  const figures: FirstPass['figures'] = {};
  const found: FirstPass['found'] = {};
  for (const { name, role, bucket } of regions) {
    const { durationMs, outcomes } = ends[name] as PassEnd;
    const own = {
      files: files[name] ?? [],
      reports: await bucket.reports(),
      listing: await bucket.listing(),
      rejectedLines: await bucket.rejectedLines(),
      contents: contents[name] as Contents,
    };
    const sum = (count: 'lines' | 'inserted' | 'alreadyPresent' | 'rejected' | 'blank') => sumOf(own.reports, count);
    found[name] = own;
    figures[name] = {
      role: role(),
      sources: own.files.length,
      lines: sum('lines'),
      inserted: sum('inserted'),
      alreadyPresent: sum('alreadyPresent'),
      rejected: sum('rejected'),
      blank: sum('blank'),
      durationMs,
      rowsPerSecond: durationMs === 0 ? 0 : Math.round((sum('inserted') * 1000) / durationMs),
      outcomes,
    };
  }
  return { figures, lagMs: { p50, p99, max }, found };
}

/** Puts every completed file back in its place, and runs all proofs. */
export async function secondPass(
  { regions }: TwoRegions,
  files: FilesByRegion,
  { found }: FirstPass,
  options: Pick<PassOptions, 'onFailure'> & { scope: Scope },
): Promise<Proof[]> {
  const { scope, ...rest } = options;
  const completed: FilesByRegion = {};
  for (const [name, { listing }] of Object.entries(found)) {
    completed[name] = (files[name] ?? []).filter((file) => listing.completed.includes(file.name));
  }
  await pass(regions, completed, scope, { ...rest, upload: ({ bucket }, { name }) => bucket.uploadAgain(name) });
  const contents = await scope.unlessInterrupted(contentsOnceEqual(regions, scope.signal));
  const evidence: Record<string, RegionEvidence> = {};
  for (const { name, bucket } of regions) {
    const own = found[name] as Omit<RegionEvidence, 'again'>;
    const again = {
      reports: await bucket.reports(),
      listing: await bucket.listing(),
      contents: contents[name] as Contents,
    };
    evidence[name] = { ...own, again };
  }
  return prove(evidence);
}

async function pass(
  regions: LocalRegion[],
  files: FilesByRegion,
  scope: Scope,
  options: Omit<PassOptions, 'signal'>,
): Promise<Record<string, PassEnd>> {
  const ends = await scope.unlessInterrupted(
    Promise.all(
      regions.map(async (region) => {
        const own = files[region.name] ?? [];
        return [region.name, await ingest(region, own, { ...options, signal: scope.signal })] as const;
      }),
    ),
  );
  return Object.fromEntries(ends);
}

/** What each Region sees when both have the same numbers of rows and chunks, or when the time is up. The proofs then report differences. */
async function contentsOnceEqual(regions: LocalRegion[], signal: AbortSignal): Promise<Record<string, Contents>> {
  const deadline = performance.now() + catchUpMs;
  while (performance.now() < deadline) {
    const counts = await Promise.all(regions.map(countRows));
    if (new Set(counts).size === 1) break;
    await sleep(200, undefined, { signal });
  }
  return Object.fromEntries(
    await Promise.all(regions.map(async (region) => [region.name, await readContents(region.database())] as const)),
  );
}

/** The ledger is written after the rows, so it is replicated last. */
const countRows = (region: LocalRegion) =>
  withDatabase(region.database(), async (query) => {
    const [counts] = await query(
      'SELECT (SELECT COUNT(*) FROM book_reviews) AS reviews, (SELECT COUNT(*) FROM source_chunks) AS chunks',
    );
    return JSON.stringify(counts);
  });
