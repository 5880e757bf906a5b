import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseDemoOptions, parseStartOptions } from '../../../local/demo/options.ts';
import { OptionError } from '../../../operations/command-line.ts';

const thisFile = fileURLToPath(import.meta.url);

describe('the options of the demo', () => {
  it('default to 20,000 reviews, a 12 ms round trip and no extra lag', () => {
    expect(parseDemoOptions([], {})).toEqual({
      reviews: 20_000,
      inputs: {},
      rttMs: 12,
      lagMs: 0,
      portBase: 14_300,
      jsonFile: undefined,
      keep: false,
    });
  });

  it('take several files for a Region, with equals signs in their names', () => {
    const options = parseDemoOptions(['--input', `us-east-1=${thisFile}`, `--input=us-east-1=${thisFile}`], {});
    expect(options?.inputs).toEqual({ 'us-east-1': [thisFile, thisFile] });
  });

  it.each([
    [['--reviews', 'many'], "--reviews takes a whole number from 1 to 50000000, not 'many'"],
    [['--reviews', '0'], '--reviews takes'],
    [['--rtt-ms=-1'], '--rtt-ms takes'],
    [['--lag-ms', '1.5'], '--lag-ms takes'],
    [['--input', 'eu-west-1=x.json'], '--input takes REGION=FILE with a Region of us-east-1, us-east-2'],
    [['--input', 'x.json'], '--input takes REGION=FILE'],
    [['--input', 'us-east-2=nowhere.json'], "there is no file 'nowhere.json'"],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['file.json'], 'Unexpected argument'],
  ])('refuse %j with a message that says what would be right', (args, message) => {
    expect(() => parseDemoOptions(args, {})).toThrow(OptionError);
    expect(() => parseDemoOptions(args, {})).toThrow(message);
  });

  it('let uploads start their processing, unless it is said otherwise', () => {
    expect(parseStartOptions([], {})?.events).toBe(true);
    expect(parseStartOptions(['--no-events'], {})?.events).toBe(false);
  });

  it('are null where only the usage is asked for', () => {
    expect(parseDemoOptions(['--help'], {})).toBeNull();
    expect(parseStartOptions(['--help'], {})).toBeNull();
  });

  it('take the ports from the command line first, then from the environment', () => {
    const environment = { BOOK_REVIEWS_PORT_BASE: '20000' };
    expect(parseStartOptions([], environment)?.portBase).toBe(20_000);
    expect(parseStartOptions(['--port-base', '21000'], environment)?.portBase).toBe(21_000);
    expect(() => parseStartOptions([], { BOOK_REVIEWS_PORT_BASE: 'x' })).toThrow('BOOK_REVIEWS_PORT_BASE takes');
  });
});
