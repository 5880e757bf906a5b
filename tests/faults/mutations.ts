// Protections, each with the edit that takes it out and the tests that notice: see mutate.ts.

export interface Mutation {
  /** What is missing then. */
  what: string;
  /** Each `find` stands once in its file, or as often as `times` says. */
  edits: { file: string; find: string; put: string; times?: number }[];
  /** A test file, as a pattern of its path. */
  suite:
    | 'named-faults'
    | 'bad-input'
    | 'huge-line'
    | 'region-loss'
    | 'server-crash'
    | 'memory'
    | 'unit/db-processing/sessions'
    | 'statement-bytes'
    | 'parse-json'
    | 'session-defaults'
    | 'examine-settings'
    | 'fuzz/fuzz'
    | 'integration/preprocess.test'
    | 'integration/postprocess.test'
    | 'integration/bundle.test'
    | 'integration/ledger.test'
    | 'upload-clients'
    | 'unit/postprocess/finish-quickly'
    | 'unit/db-processing/read-small'
    | 'verify-checksum'
    | 'gunzip'
    | 'odd-tables'
    | 'unit/db-processing/read-table'
    | 'unit/db-processing/parse-review'
    | 'fuzz/campaign-files'
    | 'too-large';
  /** Titles of tests that must fail. */
  caughtBy: string[];
}

/** The edited files' texts. @throws {Error} if an edit is not for this code any more */
export function mutated({ what, edits }: Mutation, read: (file: string) => string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { file, find, put, times = 1 } of edits) {
    const text = texts.get(file) ?? read(file);
    const found = text.split(find).length - 1;
    if (found !== times) throw new Error(`${what}: ${found} times in ${file} and not ${times}: ${find}`);
    texts.set(
      file,
      text.replaceAll(find, () => put),
    );
  }
  return texts;
}

const ingest = 'functions/db-processing';
const under = (...kinds: string[]) => kinds.map((kind) => `under ${kind}`);

const named: Omit<Mutation, 'suite'>[] = [
  {
    what: 'the S3 client sends nothing again',
    edits: [{ file: 'functions/shared/s3.ts', find: 'maxAttempts: 5', put: 'maxAttempts: 1' }],
    caughtBy: under(
      's3-slow-down',
      's3-internal-error-on-copy',
      's3-internal-error-on-delete',
      's3-connection-reset',
      's3-answer-lost-of-copy',
      's3-answer-lost-of-delete',
      's3-answer-lost-of-report',
      's3-answer-lost-of-rejected',
    ),
  },
  {
    what: 'what S3 refuses counts as refused for good',
    edits: [
      {
        file: 'functions/shared/s3.ts',
        find: 'return new TransientStorageError(what, { cause: error })',
        put: 'return new ConfigurationError(what, { cause: error })',
      },
    ],
    caughtBy: [
      ...under('s3-body-truncated-in-preprocess'),
      'when copies fail so often that the source stays pending for a drain',
    ],
  },
  {
    what: 'a body that broke is not asked for again',
    edits: [{ file: `functions/shared/read-object.ts`, find: 'attempts: 5', put: 'attempts: 1' }],
    caughtBy: under('s3-body-truncated', 's3-body-short', 's3-body-stalled'),
  },
  {
    what: 'a body that ends early is taken for whole',
    edits: [
      {
        file: `functions/shared/read-object.ts`,
        find: "if (position < to) broke = new Error('the body ended early');",
        put: 'position = to;',
      },
    ],
    caughtBy: under('s3-body-short'),
  },
  {
    what: 'neither a body nor a statement has a bound in time',
    edits: [
      { file: `functions/shared/read-object.ts`, find: 'idleMs: 20_000', put: 'idleMs: 800_000' },
      { file: `${ingest}/ingest-chunk.ts`, find: 'const insertMs = 30_000', put: 'const insertMs = 800_000' },
    ],
    caughtBy: ['when a body stalls in one Region and a connection is silent in the other, and nobody heals them'],
  },
  {
    what: 'reads are not on condition of the ETag',
    edits: [{ file: `functions/shared/read-object.ts`, find: 'IfMatch: etag, ', put: '' }],
    caughtBy: under('s3-object-overwritten-before-read'),
  },
  {
    what: 'an object that is gone is looked for again and again',
    edits: [
      {
        file: 'functions/shared/read-object.ts',
        find: 'if (isMissing || status === httpStatus.conditionFailed',
        put: 'if (status === httpStatus.conditionFailed',
      },
    ],
    caughtBy: under('s3-object-deleted-before-read'),
  },
  {
    what: 'the delete is not on condition of the ETag',
    edits: [
      {
        file: 'functions/postprocess/move-source.ts',
        find: 'Key: source.key, IfMatch: source.etag }',
        put: 'Key: source.key }',
      },
    ],
    caughtBy: under('s3-object-overwritten-before-delete'),
  },
  {
    what: 'a filed source is not known again',
    edits: [
      {
        file: 'functions/postprocess/move-source.ts',
        find: 'head.Metadata?.[sourceIdMetadata] === sourceId',
        put: "head.Metadata?.[sourceIdMetadata] === 'nobody'",
      },
    ],
    caughtBy: under('sandbox-killed-between-copy-and-delete'),
  },
  {
    what: 'a row that is there is an error',
    edits: [{ file: `${ingest}/review-store.ts`, find: "' ON DUPLICATE KEY UPDATE source_id = source_id'", put: "''" }],
    caughtBy: [
      ...under(
        'database-answer-lost',
        'sandbox-killed-after-insert-was-sent',
        'sandbox-killed-between-commit-and-answer',
        'sandbox-killed-in-read-back',
      ),
    ],
  },
  {
    what: 'a source that the ledger has already is an error',
    edits: [
      {
        file: `${ingest}/ledger.ts`,
        find: 'CURRENT_TIMESTAMP(3), sources.opened_at)',
        put: 'CURRENT_TIMESTAMP(3), (SELECT 1 UNION SELECT 2))',
      },
    ],
    caughtBy: under('database-answer-lost-of-ledger', 'sandbox-killed-in-ledger'),
  },
  {
    what: 'a statement that failed is not sent again',
    edits: [
      { file: `${ingest}/sessions.ts`, find: "if (advice === 'fail' || closed) throw error;", put: 'throw error;' },
    ],
    caughtBy: under(
      'database-connection-reset',
      'database-connection-reset-in-ledger',
      'database-connection-reset-in-set-up',
      'database-connection-silent',
      'database-session-ended-idle',
      'database-answer-of-read-lost',
      'database-deadlock',
      'database-deadlock-in-ledger',
      'database-lock-wait',
      'database-too-many-connections',
      'database-refuses-connections',
      'database-read-only',
      'database-read-only-1836',
      'database-write-forwarding-error',
      'database-shutdown',
      'database-lost-in-query',
    ),
  },
  {
    what: 'errors that pass are called permanent',
    edits: [
      {
        file: 'functions/shared/mysql-errors.ts',
        find: '({ becomes: TransientDatabaseError, advice, meaning })',
        put: '({ becomes: ConfigurationError, advice, meaning })',
      },
    ],
    caughtBy: under('database-deadlock', 'database-session-killed', 'database-read-only', 'database-lost-in-query'),
  },
  {
    what: 'a handshake that broke counts as a refused certificate',
    edits: [
      {
        file: 'functions/shared/mysql-connection.ts',
        find: 'throw brokeInHandshake(error) ?',
        put: 'throw brokeInHandshake(error) === (0 as unknown) ?',
      },
    ],
    caughtBy: under('database-connection-reset-in-handshake'),
  },
  {
    what: 'only the first session of a sandbox turns forwarding on',
    edits: [
      {
        file: 'functions/shared/mysql.ts',
        find: "if (role === 'secondary') await",
        put: "if (role === 'secondary' && !(globalThis as { once?: true }).once && ((globalThis as { once?: true }).once = true)) await",
      },
    ],
    caughtBy: under('database-connection-reset'),
  },
  {
    what: 'writes are not forwarded',
    edits: [
      {
        file: 'functions/shared/mysql.ts',
        find: "if (role === 'secondary') await",
        put: "if (role === ('' as string)) await",
      },
    ],
    caughtBy: ['files are ingested without a failed invocation', ...under('database-lag')],
  },
  {
    what: 'the role is looked up once a sandbox',
    edits: [
      {
        file: 'functions/shared/mysql.ts',
        find: "= Number(row?.readOnly) === 1 ? 'secondary' : 'primary';",
        put: "= ((globalThis as { known?: RegionRole }).known ??= Number(row?.readOnly) === 1 ? 'secondary' : 'primary');",
      },
    ],
    caughtBy: under('database-switchover'),
  },
  {
    what: 'rows are not read back',
    edits: [{ file: `${ingest}/ingest-chunk.ts`, find: 'await readBack(', put: 'void (() => readBack)(' }],
    caughtBy: [
      ...under('database-replication-stopped'),
      'when a read of what was just written waits for replication in vain, and says so in time',
    ],
  },
  {
    what: 'a count that is too low is not read again',
    edits: [{ file: `${ingest}/read-back.ts`, find: 'withinMs: 15_000', put: 'withinMs: 0' }],
    caughtBy: ['when a lost answer makes a retry find its rows there, while the replica lags'],
  },
  {
    what: 'the sessions do not wait for their own writes, and nothing is read again',
    edits: [
      { file: `${ingest}/read-back.ts`, find: 'withinMs: 15_000', put: 'withinMs: 0' },
      { file: 'functions/shared/mysql.ts', find: "consistency = 'session'", put: "consistency = 'eventual'" },
    ],
    caughtBy: under('database-lag'),
  },
  {
    what: 'a chunk is resumed at its beginning',
    edits: [{ file: `${ingest}/ingest-chunk.ts`, find: '? task.progress.nextOffset : null', put: '? 0 : null' }],
    caughtBy: ['when every deadline comes after one batch', ...under('lambda-deadline-short')],
  },
  {
    what: 'the secret is not read again',
    edits: [{ file: 'functions/shared/log-in.ts', find: 'credentials = await source.renew(credentials);', put: '' }],
    caughtBy: under('secret-rotated'),
  },
  {
    what: 'a secret that could not be had is called a wrong deployment',
    edits: [
      {
        file: 'functions/shared/database-credentials.ts',
        find: 'throw new TransientDatabaseError(`Secrets',
        put: 'throw new ConfigurationError(`Secrets',
      },
    ],
    caughtBy: under('secrets-throttled', 'secrets-down'),
  },
  {
    what: 'throttling is an error like any other',
    edits: [
      {
        file: 'statemachine/book-reviews.asl.json',
        find: '"Lambda.TooManyRequestsException"',
        put: '"Lambda.NoSuchException"',
        times: 6,
      },
    ],
    caughtBy: ['PreprocessFunction', 'DbProcessingFunction', 'PostprocessFunction'].map(
      (name) => `when ${name} is throttled for minutes, and has a zombie next to its retry`,
    ),
  },
  {
    what: 'states are not retried',
    edits: [
      { file: 'statemachine/book-reviews.asl.json', find: '"MaxAttempts": 6', put: '"MaxAttempts": 0', times: 4 },
      { file: 'statemachine/book-reviews.asl.json', find: '"MaxAttempts": 5', put: '"MaxAttempts": 0', times: 3 },
    ],
    caughtBy: [
      ...under(
        's3-body-truncated-in-preprocess',
        'sandbox-killed-before-insert',
        'sandbox-killed-after-insert-was-sent',
        'sandbox-killed-between-commit-and-answer',
        'sandbox-killed-in-read-back',
        'sandbox-killed-between-copy-and-delete',
        'sandbox-killed-before-copy',
        'sandbox-killed-at-any-time',
        'lambda-zombie',
      ),
      'when S3 refuses so often that a state is retried',
    ],
  },
  {
    what: 'a source is another one each time that it is looked at',
    edits: [
      {
        file: 'functions/shared/source-id.ts',
        find: 'JSON.stringify([originBucket, key, sizeBytes, checksum])',
        put: 'JSON.stringify([originBucket, key, sizeBytes, checksum, Math.random()])',
      },
    ],
    caughtBy: [
      'when an event comes a second time while its file is under way',
      'adds nothing with the same content, and is another source with other content',
    ],
  },
  {
    what: 'a source is its key, without its content',
    edits: [
      {
        file: 'functions/shared/source-id.ts',
        find: 'JSON.stringify([originBucket, key, sizeBytes, checksum])',
        put: 'JSON.stringify([originBucket, key])',
      },
    ],
    caughtBy: ['adds nothing with the same content, and is another source with other content'],
  },
  {
    what: 'an object that S3 refuses fails the page',
    edits: [
      {
        file: 'functions/preprocess/list-sources.ts',
        find: "log.error('an object cannot be read', { key, reason: (error as Error).message });",
        put: 'throw error;',
      },
    ],
    caughtBy: under('s3-object-refused-403', 's3-object-refused-400'),
  },
  {
    what: 'the first look takes a body that ends early for whole',
    edits: [
      { file: 'functions/preprocess/inspect-object.ts', find: 'if (body.length < bytes)', put: 'if (bytes < 0)' },
    ],
    caughtBy: under('s3-body-short-in-preprocess'),
  },
  {
    what: 'an object that is gone fails the execution',
    edits: [
      {
        file: 'functions/preprocess/inspect-object.ts',
        find: "if (head === null) return 'gone';",
        put: "if (head === null) throw new Error('gone');",
      },
    ],
    caughtBy: ['add nothing and fail nothing if the newest comes first and the last one after the file is completed'],
  },
  {
    what: 'a drain ends with its first page',
    edits: [
      {
        file: 'functions/preprocess/list-sources.ts',
        find: 'listing.IsTruncated ?',
        put: 'listing.IsTruncated === (0 as unknown) ?',
      },
    ],
    caughtBy: ['are found by one drain when all their events were lost'],
  },
  {
    what: 'a drain finds nothing',
    edits: [{ file: 'functions/preprocess/list-sources.ts', find: 'Prefix: pendingPrefix,', put: "Prefix: 'none/'," }],
    caughtBy: under('event-lost'),
  },
  {
    what: 'the accounting is ignored',
    edits: [
      {
        file: 'functions/postprocess/judge-source.ts',
        find: "if ('totals' in account) return judgeCounts",
        put: "if ('violations' in account) return { outcome: 'completed', totals: { lines: 0, inserted: 0, alreadyPresent: 0, rejected: 0, blank: 0, rejectedByReason: {}, unknownFields: 0, misfits: {}, recordFormats: {} } };\n  if ('totals' in account) return judgeCounts",
      },
    ],
    caughtBy: under('chunk-result-lost'),
  },
  {
    what: 'rejected lines are logged',
    edits: [
      {
        file: `${ingest}/account-lines.ts`,
        find: 'countRejected(progress, review);',
        put: "countRejected(progress, review); console.log(line.buffer.toString('utf8', line.from, line.to));",
      },
    ],
    caughtBy: ['in round 1 of the campaign'],
  },
];

const parse = `${ingest}/parse-review.ts`;
const values = `${ingest}/read-value.ts`;
const json = `${ingest}/json-column.ts`;
const lines = `${ingest}/read-lines.ts`;
const gunzip = `${ingest}/gunzip.ts`;
const splitValues = `${ingest}/split-values.ts`;

// Each of these files is looked at by a separate test, so that protections against different ones can be out together.
const badInput: Omit<Mutation, 'suite'>[] = [
  {
    what: 'the values of fields are taken as they come',
    edits: [
      { file: values, find: "if (!text.isWellFormed()) return refused('lone-surrogate');", put: '' },
      { file: values, find: 'isLonger(text, maxCharacters))', put: 'text.length < 0)' },
      { file: values, find: 'Buffer.byteLength(text) > maxBytes)', put: 'text.length < 0)' },
      { file: values, find: 'count >= 0 && count <= maxUnsignedInt ?', put: 'count !== 0.5 ?' },
      { file: values, find: 'rating >= 0 && rating <= maxRating ?', put: 'rating !== 0.51 ?' },
      {
        file: values,
        find: "value.trim() === '' ? missing : readText(value, maxCharacters)",
        put: 'readText(value, maxCharacters)',
      },
      { file: json, find: 'Math.abs(value) <= Number.MAX_SAFE_INTEGER ?', put: 'Math.abs(value) >= 0 ?' },
      { file: json, find: "if (depth > maxJsonDepth) return 'too-deep';", put: '' },
      { file: json, find: 'return Number.isFinite(value) && exactly(', put: 'return value !== 0.5 || exactly(' },
      { file: parse, find: "return filling.idProblem ?? 'missing:reviewer_id';", put: "columns.reviewer_id = '-';" },
      { file: parse, find: 'if (columns.asin === null) return', put: "if (columns.asin === '-') return" },
    ],
    caughtBy: [
      'half of a surrogate pair',
      'a reviewer longer than the column',
      'a product longer than the column',
      'a name longer than the column',
      'a date longer than the column',
      'a summary longer than the column in bytes',
      'more votes than the column holds',
      '2^53+1 in the style',
      'a style nested 10,000 deep',
      '1e999',
      'a rating of 7',
      'a rating of -1',
      'an empty object',
      'no reviewer',
      'an empty reviewer',
      'no product',
    ],
  },
  {
    what: 'a value that does not fit is gone, and so is a field without a column',
    edits: [
      { file: parse, find: '  filling.kept.push(name);\n  filling.misfits.push(column);', put: '' },
      { file: parse, find: 'new Set([...withoutColumn, ...kept])', put: 'new Set(kept)' },
      { file: `${ingest}/read-time.ts`, find: 'Math.floor(value / thousand)', put: 'value' },
      {
        file: `${ingest}/read-time.ts`,
        find: 'Number.isInteger(value) ? value : null',
        put: 'value < 0 ? null : value',
      },
      { file: values, find: "const truths = new Set(['true',", put: "const truths = new Set(['wahr'," },
      { file: values, find: 'numberText.test(text)', put: "numberText.test('none')" },
      { file: `${ingest}/parse-tolerantly.ts`, find: "token === 'NaN'", put: "token === 'nan'" },
    ],
    caughtBy: [
      'an object as the text',
      'a text as the style',
      'a number as the images',
      'a word as verified',
      'a word as the rating',
      'Infinity',
      '2^64 where no column is for it',
      'half of a surrogate pair in no column',
      'a negative time',
      'a time in milliseconds',
      'a text as the rating',
      'a text as verified',
      'NaN',
    ],
  },
  {
    what: 'what is no JSON, or not UTF-8, or no object is not told apart; types are not looked at',
    edits: [
      {
        file: parse,
        find: "if (!isUtf8(bytes)) return 'invalid-utf8';",
        put: "if (!isUtf8(bytes)) return 'malformed-json';",
      },
      {
        file: parse,
        find: "if (parsed === undefined) return 'malformed-json'",
        put: "if (parsed === undefined) return 'not-an-object'",
      },
      {
        file: parse,
        find: "Array.isArray(parsed)) return 'not-an-object'",
        put: "Array.isArray(parsed)) return 'malformed-json'",
      },
      {
        file: values,
        find: "return refused(Number.isInteger(value) ? 'unsafe-number' : 'wrong-type');",
        put: "return refused('too-deep');",
      },
      {
        file: values,
        find: "if (typeof value !== 'string') return refused('wrong-type');\n  return value.trim()",
        put: "if (typeof value !== 'string') return refused('too-long');\n  return value.trim()",
      },
    ],
    caughtBy: [
      'text that is no JSON',
      'JSON that is cut off',
      'single quotes',
      'a line in UTF-16',
      'a NUL byte in a text',
      'an array',
      'a number',
      'a text',
      'null',
      'true',
      'invalid UTF-8',
      'a line in Latin-1',
      'a file in UTF-16 with its mark',
      'a file with nothing but bad lines',
      'an object as the reviewer',
      '2^53+1 as the product',
      'a JSON array with other things in it',
    ],
  },
  {
    what: 'a record is read as JavaScript likes it, and its text as an editor does',
    edits: [
      {
        file: parse,
        find: 'openRecord(parsed as Fields, text)',
        put: 'openRecord(Object.assign({}, parsed) as Fields, text)',
      },
      {
        file: parse,
        find: "const text = bytes.toString('utf8');",
        put: "const text = bytes.toString('utf8').replace(/[\\u2028\\u2029]/g, '\\n').replace('\\r', '\\0');",
      },
      {
        file: 'functions/shared/sql-text.ts',
        find: "if (escaped.includes('\\\\'))",
        put: "if (escaped.includes('nothing'))",
      },
      { file: 'functions/shared/sql-text.ts', find: "replaceAll('\\0', '\\\\0')", put: "replaceAll('\\0', '')" },
    ],
    caughtBy: [
      'a reviewer in __proto__',
      '__proto__ as a field',
      'U+2028 and U+2029 in a text',
      'a file with CRLF',
      'a carriage return at the end',
      'SQL in every field',
      'an escaped NUL',
    ],
  },
  {
    what: 'chunks do not agree on whose a line is',
    edits: [{ file: lines, find: 'Math.max(start - 1, 0)', put: 'start' }],
    caughtBy: ['a newline as the last byte of a chunk'],
  },
  {
    what: 'a chunk is read to its end and no further',
    edits: [
      {
        file: lines,
        find: 'let to = Math.min(end + tailBytes, sizeBytes);',
        put: 'let to = Math.min(end, sizeBytes);',
      },
      { file: lines, find: 'to = Math.min(to + moreTailBytes, sizeBytes);', put: 'to = from;' },
    ],
    caughtBy: [
      'a newline as the first byte of a chunk',
      'a line over three chunks',
      'emoji over every byte of a chunk edge',
    ],
  },
  {
    what: 'a chunk keeps the lines that it read behind its end',
    edits: [{ file: lines, find: 'linesBefore(run, end)', put: 'run' }],
    caughtBy: ['a newline as the last byte of a chunk', 'a newline as the first byte of a chunk'],
  },
  {
    what: 'lines have no bound, blank ones are bad ones, and a mark is text',
    edits: [
      {
        file: `${ingest}/split-lines.ts`,
        find: 'export const maxLineBytes = 1024 * 1024;',
        put: 'export const maxLineBytes = 1024 ** 3;',
      },
      {
        file: `${ingest}/account-lines.ts`,
        find: "if (isBlank(buffer, from, to)) return 'blank';",
        put: "if (tooLong && isBlank(buffer, from, to)) return 'blank';",
      },
      { file: `${ingest}/account-lines.ts`, find: 'buffer[from] === 0xef &&', put: 'buffer[from] === 0xee &&' },
    ],
    caughtBy: [
      'a line over 1 MiB',
      'a line over max_allowed_packet',
      'an over-long line over many chunks',
      'a file of blank lines',
      'a lone newline',
      'a file with a byte order mark',
    ],
  },
  {
    what: 'the last line of a file needs a newline',
    edits: [
      { file: lines, find: 'yield splitter?.end() ?? [];', put: 'yield [];' },
      { file: lines, find: 'end: () => [splitter.end()],\n', put: 'end: () => [],\n' },
    ],
    caughtBy: ['a file without a last newline', 'a key of 1,024 bytes', 'a compressed file under a plain name'],
  },
  {
    what: 'all that zlib and brackets say is believed',
    edits: [
      { file: gunzip, find: 'if (unzip.bytesWritten < withoutPadding)', put: 'if (unzip.bytesWritten < 0)' },
      { file: gunzip, find: 'if (decompressedBytes > maxBytes)', put: 'if (decompressedBytes < 0)' },
      { file: gunzip, find: ".code ?? '')) throw error;", put: ".code ?? '')) throw error;\n    return;" },
      { file: splitValues, find: 'if (isArray) throw', put: 'if (offset < 0) throw' },
      { file: splitValues, find: 'if (isJunk && isArray && !inArray) throw', put: 'if (offset < 0) throw' },
    ],
    caughtBy: [
      'a compressed file that is cut off',
      'a compressed file without its last byte',
      'a compressed file with damage in it',
      'a compressed file with other bytes behind it',
      'the magic of a compressed file and nothing else',
      'a JSON array that is cut off',
      'a JSON array that is cut off in a text',
      'a JSON array with other bytes behind it',
    ],
  },
  {
    what: 'the format goes by the name, and no file is an array',
    edits: [
      {
        file: 'functions/preprocess/inspect-object.ts',
        find: 'sniffFormat(first.subarray(0, sniffBytes), sizeBytes <= sniffBytes)',
        put: "key.endsWith('.gz') ? 'gzip' : first[0] === 0x1f && key.endsWith('plain.json') ? 'lines' : sniffFormat(first, false)",
      },
      {
        file: 'functions/shared/recognize-content.ts',
        find: "    case openBracket:\n      return { kind: 'array' };\n",
        put: '',
      },
      {
        file: 'functions/preprocess/inspect-object.ts',
        find: 'if (bytes === 0) return',
        put: 'if (bytes < 0) return',
      },
    ],
    caughtBy: [
      'a plain file under a compressed name',
      'a compressed file under a plain name',
      'an empty file',
      'one JSON array',
      'an empty JSON array',
      'a compressed JSON array',
    ],
  },
  {
    what: 'gzip is read as it is stored',
    edits: [{ file: lines, find: 'compression === null', put: "compression !== ('x' as string)" }],
    caughtBy: ['a compressed file of several members', 'a compressed empty file', 'a compressed JSON array'],
  },
  {
    what: 'keys are used as they are, and folders are files',
    edits: [
      { file: 'functions/postprocess/copy-object.ts', find: ".map(encodeURIComponent).join('/')", put: ".join('/')" },
      { file: 'functions/shared/keys.ts', find: 'if (Buffer.byteLength(whole) <= maxKeyBytes)', put: 'if (whole)' },
      {
        file: 'functions/preprocess/inspect-object.ts',
        find: "key.endsWith('/') && sizeBytes === 0",
        put: "key.endsWith('//')",
      },
    ],
    caughtBy: [
      'a key with spaces, percent, plus and equals',
      'a key of 1,024 bytes',
      'a folder marker or a hidden file stays where it is and starts nothing',
    ],
  },
];

const others: Mutation[] = [
  {
    what: 'a line is kept in memory however long it is',
    suite: 'memory',
    edits: [
      {
        file: `${ingest}/split-lines.ts`,
        find: 'if (end - begun > maxBytes) {',
        put: 'if (end < 0) {',
      },
    ],
    caughtBy: [
      'for 1 GiB without a newline, which is one rejected record',
      'for a gzip bomb, a thousand times as large as its file',
    ],
  },
  {
    what: 'each line is kept',
    suite: 'memory',
    edits: [
      {
        file: `${ingest}/account-lines.ts`,
        find: 'const added = plain.add(at);',
        put: 'const added = plain.add(at); ((globalThis as { kept?: Buffer[] }).kept ??= []).push(Buffer.from(run.buffer.subarray(at, added.to)));',
      },
    ],
    caughtBy: ['for a file of 2 GiB', 'for compressed reviews'],
  },
  {
    what: 'the accounting does not know of a line whose end was not looked for',
    suite: 'huge-line',
    edits: [
      {
        file: 'functions/postprocess/account.ts',
        find: 'expectedIsLowerBound = openEnd;',
        put: 'expectedIsLowerBound = openEnd && lines < 0;',
      },
    ],
    caughtBy: ['is one rejected record with its reason and offset, and costs no other line'],
  },
  {
    what: 'a statement that failed is not sent again, and the server is down for seconds',
    suite: 'server-crash',
    edits: [
      { file: `${ingest}/sessions.ts`, find: "if (advice === 'fail' || closed) throw error;", put: 'throw error;' },
    ],
    caughtBy: ['costs no row that it had acknowledged, and the chunk is completed by its retries'],
  },
  {
    what: "a takeover's sources count as the own bucket's",
    suite: 'region-loss',
    edits: [{ file: 'functions/shared/identify-source.ts', find: 'takenFrom ?? bucket', put: 'bucket' }],
    caughtBy: [
      'completes the half-done files of a Region whose pipeline is gone, and doubles nothing when that comes back',
    ],
  },
  {
    what: 'replicas are sources',
    suite: 'region-loss',
    edits: [
      {
        file: 'functions/preprocess/inspect-object.ts',
        find: 'if (isReplica !== (takenFrom !== undefined))',
        put: "if (takenFrom === 'x')",
      },
    ],
    caughtBy: [
      'completes the half-done files of a Region whose pipeline is gone, and doubles nothing when that comes back',
    ],
  },
];

const hostile: Mutation[] = [
  {
    what: 'a session that the server has no room for does not lower their number',
    suite: 'unit/db-processing/sessions',
    edits: [
      {
        file: `${ingest}/sessions.ts`,
        find: "if (adviceFor(error) === 'fewer') limit = Math.max(1, Math.min(limit, open));",
        put: '',
      },
    ],
    caughtBy: ['go on with fewer when the server has room for no more'],
  },
  {
    what: 'to be refused a session counts as a failed attempt',
    suite: 'unit/db-processing/sessions',
    edits: [{ file: `${ingest}/sessions.ts`, find: "if (advice !== 'fewer') failures", put: 'failures' }],
    caughtBy: ['wait for room at the server for as long as there is time, and say then why they gave up'],
  },
  {
    what: 'an invocation ends while a session is being opened',
    suite: 'unit/db-processing/sessions',
    edits: [{ file: `${ingest}/sessions.ts`, find: 'await Promise.allSettled(openings);', put: '' }],
    caughtBy: ['are closed also where one is still being opened for work, before the invocation ends'],
  },
  {
    what: 'a long line leaves a batch without a bound in bytes',
    suite: 'statement-bytes',
    edits: [
      {
        file: `${ingest}/review-batch.ts`,
        find: 'Math.max(0, maxBatchLineBytes - statement.bytes())',
        put: 'maxBatchLineBytes - statement.bytes()',
      },
    ],
    caughtBy: ['is below 4 MiB after a line that leaves no room for bytes in its batch'],
  },
  {
    what: 'names with escapes are left to JSON.parse',
    suite: 'parse-json',
    edits: [
      {
        file: 'functions/shared/parse-json.ts',
        find: 'if (!mayNameWithEscape.test(text)) return',
        put: "if (text !== '') return",
      },
    ],
    caughtBy: ['gives what was written for any value with any names, again and again'],
  },
  {
    what: 'a session commits only where the server does by default',
    suite: 'session-defaults',
    edits: [{ file: 'functions/shared/mysql.ts', find: 'autocommit = 0, autocommit = 1,', put: '' }],
    caughtBy: [
      'commits each statement, so that its rows are there after it closed',
      'commits also where init_connect begins a transaction and autocommit is on',
    ],
  },
  {
    what: 'a session reads only as many rows as init_connect allows',
    suite: 'session-defaults',
    edits: [{ file: 'functions/shared/mysql.ts', find: 'sql_select_limit = DEFAULT,', put: '' }],
    caughtBy: ['reads all rows of a SELECT, and may delete by any condition'],
  },
  {
    what: 'Doctor takes any setting of the server for sound',
    suite: 'examine-settings',
    edits: [{ file: 'functions/doctor/examine-settings.ts', find: '!holds(settings[name]', put: "!holds && (''" }],
    caughtBy: ['are wrong with {"autocommit":"OFF"}', 'are wrong with {"max_allowed_packet":"4193280"}'],
  },
  {
    what: 'a chunk begins where it is cut, within a line',
    suite: 'fuzz/fuzz',
    edits: [{ file: `${ingest}/read-lines.ts`, find: 'Math.max(start - 1, 0)', put: 'start' }],
    caughtBy: ['files of lines become the rows that an independent reading expects'],
  },
  {
    what: 'an array that was cut is whole',
    suite: 'fuzz/fuzz',
    edits: [{ file: splitValues, find: 'if (isArray) throw', put: 'if (offset < 0) throw' }],
    caughtBy: ['files of whole-files become the rows that an independent reading expects'],
  },
  {
    what: 'the metadata of an upload says which source it is',
    suite: 'integration/preprocess.test',
    edits: [
      {
        file: 'functions/shared/identify-source.ts',
        find: 'if (agrees) return { sourceId: filedAs',
        put: 'if (mayBeRestored) return { sourceId: filedAs',
      },
    ],
    caughtBy: [
      'never believes metadata alone, nor with a checksum that its uploader wrote next to it',
      'never believes metadata against a report of other content',
    ],
  },
  {
    what: 'a former id is believed against the checksum of its report',
    suite: 'integration/preprocess.test',
    edits: [
      {
        file: 'functions/shared/identify-source.ts',
        find: '&& (report.checksum ?? checksum) === checksum',
        put: '',
      },
    ],
    caughtBy: ['keeps the id that an earlier version gave the same upload, and its rows carry, where a report has it'],
  },
  {
    what: 'a source is known by the checksum of its upload',
    suite: 'upload-clients',
    edits: [
      {
        file: 'functions/shared/checksum.ts',
        find: 'const value = whole(head.ChecksumCRC64NVME, head.ChecksumType);',
        put: 'const value = head.ChecksumCRC64NVME ?? (head as { ETag?: string }).ETag;',
      },
    ],
    caughtBy: [
      'is one source, filed once, with one report: a small one',
      'is one source, filed once, with one report: a large one',
    ],
  },
  {
    what: 'what was read is not compared with the content',
    suite: 'verify-checksum',
    edits: [
      {
        file: 'functions/postprocess/judge-source.ts',
        find: 'if (difference !== null) return',
        put: "if (difference === '') return",
      },
    ],
    caughtBy: ['fails a file whose bytes are not those that it is known by'],
  },
  {
    what: 'a file in completed/ is what its metadata says',
    suite: 'integration/postprocess.test',
    edits: [
      {
        file: 'functions/postprocess/move-source.ts',
        find: ' && head.ContentLength === sizeBytes && !isOther',
        put: ' && (!isOther || true)',
      },
    ],
    caughtBy: [
      'never takes for its own a file of another size whose metadata says so, and deletes nothing for it',
      'never takes for its own a file of the same size, with another checksum whose metadata says so, and deletes nothing for it',
    ],
  },
  {
    what: 'a source has two names in completed/',
    suite: 'integration/postprocess.test',
    edits: [{ file: 'functions/postprocess/move-source.ts', find: 'const names = 8;', put: 'const names = 2;' }],
    caughtBy: ['takes a further name where somebody uploaded files under its first two'],
  },
  {
    what: 'a failed end replaces the report of a completed one',
    suite: 'integration/postprocess.test',
    edits: [
      {
        file: 'functions/postprocess/write-report.ts',
        find: 'if (isCompleted && report.movedTo === null',
        put: "if (isCompleted && report.movedTo === ''",
      },
    ],
    caughtBy: ['never overwrites the report of the upload that is complete, before its file is copied'],
  },
  {
    what: 'a failed end replaces the report of one that completed since the execution began',
    suite: 'integration/postprocess.test',
    edits: [
      {
        file: 'functions/postprocess/write-report.ts',
        find: " || (former.startedAt !== startedAt && former.when >= (startedAt ?? ''));",
        put: ';',
      },
    ],
    caughtBy: [
      'never overwrites its report where the ETag is the same too, unless that report is older than this execution',
    ],
  },
  {
    what: 'a withdrawal takes rows that another execution has ingested since',
    suite: 'integration/ledger.test',
    edits: [
      {
        file: 'functions/db-processing/withdraw-rows.ts',
        find: 'decidedAt === undefined\n      ?',
        put: 'decidedAt !== null\n      ?',
      },
    ],
    caughtBy: ['leaves the rows of a source alone that another execution ingested after the decision'],
  },
  {
    what: 'a withdrawal takes rows of a source that was opened again',
    suite: 'integration/ledger.test',
    edits: [{ file: 'functions/db-processing/withdraw-rows.ts', find: ' AND closed_at IS NOT NULL)`;', put: ')`;' }],
    caughtBy: ['takes no rows of an execution that opened the source between two of its invocations'],
  },
  {
    what: 'the pending object is looked for after the completed one',
    suite: 'integration/postprocess.test',
    edits: [
      {
        file: 'functions/postprocess/finish-source.ts',
        find: '!isWithdrawn && !isUploadedAgain',
        put: '!isWithdrawn && !(await mayHoldSameContent(end.source, deps))',
      },
    ],
    caughtBy: ['never withdraws rows of the upload that is complete, whenever that is filed'],
  },
  {
    what: 'a long padding is not read',
    suite: 'gunzip',
    edits: [
      {
        file: 'functions/db-processing/gunzip.ts',
        find: 'if (!input.readableEnded) for await (const _ of input);',
        put: '',
      },
    ],
    caughtBy: [
      'is read to its last byte also where it ends in a long padding: gzip',
      'makes the file invalid where it has something behind a long padding',
    ],
  },
  {
    what: 'a file of any size is read as a whole',
    suite: 'too-large',
    edits: [
      {
        file: 'functions/shared/size-limits.ts',
        find: "if (format === 'lines' || sizeBytes",
        put: "if ((format as string) !== 'x' || sizeBytes",
      },
    ],
    caughtBy: ['fails with the reason, before anything is read: whole'],
  },
];

const bundled = `${ingest}/bundle`;
const readSmall = `${bundled}/read-small.ts`;
const quickly = 'functions/postprocess/finish-quickly.ts';

// Of small files, which travel in bundles.
const small: Omit<Mutation, 'suite'>[] = [
  {
    what: 'a small body that broke is not asked for again',
    edits: [{ file: readSmall, find: 'const attempts = 4', put: 'const attempts = 1' }],
    caughtBy: under('s3-body-truncated-of-small', 's3-body-stalled-of-small'),
  },
  {
    what: 'a small object is read whichever version it is',
    edits: [
      { file: readSmall, find: 'IfMatch: etag, ', put: '' },
      { file: readSmall, find: 'if (got.ETag !== etag) return { alone: true };', put: '' },
      { file: readSmall, find: 'if (got.ContentLength !== sizeBytes) return { alone: true };', put: '' },
      { file: readSmall, find: 'if (bytes.length !== sizeBytes)', put: 'if (bytes.length < 0)' },
    ],
    caughtBy: under('s3-object-overwritten-before-small-read'),
  },
  {
    what: 'a small object that is gone ends its bundle',
    edits: [{ file: readSmall, find: 'if (!isAbsent(error)) throw', put: 'if (error) throw' }],
    caughtBy: under('s3-object-deleted-before-small-read'),
  },
  {
    what: 'a copy is made of the version that is there',
    edits: [{ file: 'functions/postprocess/copy-object.ts', find: '  CopySourceIfMatch: etag,\n', put: '' }],
    caughtBy: under('s3-object-overwritten-before-copy'),
  },
];

const ofBundle: Omit<Mutation, 'suite'>[] = [
  {
    what: 'pending objects are deleted together whichever version they are',
    edits: [{ file: quickly, find: 'Key: source.key, ETag: source.etag }', put: 'Key: source.key }' }],
    caughtBy: ['keeps what is uploaded under a name after the file was copied, and files the others'],
  },
  {
    what: 'a copy of a small file replaces one of the same name',
    edits: [{ file: 'functions/postprocess/move-source.ts', find: 'onlyIfNew: true', put: 'onlyIfNew: false' }],
    caughtBy: ['is filed next to files of the same names, which stay'],
  },
  {
    what: 'where S3 does not delete objects together, they stay',
    edits: [
      {
        file: 'functions/postprocess/finish-bundle.ts',
        find: 'return new Set<Copied>();',
        put: 'return new Set<Copied>(copied);',
      },
    ],
    caughtBy: ['deletes one file after the other where S3 does not delete them together'],
  },
  {
    what: 'the headers of a small file are lost',
    edits: [{ file: readSmall, find: 'Metadata: metadata };', put: 'Metadata: {} };' }],
    caughtBy: ['keeps the headers and the metadata of a file, also where they are long'],
  },
  {
    what: 'a damaged file ends its bundle',
    edits: [
      {
        file: `${bundled}/parse-small.ts`,
        find: 'const isPermanent = permanentErrorNames.includes((error as Error).name);',
        put: 'const isPermanent = false;',
      },
    ],
    caughtBy: ['that is a zip file is its own', 'that is an array that does not end is its own'],
  },
  {
    what: 'an error that nobody expected ends its bundle',
    edits: [
      {
        file: `${bundled}/parse-small.ts`,
        find: 'return isPermanent ? { source, error: error as Error } : { alone: true };',
        put: 'if (!isPermanent) throw error;\n    return { source, error: error as Error };',
      },
    ],
    caughtBy: ['has an object that fails as nobody expected: it goes alone, and the others are ingested'],
  },
  {
    what: 'only a plain file is read again as values',
    edits: [
      { file: `${bundled}/parse-small.ts`, find: "source.format !== 'whole') {", put: "source.format === 'lines') {" },
    ],
    caughtBy: ['has a file whose values go on behind their lines, in gzip'],
  },
  {
    what: 'a bundle takes replicas and own uploads alike',
    edits: [
      { file: readSmall, find: 'isReplica !== (takenFrom !== undefined)', put: 'isReplica && takenFrom === bucket' },
    ],
    caughtBy: [
      'takes what was uploaded here, and no replica',
      'takes replicas, and nothing that was uploaded here, in a takeover',
    ],
  },
  {
    what: 'a source that is closed ends its bundle',
    edits: [
      {
        file: `${bundled}/write-rows.ts`,
        find: 'if (!(error instanceof SourceWithdrawnError)) throw error;\n      // The server refused',
        put: 'throw error;\n      // The server refused',
      },
    ],
    caughtBy: ['that was withdrawn after the execution began is its own: its rows do not come back'],
  },
  {
    what: 'surplus rows of a bundle are not noticed',
    edits: [
      {
        file: `${bundled}/read-back-each.ts`,
        find: 'readable(one) > one.rows)',
        put: 'readable(one) < 0)',
      },
    ],
    caughtBy: ['that has more rows than its lines make is its own'],
  },
  {
    what: 'of a small file of many rows only the last ones are written',
    edits: [
      {
        file: `${bundled}/write-rows.ts`,
        find: 'of one.statements)',
        put: 'of one.statements.slice(-1))',
      },
    ],
    caughtBy: ['is ingested with the others, and adds no row when it is repeated'],
  },
  {
    what: 'the statements of a bundle take any memory',
    edits: [
      { file: `${bundled}/parse-small.ts`, find: 'if (settings.room.bytes < 0) return', put: 'if (false) return' },
    ],
    caughtBy: ['goes alone where there is no room for its statements'],
  },
  {
    what: 'rows of a small file that fails stay',
    edits: [
      {
        file: 'functions/postprocess/finish-bundle.ts',
        find: "if ('withdraw' in outcome) {\n      asked",
        put: "if ('withdraw' in outcome && place < 0) {\n      asked",
      },
    ],
    caughtBy: ['that is no review is its own: its rows are withdrawn before it fails'],
  },
  {
    what: 'all keys that go alone are named, however long',
    edits: [
      {
        file: 'functions/postprocess/finish-bundle.ts',
        find: 'if (room < 0) exceptions',
        put: 'if (false) exceptions',
      },
    ],
    caughtBy: ['are named as far as their keys fit into the state, and the others stay pending'],
  },
];

const tables: Mutation[] = [
  {
    what: 'a table: a row ends at any line end, also in quotes',
    suite: 'unit/db-processing/read-table',
    edits: [
      {
        file: `${ingest}/split-rows.ts`,
        find: 'const opens = isQuoted && bytes',
        put: 'const opens = !isQuoted && bytes',
      },
    ],
    caughtBy: ['gives each row its fields by name and its own bytes, however it is quoted, ended and cut into blocks'],
  },
  {
    what: 'a table: a quote that is not closed takes all later rows',
    suite: 'odd-tables',
    edits: [
      {
        file: `${ingest}/split-rows.ts`,
        find: 'while (end < bytes.length && !isLineEnd(bytes[end])) end += 1;',
        put: 'end = bytes.length;',
      },
    ],
    caughtBy: [
      'rejects one record and keeps the others: a quote that is never closed',
      'rejects one record and keeps the others: a quote that is not closed before other quotes',
    ],
  },
  {
    what: 'a table: a quote in a TSV joins fields and lines',
    suite: 'odd-tables',
    edits: [
      {
        file: `${ingest}/split-rows.ts`,
        find: 'if (!isExpected && isWithoutQuotes())',
        put: 'if (attempt === undefined)',
      },
    ],
    caughtBy: [
      'keeps the quotes that mysql --batch writes that open and close in two fields',
      'keeps the quotes that mysql --batch writes that open in one row and close in the next',
    ],
  },
  {
    what: 'a table: a row with more values than names is a record, and the rest of it is lost',
    suite: 'odd-tables',
    edits: [{ file: `${ingest}/read-table.ts`, find: 'if (isTooLong || isCutOff)', put: 'if (isCutOff)' }],
    caughtBy: [
      'rejects one record and keeps the others: more fields than the header',
      'rejects one record and keeps the others: more fields, some quoted',
    ],
  },
  {
    what: 'a table: of two fields with one name, one is lost',
    suite: 'odd-tables',
    edits: [
      {
        file: `${ingest}/table-header.ts`,
        find: 'while (names.has(name))',
        put: "while (names.has(name) && name === '')",
      },
    ],
    caughtBy: ["keeps every value of fields that share a name, and those of pandas' index"],
  },
  {
    what: 'a table: a header in quotes is not known',
    suite: 'odd-tables',
    edits: [
      {
        file: 'functions/shared/recognize-content.ts',
        find: "comparableName(name.replaceAll('\"', ''))",
        put: 'comparableName(name)',
      },
    ],
    caughtBy: ['keeps each row: a byte order mark before a quoted header', 'has no row: a quoted header alone'],
  },
  {
    what: 'a whole source that is taken up again begins at its beginning',
    suite: 'fuzz/campaign-files',
    edits: [
      {
        file: `${ingest}/read-lines.ts`,
        find: 'return from(nextOffset ?? 0, readWhole',
        put: 'return from(nextOffset === null ? 0 : 0, readWhole',
      },
    ],
    caughtBy: ['are read, or fail, as their makers say'],
  },
  {
    what: 'values that do not fit are not counted',
    suite: 'fuzz/campaign-files',
    edits: [
      {
        file: `${ingest}/account-lines.ts`,
        find: 'countOne(progress.misfits ?? {}, column)',
        put: 'countOne({}, column)',
      },
    ],
    caughtBy: ['are read, or fail, as their makers say'],
  },
  {
    what: 'anything with an id is a review without a reviewer',
    suite: 'unit/db-processing/parse-review',
    edits: [{ file: `${ingest}/match-format.ts`, find: ' || one.format.mayBeAnonymous', put: '' }],
    caughtBy: [
      'is no review, even if it has a name that a format also has: anything with an id',
      'is no review, even if it has a name that a format also has: a document of MongoDB',
    ],
  },
  {
    what: 'a small body is as long as its answer says',
    suite: 'unit/db-processing/read-small',
    edits: [
      { file: readSmall, find: 'if (got.ContentLength !== sizeBytes) return { alone: true };', put: '' },
      { file: readSmall, find: 'if (bytes.length !== sizeBytes)', put: 'if (bytes.length > sizeBytes)' },
    ],
    caughtBy: ['is looked at alone where its length is another', 'is never taken for whole where its body ends early'],
  },
  {
    what: 'an object whose name XML cannot carry counts as deleted',
    suite: 'unit/postprocess/finish-quickly',
    edits: [{ file: quickly, find: 'return new Set(deletable.filter', put: 'return new Set(copied.filter' }],
    caughtBy: ['are left to the long way where XML cannot carry the name: "a\\u0001b"'],
  },
];

export const mutations: Mutation[] = [
  ...small.map((one): Mutation => ({ ...one, suite: 'named-faults' })),
  ...ofBundle.map((one): Mutation => ({ ...one, suite: 'integration/bundle.test' })),
  ...tables,
  ...named.map((one): Mutation => ({ ...one, suite: 'named-faults' })),
  ...badInput.map((one): Mutation => ({ ...one, suite: 'bad-input' })),
  ...others,
  ...hostile,
];
