import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { adaptDefinition, renderDefinition, taskStateNames } from '../../local/state-machine/render-definition.ts';
import { createStateMachine, type TaskEnd } from '../../local/state-machine/state-machine.ts';

const named = (name: string) => Object.assign(new Error('{"errorType":"x"}'), { name });

/** A Task state that invokes the function of the given name. */
const task = (name: string, rest: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name, 'Payload.$': '$' },
  OutputPath: '$.Payload',
  ...rest,
});

/** Two items at once, each a Task named Work that is retried; a failed Map goes to Recover. */
const mapDefinition = (retry: object[] = []) => ({
  StartAt: 'All',
  States: {
    All: {
      Type: 'Map',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Work',
        States: { Work: task('worker', { Retry: retry, End: true }) },
      },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Recover' }],
      End: true,
    },
    Recover: { Type: 'Pass', End: true },
  },
});

const machineOf = (definition: object, invoke: (arn: string, payload: unknown) => Promise<unknown>) => {
  const taskEnds: TaskEnd[] = [];
  const machine = createStateMachine({
    name: 'm',
    arn: 'arn:aws:states:eu-test-1:111122223333:stateMachine:m',
    definition: JSON.stringify(definition),
    substitutions: {},
    retryTimeFactor: () => 0.001,
    invoke,
    onTaskEnd: (end) => taskEnds.push(end),
    onExecutionEnd: () => {},
  });
  return { machine, taskEnds };
};

describe('the rendered definition', () => {
  it('has a value for each placeholder, or names the one that has none', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    expect(renderDefinition('{"a": "${X}", "n": ${N}}', { X: 'x', N: '3' })).toEqual({ a: 'x', n: 3 });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    expect(() => renderDefinition('{"a": "${Y}"}', { X: 'x' })).toThrow('no substitution for Y');
  });

  it('is refused before anything runs where it has a Task that cannot be run', () => {
    const definition = {
      StartAt: 'Wait',
      States: { Wait: task('', { Resource: 'arn:aws:states:::sqs:sendMessage', End: true }) },
    };
    expect(() => machineOf(definition, async () => null)).toThrow('the simulation cannot run Wait');
  });

  it('names its Task states, nested ones too, and refuses one that invokes no function', () => {
    expect(taskStateNames(mapDefinition() as never)).toEqual(['Work']);
    expect(() =>
      taskStateNames({
        StartAt: 'A',
        States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } },
      }),
    ).toThrow('cannot run A');
  });

  it('keeps backoff, bound and jitter of a retry, and shortens its waits', () => {
    const retrier = {
      ErrorEquals: ['A'],
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxDelaySeconds: 60,
      JitterStrategy: 'FULL',
    };
    const adapted = JSON.stringify(adaptDefinition(mapDefinition([retrier]) as never, 0.5));
    expect(adapted).toContain(JSON.stringify({ ...retrier, IntervalSeconds: 1, MaxDelaySeconds: 30 }));
  });
});

describe('an execution', () => {
  it('gives the function the payload and the next state its result, and records what each state returned', async () => {
    const { machine, taskEnds } = machineOf(
      { StartAt: 'Work', States: { Work: task('worker', { End: true }) } },
      async (arn, payload) => ({ arn, payload }),
    );
    const execution = machine.start({ a: 1 });
    expect(execution.status).toBe('RUNNING');
    await execution.ended;
    const result = { arn: 'worker', payload: { a: 1 } };
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: result, results: { Work: [result] } });
    expect(taskEnds).toMatchObject([{ state: 'Work', payload: { a: 1 }, result }]);
    expect(machine.running()).toBe(0);
  });

  it('accepts an array as its input, as a Pipe gives it', async () => {
    const { machine } = machineOf(
      { StartAt: 'Work', States: { Work: task('worker', { End: true }) } },
      async (_, payload) => payload,
    );
    const execution = machine.start([{ a: 1 }]);
    await execution.ended;
    expect(execution.output).toEqual([{ a: 1 }]);
  });

  it('retries by the error’s name, and fails with the name and cause that are left', async () => {
    let calls = 0;
    const { machine } = machineOf(
      {
        StartAt: 'Work',
        States: { Work: task('worker', { Retry: [{ ErrorEquals: ['Transient'], MaxAttempts: 2 }], End: true }) },
      },
      async () => {
        calls += 1;
        throw named('Transient');
      },
    );
    const execution = machine.start({});
    await execution.ended;
    expect(calls).toBe(3);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Transient', cause: '{"errorType":"x"}' });
  });

  it('fails, uncaught and not retried, when a payload is over 256 KiB', async () => {
    const invoke = async () => 'x'.repeat(256 * 1024);
    const retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }];
    const { machine, taskEnds } = machineOf(mapDefinition(retry), invoke);
    const execution = machine.start([1]);
    await execution.ended;
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(taskEnds).toHaveLength(1);
  });

  it('fails when what passes between states is over 256 KiB, though each result was not', async () => {
    const { machine } = machineOf(mapDefinition(), async () => 'x'.repeat(200 * 1024));
    const execution = machine.start([1, 2]);
    await execution.ended;
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(execution.cause).toContain('the output of All');
  });

  it('keeps a Pass state’s Result of false', async () => {
    const definition = {
      StartAt: 'Remember',
      States: { Remember: { Type: 'Pass', Result: false, ResultPath: '$.ok', End: true } },
    };
    const { machine } = machineOf(definition, async () => null);
    const execution = machine.start({ a: 1 });
    await execution.ended;
    expect(execution.output).toEqual({ a: 1, ok: false });
  });
});

describe('a Map that fails', () => {
  it('starts none of its remaining items', async () => {
    const started: unknown[] = [];
    const { machine } = machineOf(mapDefinition(), async (_, payload) => {
      started.push(payload);
      await sleep(5);
      if (payload === 1) throw named('Permanent');
      await sleep(20);
      return payload;
    });
    const execution = machine.start([1, 2, 3, 4, 5, 6]);
    await execution.ended;
    await sleep(50);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Permanent' } });
    expect(started).toEqual([1, 2]);
  });

  it('lets an item that was running retry no more', async () => {
    const started: unknown[] = [];
    const { machine } = machineOf(
      mapDefinition([{ ErrorEquals: ['Transient'], MaxAttempts: 50 }]),
      async (_, payload) => {
        started.push(payload);
        await sleep(payload === 1 ? 5 : 15);
        throw named(payload === 1 ? 'Permanent' : 'Transient');
      },
    );
    const execution = machine.start([1, 2]);
    await execution.ended;
    expect(machine.running()).toBe(1);
    await sleep(60);
    expect(machine.running()).toBe(0);
    expect(started).toEqual([1, 2]);
  });

  it('does not touch another execution of the same machine', async () => {
    const { machine } = machineOf(mapDefinition(), async (_, payload) => {
      await sleep(5);
      if (payload === 'bad') throw named('Permanent');
      return payload;
    });
    const [bad, good] = [machine.start(['bad', 2, 3]), machine.start([1, 2, 3])];
    await Promise.all([bad.ended, good.ended]);
    expect(good.output).toEqual([1, 2, 3]);
  });
});

describe('the stop', () => {
  it('aborts what runs, and every execution has an end', async () => {
    const { machine } = machineOf(mapDefinition([{ ErrorEquals: ['States.ALL'], MaxAttempts: 50 }]), async () => {
      await sleep(10);
      throw named('Transient');
    });
    const execution = machine.start([1, 2, 3]);
    await sleep(5);
    await machine.stop();
    expect(execution.status).toBe('ABORTED');
    expect(execution.endedAt).toBeDefined();
    await sleep(30);
    expect(machine.running()).toBe(0);
  });
});
