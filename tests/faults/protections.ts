// Each named fault: who bridges it, by what, and what would happen without that. That it does
// happen, and that the fault's test notices, is shown by taking protections out: mutations.ts.

/**
 * What is enough for the files to complete.
 * `function`: no invocation fails. `states`: invocations fail, and the state machine's retries are enough. `end`: the files wait
 * for the end of the fault, and no invocation fails. `drain`: the files stay pending for as long as the fault lasts, and the next
 * drain after it completes them at the latest.
 */
export type BridgedBy = 'function' | 'states' | 'end' | 'drain';

export interface Protection {
  bridgedBy: BridgedBy;
  by: string;
  withoutIt: string;
  /** What must show in addition to errors that pass, as `where: name` of an invocation's error or of a source's reason. */
  failsWith?: readonly string[];
  /** No invocation may fail, whoever bridges it. */
  failsNowhere?: true;
  /** Its file is ingested in a bundle, with small files next to it. */
  isSmall?: true;
}

const s3Client = 'the S3 client sends a request again, up to five times';
const repeatable = 'each step of a move can be told to have been done already';
const upsert = 'the INSERT leaves a row that is there as it is';
const retries = "the state machine's retries, of a function that can be repeated at any point";
const throttle = 'a separate retry for throttling, for up to an hour';

const sentAgain: Protection = {
  bridgedBy: 'function',
  by: 'the statement is sent again, after a pause and where need be in a new session',
  withoutIt: 'the chunk starts again',
};
const requestedAgain = (who: string): Protection => ({
  bridgedBy: 'function',
  by: s3Client,
  withoutIt: `${who} fails`,
});

const objectRefused: Protection = {
  bridgedBy: 'drain',
  by: 'an object that S3 refuses is counted as unreadable and stays pending, and the others are taken',
  withoutIt: 'no file is taken as long as the object is there',
  failsNowhere: true,
};

/** By the kinds of local/faults/kinds.ts. */
export const protections: Record<string, Protection> = {
  's3-slow-down': { bridgedBy: 'function', by: s3Client, withoutIt: 'an invocation fails at each 503' },
  's3-internal-error-on-copy': requestedAgain('Postprocess'),
  's3-internal-error-on-delete': requestedAgain('Postprocess'),
  's3-connection-reset': requestedAgain('an invocation'),
  's3-answer-lost-of-copy': requestedAgain('Postprocess'),
  's3-answer-lost-of-delete': {
    bridgedBy: 'function',
    by: 'a delete of what is gone already is a success',
    withoutIt: 'Postprocess fails at its own deed',
  },
  's3-answer-lost-of-report': {
    bridgedBy: 'function',
    by: 'the condition that the second attempt fails is followed by another look at the report',
    withoutIt: 'Postprocess fails at its own report',
  },
  's3-answer-lost-of-rejected': requestedAgain('DB-processing'),
  's3-body-truncated': {
    bridgedBy: 'function',
    by: 'a body that breaks off is asked for again from where it broke',
    withoutIt: 'the chunk starts again with each break',
  },
  's3-body-truncated-in-preprocess': { bridgedBy: 'states', by: retries, withoutIt: 'the file waits for a drain' },
  's3-body-short-in-preprocess': {
    bridgedBy: 'states',
    by: 'the bytes are counted, and a look that got too few is an error that passes',
    withoutIt: 'the object is taken for another source, and fails when its checksum is compared',
  },
  's3-body-short': {
    bridgedBy: 'function',
    by: 'the bytes of a body are counted, and the missing ones asked for',
    withoutIt: 'the second half of the chunk is not read; the accounting keeps the file pending',
  },
  's3-body-stalled': {
    bridgedBy: 'end',
    by: 'a body without a byte for 20 s counts as broken (here its end comes first)',
    withoutIt: 'the invocation waits until its deadline',
  },
  's3-object-overwritten-before-read': {
    bridgedBy: 'states',
    by: 'every read is on condition of the ETag that was planned',
    withoutIt: 'the new content is ingested as if it were the old one',
    failsWith: ['DB-processing: SourceChangedError'],
  },
  's3-object-overwritten-before-delete': {
    bridgedBy: 'function',
    by: 'the delete is on condition of the ETag that was copied',
    withoutIt: 'the new content is deleted before it was ever read',
  },
  's3-object-deleted-before-read': {
    bridgedBy: 'states',
    by: 'an object that is gone ends its source as failed, at once and with a report',
    withoutIt: 'the chunk is retried for minutes, and the source ends without a reason',
    failsWith: ['DB-processing: SourceChangedError', 'failed: SourceChangedError'],
  },
  'database-connection-reset': sentAgain,
  'database-connection-reset-in-set-up': {
    bridgedBy: 'function',
    by: 'a session that could not be set up is opened again',
    withoutIt: 'the chunk starts again',
  },
  'database-connection-reset-in-handshake': {
    bridgedBy: 'function',
    by: 'a handshake that broke is told from a certificate that is refused',
    withoutIt: 'a ConfigurationError, after which nothing is retried, in every switchover',
  },
  'database-connection-silent': {
    bridgedBy: 'end',
    by: 'a statement has 30 s (here its end comes first)',
    withoutIt: 'the invocation waits until its deadline',
  },
  'database-session-ended-idle': sentAgain,
  'database-answer-lost': { bridgedBy: 'function', by: upsert, withoutIt: '1062, and the file stays pending for good' },
  'database-answer-lost-of-ledger': {
    bridgedBy: 'function',
    by: 'what the ledger holds already is written over with the same values',
    withoutIt: '1062, and the file stays pending for good',
  },
  'database-connection-reset-in-ledger': sentAgain,
  'database-answer-of-read-lost': sentAgain,
  'database-deadlock': sentAgain,
  'database-deadlock-in-ledger': sentAgain,
  'database-lock-wait': sentAgain,
  'database-too-many-connections': sentAgain,
  'database-refuses-connections': sentAgain,
  'database-read-only': sentAgain,
  'database-read-only-1836': sentAgain,
  'database-write-forwarding-error': sentAgain,
  'database-shutdown': sentAgain,
  'database-lost-in-query': sentAgain,
  'database-session-killed': {
    bridgedBy: 'function',
    by: 'a new session is set up like the first: its role looked up, forwarding turned on',
    withoutIt: 'its writes meet a read-only server',
  },
  'database-replication-stopped': {
    bridgedBy: 'drain',
    by: 'a chunk is done when its rows can be read in its Region',
    withoutIt: 'the file is completed though its Region has none of its rows',
  },
  's3-body-truncated-of-small': {
    bridgedBy: 'function',
    by: 'a body that breaks off is asked for again',
    withoutIt: 'the file waits for a drain',
    isSmall: true,
  },
  's3-body-short-of-small': {
    bridgedBy: 'function',
    by: 'an answer of another size than the event told sends the file the way of large ones',
    withoutIt: 'half of the file is ingested, and it completes',
    isSmall: true,
  },
  's3-body-stalled-of-small': {
    bridgedBy: 'end',
    by: 'a request that takes longer than 20 s is sent again (here its end comes first)',
    withoutIt: 'all files of the bundle wait for the deadline of the invocation',
    isSmall: true,
  },
  's3-object-overwritten-before-small-read': {
    bridgedBy: 'function',
    by: 'every read is on condition of the ETag that the event told',
    withoutIt: 'the new content is ingested as if it were the old one',
    isSmall: true,
  },
  's3-object-deleted-before-small-read': {
    bridgedBy: 'function',
    by: 'an object that is gone is dropped, and the others of its bundle are ingested',
    withoutIt: 'the bundle is retried for minutes',
    isSmall: true,
  },
  's3-object-overwritten-before-copy': {
    bridgedBy: 'states',
    by: 'the copy is on condition of the ETag that was read',
    withoutIt: 'the new content is filed as the old one, and deleted',
    failsWith: ['failed: SourceChangedError'],
    isSmall: true,
  },
  's3-object-refused-403': objectRefused,
  's3-object-refused-400': objectRefused,
  'database-forwarding-saturated': {
    bridgedBy: 'function',
    by: 'a refused session waits for one of the others, and fewer sessions are opened',
    withoutIt: 'chunks give up while others work',
  },
  'database-lag': {
    bridgedBy: 'function',
    by: 'each session that wrote reads first, and waits for its own writes',
    withoutIt: 'rows that are on their way are counted as missing',
  },
  'database-switchover': {
    bridgedBy: 'states',
    by: 'the role is looked up on every connection, and the other endpoint tried',
    withoutIt: 'the new secondary writes without forwarding until its sandboxes are replaced',
  },
  'sandbox-killed-before-insert': { bridgedBy: 'states', by: retries, withoutIt: 'the file waits for a drain' },
  'sandbox-killed-after-insert-was-sent': { bridgedBy: 'states', by: upsert, withoutIt: '1062 in the retry' },
  'sandbox-killed-between-commit-and-answer': { bridgedBy: 'states', by: upsert, withoutIt: '1062 in the retry' },
  'sandbox-killed-in-ledger': { bridgedBy: 'states', by: retries, withoutIt: 'the file waits for a drain' },
  'sandbox-killed-in-read-back': { bridgedBy: 'states', by: upsert, withoutIt: '1062 in the retry' },
  'sandbox-killed-between-copy-and-delete': {
    bridgedBy: 'states',
    by: repeatable,
    withoutIt: 'the retry files the source a second time, under another key',
  },
  'sandbox-killed-before-copy': { bridgedBy: 'states', by: retries, withoutIt: 'the file waits for a drain' },
  'sandbox-killed-at-any-time': { bridgedBy: 'states', by: retries, withoutIt: 'the file waits for a drain' },
  'lambda-throttled': { bridgedBy: 'states', by: throttle, withoutIt: 'the file waits for a drain' },
  'lambda-zombie': { bridgedBy: 'states', by: retries, withoutIt: 'the file waits for a drain' },
  'lambda-deadline-short': {
    bridgedBy: 'function',
    by: 'DB-processing stops in time, and goes on where it stopped',
    withoutIt: 'lines are counted twice, or the chunk never ends',
  },
  'event-twice': {
    bridgedBy: 'function',
    by: 'a source is known by its content and place, a row by its source and offset',
    withoutIt: 'each delivery adds the rows once more',
  },
  'event-late': {
    bridgedBy: 'function',
    by: 'an event is good at any time: it names an object, which is looked at then',
    withoutIt: 'the file waits for a drain',
  },
  'event-lost': { bridgedBy: 'drain', by: 'a drain lists what is pending', withoutIt: 'the file is never noticed' },
  'event-out-of-order': {
    bridgedBy: 'end',
    by: 'an event says only where to look; an object that is gone is no failure',
    withoutIt: 'the older event fails its execution',
  },
  'chunk-result-lost': {
    bridgedBy: 'drain',
    by: 'the accounting: the chunk results must cover the file',
    withoutIt: 'the file is completed with lines that nobody counted',
    failsWith: ['pending: AccountingError'],
  },
  'secrets-throttled': {
    bridgedBy: 'drain',
    by: 'a secret that could not be had is an error that passes',
    withoutIt: 'a ConfigurationError, after which nothing is retried',
  },
  'secrets-down': {
    bridgedBy: 'drain',
    by: 'a secret that could not be had is an error that passes',
    withoutIt: 'a ConfigurationError, after which nothing is retried',
  },
  'secret-rotated': {
    bridgedBy: 'function',
    by: 'a refused log-in reads the secret again, once',
    withoutIt: 'a ConfigurationError until the sandbox is replaced',
  },
};
