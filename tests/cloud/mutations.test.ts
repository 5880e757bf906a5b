// `npm run mutate:cloud` takes minutes and is run by hand. That its lists are still for this template is cheap to know.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readTemplate } from '../../local/template/read-template.ts';
import { template } from '../support/template.ts';
import { attempt } from './mutations/attempt.ts';
import { deniedIn } from './mutations/denials.ts';
import { allPermissions, harmless, permissions, rowsOfPage, uses } from './mutations/permissions.ts';
import { creationEdit, edited, edits, originalTemplate, withBuiltCode } from './mutations/template-edits.ts';
import { withoutAction } from './mutations/without.ts';
import { projectDirectory } from './page.ts';

describe('the mutations of the templates', () => {
  it.each([...edits, creationEdit].map((edit) => [edit.what, edit] as const))(
    'still find their place: %s',
    (_what, edit) => {
      expect(edited(edit)).toContain(edit.put);
    },
  );
});

it('a mutated template has the code of each function', () => {
  const { Resources } = readTemplate(withBuiltCode(originalTemplate()));
  const functions = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Serverless::Function');
  expect(functions.length).toBeGreaterThan(5);
  for (const [id, { Properties }] of functions) expect(Properties.CodeUri).toBe(`.aws-sam/build/${id}`);
});

describe('the mutations of the roles', () => {
  it('take permissions from each role', () => {
    const roles = Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === 'AWS::IAM::Role');
    expect(Object.keys(uses).sort()).toEqual(roles.sort());
    expect(permissions().filter((one) => one.harmless === undefined).length).toBeGreaterThan(60);
  });

  it('know no harmless permission that no role has', () => {
    const found = new Set(allPermissions().map((one) => one.harmless));
    expect(harmless.filter((entry) => !found.has(entry))).toEqual([]);
  });

  it('are on the page, with the permissions that the emulator does not ask for', () => {
    const page = readFileSync(join(projectDirectory, 'docs/emulated-aws.md'), 'utf8');
    const table = page.split('| permission | role | asked for | why nothing stops |\n| --- | --- | --- | --- |\n')[1];
    expect(table?.split('\n\n')[0]?.split('\n')).toEqual(rowsOfPage());
  });

  it('take away one action, and the whole statement where it has no other', () => {
    const two = { Action: ['s3:GetObject', 's3:PutObject'], Resource: 'a' };
    const one = { Action: 'kms:Decrypt', Resource: 'b' };
    const lacking = { role: 'R', policy: 'work', use: 'ingest', harmless: undefined } as const;
    const rest = (statement: number, action: string) =>
      withoutAction({ Statement: [two, one] }, { ...lacking, statement, action }).Statement;
    expect(rest(0, 's3:PutObject')).toEqual([{ Action: ['s3:GetObject'], Resource: 'a' }, one]);
    expect(rest(1, 'kms:Decrypt')).toEqual([two]);
    expect(() => rest(1, 's3:PutObject')).toThrow('statement 1 of R does not have s3:PutObject');
  });
});

describe('a use without a permission', () => {
  const log = `2026-11-27 04:41:34 INFO [extension] IAM Allow s3:GetObject on arn:aws:s3:::b/k by stack-MyRole-1
2026-11-27 04:41:34 INFO [extension] IAM ImplicitDeny s3:ListBucket on arn:aws:s3:::b by stack-MyRole-1
2026-11-27 04:41:35 INFO [extension] IAM Deny kms:Decrypt on arn:aws:kms:us-east-1:1:key/2 by stack-OtherRole-1
`;

  it('is refused in the log, by role and action', () => {
    expect(deniedIn(log, 'stack-MyRole-1')).toEqual(['s3:ListBucket']);
    expect(deniedIn(log, 'stack-OtherRole-1')).toEqual(['kms:Decrypt']);
  });

  const refused = async () => true;
  const notRefused = async () => false;
  const never = () => new Promise<void>(() => {});
  const later = () => new Promise<void>((done) => setTimeout(done, 300));

  it('ends as it ends, where that is soon', async () => {
    expect(await attempt(async () => {}, notRefused, 1000)).toBe('it went well');
    expect(await attempt(() => Promise.reject(new Error('refused')), refused, 1000)).toBe('it stopped');
  });

  it('has stopped where it was refused and stands still after that', async () => {
    expect(await attempt(never, refused, 300)).toBe('it stopped');
  });

  it('may go on after it was refused, and without a refusal it may take its time', async () => {
    expect(await attempt(later, refused, 2000)).toBe('it went well');
    expect(await attempt(later, notRefused, 1)).toBe('it went well');
  });
});
