import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AwsError, askAws } from '../../../operations/aws-cli.ts';
import { callsIn, writeFakeProgram } from '../../support/fake-program.ts';

const path = process.env.PATH;
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'aws-cli-'));
  process.env.PATH = directory;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true, force: true });
});

describe('a question to AWS', () => {
  it('names the Region, and its answer is parsed', async () => {
    writeFakeProgram(directory, 'aws', [['^events', { stdout: '{"State": "ENABLED"}\n' }]]);
    const ask = askAws('us-east-2');
    expect(await ask('events', 'describe-rule', '--name', 'a b')).toEqual({ State: 'ENABLED' });
    expect(await ask('sqs', 'purge-queue')).toBeNull();
    expect(callsIn(directory)[0]).toEqual([
      'aws',
      'events',
      'describe-rule',
      '--name',
      'a b',
      '--region',
      'us-east-2',
      '--output',
      'json',
    ]);
  });

  it('has the code and the operation of AWS if it is refused', async () => {
    const stderr =
      '\nAn error occurred (AccessDeniedException) when calling the DescribePipe operation: no policy: none\n';
    writeFakeProgram(directory, 'aws', [['', { stderr, status: 254 }]]);
    const error = await askAws('us-east-1')('pipes', 'describe-pipe').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AwsError);
    expect(error).toMatchObject({
      code: 'AccessDeniedException',
      operation: 'DescribePipe',
      message: 'no policy: none',
    });
  });

  it('fails with the words of the AWS CLI if that cannot ask', async () => {
    writeFakeProgram(directory, 'aws', [['', { stderr: 'Unable to locate credentials', status: 253 }]]);
    await expect(askAws('us-east-1')('sts', 'get-caller-identity')).rejects.toThrow('Unable to locate credentials');
  });

  it('needs the AWS CLI', () => {
    expect(() => askAws('us-east-1')).toThrow('the AWS CLI is not in the PATH');
  });
});
