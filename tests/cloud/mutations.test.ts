// `npm run mutate:cloud` takes minutes and is run by hand. That its lists are still for this template is cheap to know.
import { describe, expect, it } from '@jest/globals';
import { template } from '../support/template.ts';
import { permissions, uses } from './mutations/permissions.ts';
import { edited, edits } from './mutations/template-edits.ts';

describe('the mutations of the templates', () => {
  it.each(edits.map((edit) => [edit.what, edit] as const))('still find their place: %s', (_what, edit) => {
    expect(edited(edit)).toContain(edit.put);
  });

  it('take permissions from each role but that of the daily schedule, which fires once a day', () => {
    const roles = Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === 'AWS::IAM::Role');
    expect([...Object.keys(uses), 'DailySummaryScheduleRole'].sort()).toEqual(roles.sort());
    expect(permissions().filter(({ because }) => because === undefined).length).toBeGreaterThan(40);
  });
});
