// DeleteObjects with an ETag for each object, which S3 checks and the embedded server does not.
import { type EtagOf, isSameEtag } from './conditions.ts';

interface Named {
  key: string;
  etag: string | undefined;
}

/** `body`: the XML of the request. @returns the XML of the answer; null where no object has a condition */
export function deleteEach(
  body: string,
  bucket: string,
  { etagOf, remove }: { etagOf: EtagOf; remove: (key: string) => void },
): string | null {
  if (!body.includes('<ETag>')) return null;
  const answers = namedIn(body).map(({ key, etag }) => {
    const found = etagOf(`${bucket}/${key}`);
    if (found !== null && etag !== undefined && !isSameEtag(found, etag)) {
      const reason = '<Code>PreconditionFailed</Code><Message>A condition of the request fails.</Message>';
      return `<Error><Key>${escapeXml(key)}</Key>${reason}</Error>`;
    }
    remove(key);
    return /<Quiet>true<\/Quiet>/.test(body) ? '' : `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult>${answers.join('')}</DeleteResult>`;
}

export const keysToDelete = (body: string): string[] => namedIn(body).map(({ key }) => key);

const namedIn = (body: string): Named[] =>
  [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
    key: textOf(object, 'Key') ?? '',
    etag: textOf(object, 'ETag'),
  }));

function textOf(xml: string, element: string): string | undefined {
  const text = xml.match(new RegExp(`<${element}>(.*?)</${element}>`, 's'))?.[1];
  return text === undefined ? undefined : unescapeXml(text);
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescapeXml = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return decimal === undefined ? (named[name] ?? whole) : String.fromCodePoint(Number(decimal));
  });
const escapeXml = (text: string) =>
  text.replace(/[&<>"'\r\n]/g, (character) => `&#x${character.codePointAt(0)?.toString(16)};`);
