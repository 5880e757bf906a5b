// What checkov finds in the templates, and that each finding that stays has its reason next to it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { checkov } from '../support/sam.ts';
import { projectDirectory, template } from '../support/template.ts';

const withCheckov = checkov === undefined ? it.skip : it;

interface Report {
  summary: { passed: number; failed: number; parsing_errors: number };
  results: { failed_checks: { check_id: string; resource: string }[] };
}

describe('checkov', () => {
  withCheckov.each(['template.yaml', 'database/template.yaml'])(
    'has no finding in %s without a reason next to it',
    async (path) => {
      const file = join(projectDirectory, path);
      // Its web site is asked for nothing.
      const options = [
        '--framework',
        'cloudformation',
        '--skip-download',
        '--soft-fail',
        '--output',
        'json',
        '--quiet',
      ];
      const { stdout } = await promisify(execFile)(checkov as string, ['--file', file, ...options], {
        maxBuffer: 2 ** 26,
      });
      const { summary, results } = JSON.parse(stdout) as Report;
      expect(results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`)).toEqual([]);
      expect(summary).toMatchObject({ failed: 0, parsing_errors: 0 });
      expect(summary.passed).toBeGreaterThan(20);
    },
    120_000,
  );
});

describe('the reasons in the template', () => {
  const skips = Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    const { Metadata } = resource as { Metadata?: { checkov?: { skip: { id: string; comment?: string }[] } } };
    return (Metadata?.checkov?.skip ?? []).map(({ id, comment }) => ({ logicalId, id, comment }));
  });

  it('are sentences', () => {
    expect(skips.length).toBeGreaterThan(0);
    expect(skips.filter(({ comment }) => !/^[A-Z].{20,}\.$/.test(comment ?? ''))).toEqual([]);
  });
});
