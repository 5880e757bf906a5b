// The conditions on writes, copies and deletes that S3 checks and the embedded server does not.

interface Asked {
  method: string;
  url: string;
  headers: Record<string, unknown>;
}
/** Finds the ETag of an object. It is null where there is no object. `path` is `bucket/key`. */
export type EtagOf = (path: string) => string | null;

const plain = (etag: unknown) => String(etag).replaceAll('"', '');
export const isSameEtag = (one: unknown, other: unknown) => plain(one) === plain(other);

/** @returns the status with which S3 refuses the request because of a condition; null where all of them hold */
export function refusalOf({ method, url, headers }: Asked, etagOf: EtagOf): 404 | 412 | null {
  if (method !== 'PUT' && method !== 'DELETE') return null;
  const [path = '', query = ''] = url.split('?');
  if (/(^|&)(uploadId|partNumber)=/.test(query)) return null;
  const wanted = headers['if-match'];
  const from = headers['x-amz-copy-source'];
  if (wanted !== undefined) {
    const etag = etagOf(pathOf(path));
    if (etag === null && method === 'PUT') return 404;
    if (etag !== null && !isSameEtag(etag, wanted)) return 412;
  }
  if (method === 'DELETE') return null;
  if (headers['if-none-match'] === '*' && etagOf(pathOf(path)) !== null) return 412;
  const wantedOfSource = headers['x-amz-copy-source-if-match'];
  if (from === undefined || wantedOfSource === undefined) return null;
  const etag = etagOf(pathOf(String(from)));
  return etag === null || isSameEtag(etag, wantedOfSource) ? null : 412;
}

const pathOf = (encoded: string) => decodeURIComponent(encoded).replace(/^\//, '');
