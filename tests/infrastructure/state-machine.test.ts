import { describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import * as errors from '../../functions/shared/errors.ts';
import { renderDefinition } from '../../local/state-machine/render-definition.ts';
import { definitionText, stackOf } from '../support/template.ts';

interface Retrier {
  ErrorEquals: string[];
  MaxAttempts?: number;
  IntervalSeconds?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: string;
}

interface State {
  Type: string;
  Parameters?: { FunctionName?: string };
  TimeoutSeconds?: number;
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[] }[];
  ItemProcessor?: Machine;
}

interface Machine {
  States: Record<string, State>;
}

const stack = stackOf('us-east-1');
const rendered = () => renderDefinition(definitionText, stack.stateMachine.substitutions);

/** All states by name, those inside Maps too. */
function statesOf(machine: Machine): [string, State][] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor) : []),
  ]);
}
const states = statesOf(rendered() as unknown as Machine);
const tasks = states.filter(([, { Type }]) => Type === 'Task');

/** Names that our functions throw. */
const ownErrorNames = Object.values(errors)
  .filter((thing): thing is typeof errors.InvalidInputError => typeof thing === 'function')
  .map((errorClass) => new errorClass('').name as string);
/** Names that AWS documents: Step Functions' own, and those of its Lambda integration. */
const awsErrorNames = ['States.ALL', 'States.Timeout', 'States.TaskFailed', 'Lambda.TooManyRequestsException'];
/** A repetition gives the same answer: the input, the deployment or the object itself is wrong. */
const hopelessErrorNames = [
  'InvalidInputError',
  'ConfigurationError',
  'SourceChangedError',
  'UnsupportedFormatError',
  'ChecksumMismatchError',
  'SurplusRowsError',
  'SameContentError',
  'NotLinesError',
  'SourceWithdrawnError',
];

describe('statemachine/book-reviews.asl.json', () => {
  it('is valid with what template.yaml fills in', () => {
    const result = validate(rendered(), { checkPaths: true, checkArn: true });
    expect(result.errorsText()).toBe('');
    expect(result.isValid).toBe(true);
  });

  it('uses each substitution that template.yaml gives, and no other', () => {
    const used = new Set([...definitionText.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(stack.stateMachine.substitutions).sort());
  });

  it('matches only error names that the functions throw or AWS documents', () => {
    const matched = states.flatMap(([, { Retry = [], Catch = [] }]) =>
      [...Retry, ...Catch].flatMap((rule) => rule.ErrorEquals),
    );
    const known = [...ownErrorNames, ...awsErrorNames];
    expect([...new Set(matched)].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('finds names under which errors are thrown, although the bundles are minified', () => {
    expect(ownErrorNames).toEqual(expect.arrayContaining([...hopelessErrorNames, 'TransientDatabaseError']));
    expect(errors.permanentErrorNames.filter((name) => !ownErrorNames.includes(name))).toEqual([]);
  });

  it.each(tasks)(
    'never retries in %s what cannot succeed, and everything else within bounds and with jitter',
    (_, { Retry = [] }) => {
      const [first, ...others] = Retry;
      expect(first?.MaxAttempts).toBe(0);
      expect(hopelessErrorNames).toEqual(expect.arrayContaining(first?.ErrorEquals ?? []));
      expect(first?.ErrorEquals).toEqual(expect.arrayContaining(['InvalidInputError', 'ConfigurationError']));
      for (const retrier of others) {
        expect(retrier.ErrorEquals.filter((name) => hopelessErrorNames.includes(name))).toEqual([]);
        expect(retrier).toMatchObject({ JitterStrategy: 'FULL', BackoffRate: 2 });
        expect(retrier.MaxAttempts).toBeGreaterThan(0);
        expect(retrier.MaxDelaySeconds).toBeLessThanOrEqual(60);
      }
      expect(others.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
    },
  );

  const invoking = tasks.filter(([, { Parameters }]) => Parameters?.FunctionName !== undefined);
  it.each(invoking)('waits for %s longer than its function may run', (_, { TimeoutSeconds = 0, Parameters }) => {
    const called = Object.values(stack.functions).find(({ arn }) => arn === Parameters?.FunctionName);
    expect(TimeoutSeconds).toBeGreaterThan(called?.timeoutSeconds ?? Infinity);
  });
});
