// How commands reach a deployed Region, with a program in place of the SAM CLI and a server in place of Lambda.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openRegion } from '../../operations/region-access.ts';

const environment = { ...process.env };
let directory: string;
let lambda: Server;
let asked: { url: string | undefined; body: string }[];
/** Answers of the server, in turn: status, headers, text. */
let answers: [number, Record<string, string>, string][];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'region-access-'));
  asked = [];
  answers = [];
  lambda = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push({ url: request.url, body });
    const [status, headers, text] = answers.shift() ?? [500, {}, ''];
    response.writeHead(status, headers).end(text);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => lambda.once('listening', resolve));
  process.env.PATH = `${directory}${delimiter}${environment.PATH}`;
  process.env.AWS_ENDPOINT_URL_LAMBDA = `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
});
afterEach(async () => {
  process.env = { ...environment };
  lambda.closeAllConnections();
  await new Promise((resolve) => lambda.close(resolve));
  rmSync(directory, { recursive: true });
});

function putSam(script: string) {
  const path = join(directory, 'sam');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
const resources = JSON.stringify([
  { LogicalResourceId: 'ReviewBucket', PhysicalResourceId: 'bucket-1' },
  { LogicalResourceId: 'DbProcessingFunction', PhysicalResourceId: 'mine-DbProcessing-XYZ' },
]);
const open = () => openRegion({ region: 'us-east-1', stackName: 'mine', local: false });

describe('a deployed Region', () => {
  it('is found by its stack, and its functions are invoked by the names that they have there', async () => {
    putSam(`echo "$@" > ${join(directory, 'arguments')}\necho '${resources}'`);
    const region = await open();
    expect(region).toMatchObject({ region: 'us-east-1', bucket: 'bucket-1' });
    answers.push([200, {}, '{"abc": 3}']);
    expect(await region.invoke('DbProcessingFunction', { countRows: ['abc'] })).toEqual({ abc: 3 });
    expect(asked).toEqual([
      { url: '/2015-03-31/functions/mine-DbProcessing-XYZ/invocations', body: '{"countRows":["abc"]}' },
    ]);
    await expect(region.invoke('MigrateFunction', {})).rejects.toThrow('the stack mine has no MigrateFunction');
    region.close();
  });

  it('passes on what a function throws, and waits where it has no room', async () => {
    putSam(`echo '${resources}'`);
    const region = await open();
    const throttled = { 'x-amzn-errortype': 'TooManyRequestsException' };
    answers.push([429, throttled, '{}'], [200, {}, '1']);
    expect(await region.invoke('DbProcessingFunction', {})).toBe(1);
    const error = JSON.stringify({ errorType: 'TransientDatabaseError', errorMessage: 'away' });
    answers.push([200, { 'x-amz-function-error': 'Unhandled' }, error]);
    await expect(region.invoke('DbProcessingFunction', {})).rejects.toThrow('TransientDatabaseError: away');
    region.close();
  });

  it('is not opened where SAM refuses, and says why in its words', async () => {
    putSam('echo "Error: the stack mine does not exist" >&2\nexit 1');
    await expect(open()).rejects.toThrow('Error: the stack mine does not exist');
  });
});
