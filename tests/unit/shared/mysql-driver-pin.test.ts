// mysql2 is pinned at an exact version. functions/shared/mysql-statement.ts replaces `writePacket`, which the driver does not
// document: any release may rename it or build packets differently. Before you move the pin, run the integration tests.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const require = createRequire(import.meta.url);
/** Past the package's list of exports. */
const inside = (path: string) => join(dirname(require.resolve('mysql2/package.json')), path);
const read = (path: string) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));

describe('mysql2 is pinned exactly, because statements go out through its undocumented writePacket', () => {
  const { mysql2: pinned } = read('package.json').dependencies as { mysql2: string };

  it('has one version in package.json, without a range', () => {
    expect(pinned).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('is installed and locked at that version', () => {
    expect(read('package-lock.json').packages['node_modules/mysql2'].version).toBe(pinned);
    expect(require('mysql2/package.json').version).toBe(pinned);
  });

  it('has a connection that writes packets with writePacket', () => {
    const connection = require(inside('lib/connection.js')) as { prototype: { writePacket: unknown } };
    expect(typeof connection.prototype.writePacket).toBe('function');
  });

  it('builds the packet of an empty query as a header of four bytes and the command', () => {
    const Query = require(inside('lib/packets/query.js')) as new (
      sql: string,
      charset: number,
    ) => { toPacket(): { buffer: Buffer } };
    const { buffer } = new Query('', 255).toPacket();
    // The header is filled in by writePacket.
    expect(buffer.length).toBe(5);
    expect(buffer[4]).toBe(3);
  });
});
