// The conditions on copies and deletes that S3 checks and the embedded server does not.

interface Asked {
  method: string;
  url: string;
  headers: Record<string, unknown>;
}
/** The ETag of an object, or null where there is none. `path`: the bucket and the key, URL-encoded. */
export type EtagOf = (path: string) => Promise<string | null>;

const plain = (etag: unknown) => String(etag).replaceAll('"', '');

/** Whether a condition of the request fails, so that S3 answers 412. */
export async function conditionFails({ method, url, headers }: Asked, etagOf: EtagOf): Promise<boolean> {
  const [path = ''] = url.split('?');
  const query = url.slice(path.length);
  if (method === 'DELETE' && headers['if-match'] !== undefined && !query.includes('uploadId=')) {
    const etag = await etagOf(path);
    return etag !== null && plain(etag) !== plain(headers['if-match']);
  }
  const from = headers['x-amz-copy-source'];
  if (method !== 'PUT' || from === undefined) return false;
  if (headers['if-none-match'] === '*' && (await etagOf(path)) !== null) return true;
  const wanted = headers['x-amz-copy-source-if-match'];
  if (wanted === undefined) return false;
  const etag = await etagOf(`/${String(from).replace(/^\//, '')}`);
  return etag !== null && plain(etag) !== plain(wanted);
}
