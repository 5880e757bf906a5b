import { describe, expect, it } from '@jest/globals';
import { OptionError } from '../../../operations/command-line.ts';
import { withSkipped } from '../../../operations/doctor/examine-local.ts';
import { chainNames } from '../../../operations/doctor/examine-state.ts';
import { parseDoctorOptions } from '../../../operations/doctor/options.ts';

describe('a Region on this machine', () => {
  it('is not said to be ok in what is not looked at, nor wrong', () => {
    const findings = withSkipped([
      { what: 'secret', ok: true, seen: 'readable' },
      { what: 'bucket versioning', ok: false, seen: 'off' },
      { what: 'bucket events', ok: null, seen: 'no bucket' },
      { what: 'schema', ok: false, seen: 'not applied' },
    ]);
    const skipped = findings.filter(({ isSkipped }) => isSkipped).map(({ what }) => what);
    expect(skipped).toEqual(['bucket versioning', ...chainNames]);
    expect(findings.filter(({ ok }) => ok !== true).map(({ what }) => what)).toEqual(['bucket events', 'schema']);
  });
});

describe('the options of doctor', () => {
  it('name a Region, and the stack where it has another name', () => {
    expect(parseDoctorOptions(['--region', 'us-east-1'])).toEqual({
      region: 'us-east-1',
      stackName: 'book-reviews',
      local: false,
    });
    expect(parseDoctorOptions(['--region', 'us-gov-west-1', '--stack-name', 'mine', '--local'])).toEqual({
      region: 'us-gov-west-1',
      stackName: 'mine',
      local: true,
    });
    expect(parseDoctorOptions(['--help'])).toBeNull();
  });

  it.each([[[]], [['--region', 'somewhere']], [['--frobnicate']]])('refuse %j', (args) => {
    expect(() => parseDoctorOptions(args)).toThrow(OptionError);
  });
});
