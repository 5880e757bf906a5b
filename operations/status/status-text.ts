// What `npm run status` prints for a person.
import { counted, printable } from '../printable.ts';
import type { FileState, FileStatus } from './file-status.ts';
import type { StatusRead } from './read-status.ts';

const explanations: Partial<Record<FileState, string>> = {
  waiting: 'uploaded, and not ended yet: it is in the queue, or it is being ingested',
  pending: 'the last attempt did not end it. The next drain takes it up',
  withdrawing: "a withdrawal was begun and did not end: run 'npm run withdraw' once more",
  gone: 'it was pending, and is not there any more',
};

/** For a person who reads of inserted lines above. */
const failedRows = '          these rows were taken out again, since the file failed';

/** @param bucket for the locations */
export function statusText({ files, leftOut }: StatusRead, bucket: string): string {
  const blocks = files.map((status) => blockOf(status, bucket));
  if (leftOut > 0) blocks.push(`${counted(leftOut, 'older report')} not read: name a file, or raise --limit`);
  blocks.push(sumOf(files));
  return blocks.join('\n\n');
}

function blockOf(status: FileStatus, bucket: string): string {
  const { state, file, sourceId, reason, totals, rowsNow, rejectedPrefix, withdrawals, location } = status;
  const at = (key: string) => printable(`s3://${bucket}/${key}`);
  const explanation = explanations[state];
  const lines = [
    explanation,
    timesOf(status),
    reason && `reason    ${printable(reason)}`,
    ...(totals ? totalsOf(totals) : []),
    state === 'failed' && totals && totals.inserted + totals.alreadyPresent > 0 && failedRows,
    rowsNow !== null && `database  has ${counted(rowsNow, 'row')} of it now`,
    ...withdrawals.map(withdrawalOf),
    rejectedPrefix && `rejected  ${at(rejectedPrefix)}`,
    location && `file      ${at(location)}`,
    sourceId && `source    ${sourceId}${status.container === null ? '' : `, ${printable(status.container)}`}`,
    status.sameContentAs && `alike     source ${printable(status.sameContentAs)} has the same content`,
    status.sameNameAs && `alike     source ${printable(status.sameNameAs)} had this name, and other content`,
  ];
  return [`${state.toUpperCase()}  ${printable(file)}`, ...lines.filter(Boolean).map((line) => `  ${line}`)].join('\n');
}

function timesOf({ uploadedAt, endedAt, region, state }: FileStatus): string | null {
  const seconds = uploadedAt && endedAt ? (Date.parse(endedAt) - Date.parse(uploadedAt)) / 1000 : null;
  const ended = endedAt && `${state === 'pending' ? 'tried' : 'ended'} ${endedAt}${region ? ` in ${region}` : ''}`;
  const parts = [
    uploadedAt && `uploaded ${uploadedAt}`,
    ended && (seconds === null ? ended : `${ended}, ${seconds.toFixed(1)} s later`),
  ].filter(Boolean);
  return parts.length > 0 ? `times     ${parts.join(', ')}` : null;
}

function totalsOf(totals: NonNullable<FileStatus['totals']>): string[] {
  const { lines, inserted, alreadyPresent, rejected, blank, rejectedByReason } = totals;
  const number = (count: number) => count.toLocaleString('en-US');
  const text = `lines     ${number(lines)} = ${number(inserted)} inserted + ${number(alreadyPresent)} already present + ${number(rejected)} rejected + ${number(blank)} blank`;
  const reasons = Object.entries(rejectedByReason).map(([name, count]) => `${number(count)} ${printable(name)}`);
  return rejected > 0 ? [text, `reasons   ${reasons.join(', ')}`] : [text];
}

function withdrawalOf({ reason, by, when, rows, doneWhen, undoneWhen }: FileStatus['withdrawals'][number]): string {
  const what = `${doneWhen === undefined ? 'begins to take' : 'took'} out ${counted(rows, 'row')}`;
  const who = by === null ? '' : ` by ${printable(by)}`;
  const undone = undoneWhen === undefined ? '' : `, undone ${undoneWhen}`;
  return `withdrawn ${when}${who}: ${what}, because: ${printable(reason)}${undone}`;
}

function sumOf(files: FileStatus[]): string {
  const counts = new Map<FileState, number>();
  for (const { state } of files) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = [...counts].map(([state, count]) => `${count.toLocaleString('en-US')} ${state}`);
  return `${counted(files.length, 'file')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

/** The text for an unknown file. `file` as a person named it. */
export const nothingKnown = (file: string, bucket: string): string =>
  file === ''
    ? `There is no file and no report in ${bucket}.`
    : `Nothing is known of ${printable(file)} in ${bucket}: no report names it, and it is not under the pending prefix. See whether it was uploaded to this Region's bucket under that name, folder included.`;
