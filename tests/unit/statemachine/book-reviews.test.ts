import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type {
  BundleEnd,
  BundlePage,
  BundlePageRequest,
  BundleTask,
} from '../../../functions/shared/bundle-contract.ts';
import type { ChunkTask, Page, Source, SourceEnd, SourceOutcome } from '../../../functions/shared/contract.ts';
import { makeChunkResult, makeQueueRecord, makeSource } from '../../support/sources.ts';
import { type Functions, named, renderDefinition, runStateMachine } from '../../support/state-machine.ts';

const pageOf = (names: string[], cursor: string | null = null): Page => ({
  sources: names.map((name) => makeSource({ key: `book-review/reviews/${name}` })),
  dropped: {},
  cursor,
});

/** As Preprocess answers a state machine that takes bundles. */
const itemsOf = (page: Page): BundlePage => {
  const { sources, ...rest } = page;
  return { items: sources.map((source) => ({ source })), concurrency: 2, ...rest };
};

const completed = ({ source }: { source: Source }): SourceOutcome => ({
  sourceId: source.sourceId,
  outcome: 'completed',
});

/** Three functions that do as they should with one source of one chunk, and what they were called with. */
function makeFunctions(overrides: Partial<Functions> = {}) {
  const calls = {
    preprocess: [] as unknown[],
    dbProcessing: [] as ChunkTask[],
    postprocess: [] as SourceEnd[],
  };
  const functions: Functions = {
    preprocess: () => pageOf(['a']),
    dbProcessing: ({ chunkIndex }: ChunkTask) => makeChunkResult({ chunkIndex }),
    postprocess: (end: SourceEnd): SourceOutcome =>
      end.error === undefined ? completed(end) : { ...completed(end), outcome: 'failed', reason: end.error.Error },
    ...overrides,
  };
  const keeping =
    <Call>(list: Call[], invoke: (call: Call) => unknown) =>
    (call: Call) => {
      list.push(call);
      return invoke(call);
    };
  return {
    calls,
    functions: {
      preprocess: (asked: BundlePageRequest | { checksumRange: object } | { identify: object }) => {
        if (!('request' in asked)) return functions.preprocess(asked);
        const { request, ...word } = asked;
        expect(word).toEqual({ takesBundles: true });
        calls.preprocess.push(request);
        const page = functions.preprocess(request) as Page | BundlePage;
        return 'items' in page ? page : itemsOf(page);
      },
      dbProcessing: keeping(calls.dbProcessing, functions.dbProcessing),
      postprocess: keeping(calls.postprocess, functions.postprocess),
    },
  };
}

const failsAtItsEnd = { cause: { name: 'SourcesNotCompleted' } };

describe('the state machine', () => {
  it('is valid Amazon States Language', () => {
    const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => { isValid: boolean };
    expect(validate(renderDefinition())).toMatchObject({ isValid: true });
  });

  it.each([
    ['the batch of a Pipe', [makeQueueRecord('book-review/reviews/a'), makeQueueRecord('book-review/reviews/b')]],
    ['the batch of one event', [makeQueueRecord('book-review/reviews/a')]],
    ['an empty array', []],
    ['an empty object', {}],
  ])('gives preprocess its input as it is: %s', async (_, input) => {
    const { functions, calls } = makeFunctions();
    await runStateMachine(input, functions);
    expect(calls.preprocess).toEqual([input]);
  });

  it('gives DB-processing each chunk once, and postprocess all results in order', async () => {
    const source = makeSource({ chunkCount: 3 });
    const { functions, calls } = makeFunctions({
      preprocess: () => ({ sources: [source], dropped: {}, cursor: null }),
    });
    await runStateMachine({}, functions);
    const [{ startedAt } = {}] = calls.dbProcessing;
    expect(calls.dbProcessing).toEqual(
      [0, 1, 2].map((chunkIndex) => ({ source, chunkIndex, progress: null, startedAt })),
    );
    expect(Date.parse(startedAt as string)).toBeGreaterThan(Date.now() - 60_000);
    expect(calls.postprocess).toMatchObject([
      { source, chunkResults: [0, 1, 2].map((chunkIndex) => makeChunkResult({ chunkIndex })) },
    ]);
    expect(calls.postprocess[0]).not.toHaveProperty('error');
  });

  it('calls DB-processing again with its progress until the chunk is done', async () => {
    const progressAt = (nextOffset: number, done: boolean) => makeChunkResult({ nextOffset, done });
    const { functions, calls } = makeFunctions({
      dbProcessing: ({ progress }: ChunkTask) => {
        if (calls.dbProcessing.length > 10) throw named('InvalidInputError', 'the test would not end');
        const nextOffset = (progress?.nextOffset ?? 0) + 40;
        return progressAt(nextOffset, nextOffset >= 100);
      },
    });
    await runStateMachine({}, functions);
    expect(calls.dbProcessing.map(({ progress }) => progress)).toEqual([
      null,
      progressAt(40, false),
      progressAt(80, false),
    ]);
    expect(calls.dbProcessing.map(({ chunkIndex }) => chunkIndex)).toEqual([0, 0, 0]);
    expect(calls.postprocess[0]?.chunkResults).toEqual([progressAt(120, true)]);
  });

  it('ends with a page without sources, also between pages that have some', async () => {
    const { functions, calls } = makeFunctions({ preprocess: () => pageOf([]) });
    await runStateMachine({}, functions);
    expect(calls.postprocess).toEqual([]);

    const pages = [pageOf(['a'], 'a'), pageOf([], 'b'), pageOf(['c'])];
    const drain = makeFunctions({ preprocess: () => pages.shift() });
    await runStateMachine({}, drain.functions);
    expect(drain.calls.preprocess).toEqual([{}, { cursor: 'a' }, { cursor: 'b' }]);
    expect(drain.calls.postprocess).toHaveLength(2);
  });

  it('has a successor go on with a drain of very many pages, so that no history gets too long', async () => {
    let page = 0;
    const { functions, calls } = makeFunctions({ preprocess: () => pageOf([], `key-${++page}`) });
    const inputs: unknown[] = [];
    await runStateMachine({}, { ...functions, startSuccessor: (input) => inputs.push(input) });
    expect(inputs).toEqual([{ cursor: `key-${page}` }]);
    expect(page).toBe(calls.preprocess.length);

    // What each state adds to a history: a Task 5 events, a distributed Map 6, any other 2. No state is met twice in a page.
    const eventsOf: Record<string, number> = { Task: 5, Map: 6 };
    const states = Object.values(renderDefinition().States) as { Type: string }[];
    const most = states.reduce((sum, { Type }) => sum + (eventsOf[Type] ?? 2), 0);
    expect(page * most).toBeLessThan(25_000);
  }, 60_000);

  it.each(['failed', 'pending'] as const)(
    'goes through all pages of a drain when a source is %s, and fails at its end',
    async (outcome) => {
      const keys = ['a', 'b', 'c', 'd', 'e'];
      const { functions, calls } = makeFunctions({
        // Nothing is ever moved: only the cursor takes the drain forward.
        preprocess: ({ cursor }: { cursor?: string }) => {
          const rest = keys.filter((key) => cursor === undefined || key > cursor);
          return pageOf(rest.slice(0, 2), rest.length > 2 ? (rest[1] as string) : null);
        },
        postprocess: (end: SourceEnd) =>
          end.source.key.endsWith('/a') ? { ...completed(end), outcome } : completed(end),
      });
      await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
      expect(calls.preprocess).toEqual([{}, { cursor: 'b' }, { cursor: 'd' }]);
      expect(calls.postprocess.map(({ source }) => source.key.at(-1)).sort()).toEqual(keys);
    },
  );

  it('gives postprocess the error of a chunk, and lets the other sources of the page complete', async () => {
    const { functions, calls } = makeFunctions({
      preprocess: () => pageOf(['a', 'b', 'c']),
      dbProcessing: ({ source, chunkIndex }: ChunkTask) => {
        if (source.key.endsWith('/b')) throw named('InvalidInputError', 'gzip ends early');
        return makeChunkResult({ chunkIndex });
      },
    });
    await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
    const ends = calls.postprocess.map(({ source, error }) => [source.key.at(-1), error?.Error]);
    expect(ends.sort()).toEqual([
      ['a', undefined],
      ['b', 'InvalidInputError'],
      ['c', undefined],
    ]);
  });

  describe('a source that leaves no rows', () => {
    const request = { sourceId: 'a'.repeat(32), state: 'failed', reason: 'TooManyRejected' };
    /** Postprocess asks for a withdrawal once; `answers` are those of DB-processing to it. */
    function withdrawing(answers: object[], ends: SourceEnd[] = []) {
      const asked: unknown[] = [];
      const { functions } = makeFunctions({
        dbProcessing: (task: ChunkTask & { withdraw?: object }) => {
          if (task.withdraw === undefined) return makeChunkResult({ chunkIndex: task.chunkIndex });
          asked.push(task.withdraw);
          const answer = answers[asked.length - 1];
          if (answer === undefined) throw named('ConfigurationError');
          return answer;
        },
        postprocess: (end: SourceEnd) => {
          ends.push(end);
          return end.withdrawn === undefined ? { withdraw: request } : { ...completed(end), outcome: 'failed' };
        },
      });
      return { functions, asked, ends };
    }

    it('has them withdrawn in as many invocations as it takes, and then ends', async () => {
      const { functions, asked, ends } = withdrawing([
        { done: false, rows: 5_000 },
        { done: false, rows: 10_000 },
        { done: true, rows: 12_000 },
      ]);
      await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
      expect(asked).toEqual([request, { ...request, rows: 5_000 }, { ...request, rows: 10_000 }]);
      expect(ends.map(({ withdrawn }) => withdrawn?.rows)).toEqual([undefined, 12_000]);
    });

    it('has postprocess decide again where another execution ingested it meanwhile', async () => {
      const { functions, ends } = withdrawing([{ done: true, rows: 0, superseded: true }]);
      await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
      expect(ends[1]?.withdrawn).toMatchObject({ rows: 0, result: { superseded: true } });
    });

    it('stays pending where they cannot be withdrawn', async () => {
      const { functions, ends } = withdrawing([]);
      await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
      expect(ends).toHaveLength(1);
    });
  });

  describe('a source that is known by the checksum of its ranges', () => {
    const unidentified = { key: 'book-review/reviews/a', rangeCount: 3 };
    type Asked = { checksum?: { index: number }; identify?: { source: object; ranges: unknown[] } };
    const preprocess =
      (range: (index: number) => unknown, identify: (ranges: unknown[]) => unknown) => (input: Asked) => {
        if (input.identify) return identify(input.identify.ranges);
        const index = Object.values(input).find((each) => typeof each === 'object' && each !== null && 'index' in each);
        if (index) return range((index as { index: number }).index);
        return { sources: [unidentified], dropped: {}, cursor: null };
      };

    it('is identified by the checksums of all ranges in order, then ingested like any other', async () => {
      const joined: unknown[][] = [];
      const { functions, calls } = makeFunctions({
        preprocess: preprocess(
          (index) => `checksum ${index}`,
          (ranges) => {
            joined.push(ranges);
            return makeSource({ key: unidentified.key });
          },
        ),
      });
      await runStateMachine({}, functions);
      expect(joined).toEqual([['checksum 0', 'checksum 1', 'checksum 2']]);
      expect(calls.postprocess.map(({ source }) => source.key)).toEqual([unidentified.key]);
    });

    it.each([
      ['SourceChangedError', 'is left to the event of its newer content, and fails nothing'],
      ['ConfigurationError', 'stays pending, and the execution fails at its end'],
    ])('after %s %s', async (name) => {
      for (const [range, identify] of [
        [() => Promise.reject(named(name)), () => makeSource({ key: unidentified.key })],
        [() => 'checksum', () => Promise.reject(named(name))],
      ] as const) {
        const { functions, calls } = makeFunctions({ preprocess: preprocess(range, identify) });
        const run = runStateMachine({}, functions);
        if (name === 'SourceChangedError') await run;
        else await expect(run).rejects.toMatchObject(failsAtItsEnd);
        expect(calls.postprocess).toEqual([]);
      }
    });
  });

  it('plans a file as one chunk that turns out to be no JSON lines, and ingests it from its beginning', async () => {
    const tasks: ChunkTask[] = [];
    const { functions, calls } = makeFunctions({
      preprocess: () => ({
        sources: [makeSource({ sizeBytes: 300, chunkBytes: 100, chunkCount: 3, format: 'lines' })],
        dropped: {},
        cursor: null,
      }),
      dbProcessing: (task: ChunkTask) => {
        tasks.push(task);
        if (task.source.format === 'lines') throw named('NotLinesError');
        return makeChunkResult({ chunkIndex: task.chunkIndex });
      },
    });
    await runStateMachine({}, functions);
    const whole = { format: 'whole', sizeBytes: 300, chunkBytes: 300, chunkCount: 1 };
    expect(tasks.at(-1)).toMatchObject({ source: whole, chunkIndex: 0, progress: null });
    expect(calls.postprocess).toMatchObject([{ source: whole, chunkResults: [{ chunkIndex: 0 }] }]);
    expect(calls.postprocess[0]).not.toHaveProperty('error');
  });

  it('leaves a source pending whose postprocess does not succeed', async () => {
    const { functions, calls } = makeFunctions({
      postprocess: () => {
        throw named('ConfigurationError');
      },
    });
    await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
    expect(calls.postprocess).toHaveLength(1);
  });

  it('does not take a page for completed that has an outcome too few', async () => {
    const { functions } = makeFunctions({
      preprocess: () => pageOf(['a', 'b']),
      postprocess: (end: SourceEnd) => (end.source.key.endsWith('/a') ? { Error: 'States.Runtime' } : completed(end)),
    });
    await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
  });

  describe('with a bundle of small objects', () => {
    const object = (name: string) => ({ key: `book-review/reviews/${name}`, etag: '"e"', sizeBytes: 1 });
    const bundle = { objects: [object('a'), object('b')], chunkCount: 1 as const };
    const pageOfBundle = (cursor: string | null = null): BundlePage => ({
      items: [{ source: bundle }],
      concurrency: 8,
      dropped: {},
      cursor,
    });
    const ended = {
      outcome: 'completed',
      completed: 2,
      exceptions: [],
      left: 'nothing',
      alone: [] as { key: string }[],
    };

    it('calls each function once for all of its objects', async () => {
      const results = [{ dropped: 'gone' }, { alone: true }];
      const { functions, calls } = makeFunctions({
        preprocess: () => pageOfBundle(),
        dbProcessing: () => ({ done: true, results }),
        postprocess: () => ended,
      });
      await runStateMachine({}, functions);
      expect(calls.dbProcessing).toMatchObject([{ source: bundle, progress: null }]);
      expect(calls.postprocess).toMatchObject([{ source: bundle, chunkResults: [{ done: true, results }] }]);
    });

    it('takes at most 0.15 state transitions and 0.03 invocations for a file of a full bundle', async () => {
      const files = 200;
      const objects = Array.from({ length: files }, (_, number) => object(String(number)));
      const { functions, calls } = makeFunctions({
        preprocess: () => ({ ...pageOfBundle(), items: [{ source: { ...bundle, objects } }] }),
        dbProcessing: () => ({ done: true, results: objects.map(() => ({ dropped: 'gone' })) }),
        postprocess: () => ended,
      });
      const entered: string[] = [];
      await runStateMachine({}, functions, undefined, (state) => entered.push(state));
      expect(entered).toEqual(expect.arrayContaining(['Preprocess', 'DB-processing', 'Postprocess']));
      expect(entered.length / files).toBeLessThanOrEqual(0.15);
      const invocations = calls.preprocess.length + calls.dbProcessing.length + calls.postprocess.length;
      expect(invocations / files).toBeLessThanOrEqual(0.03);
    });

    it('calls DB-processing again with its results until it has all', async () => {
      const answers = [
        { done: false, results: [{ dropped: 'gone' }] },
        { done: true, results: [{ dropped: 'gone' }, { alone: true }] },
      ];
      const { functions, calls } = makeFunctions({
        preprocess: () => pageOfBundle(),
        dbProcessing: () => answers.shift(),
        postprocess: () => ended,
      });
      await runStateMachine({}, functions);
      const tasks = calls.dbProcessing as unknown as BundleTask[];
      expect(tasks.map(({ progress }) => progress)).toEqual([null, { done: false, results: [{ dropped: 'gone' }] }]);
      expect(calls.postprocess).toHaveLength(1);
    });

    it('has the objects that it could not take planned alone, before the drain goes on', async () => {
      const alone = [{ key: 'book-review/reviews/b' }];
      const pages = [pageOfBundle('after-b'), pageOf(['b'], 'after-b'), pageOf([])];
      const { functions, calls } = makeFunctions({
        preprocess: () => pages.shift(),
        postprocess: (end: SourceEnd | BundleEnd) =>
          'objects' in end.source ? { ...ended, left: 'alone', alone } : completed(end as SourceEnd),
        dbProcessing: (task: ChunkTask | BundleTask) =>
          'objects' in task.source ? { done: true, results: [] } : makeChunkResult(),
      });
      await runStateMachine({}, functions);
      expect(calls.preprocess).toEqual([{}, { alone: [alone], cursor: 'after-b' }, { cursor: 'after-b' }]);
      expect(calls.postprocess).toHaveLength(2);
    });

    it.each(['failed', 'pending'])('fails at its end where one of its sources is %s', async (outcome) => {
      const { functions } = makeFunctions({
        preprocess: () => pageOfBundle(),
        dbProcessing: () => ({ done: true, results: [] }),
        postprocess: () => ({ ...ended, outcome }),
      });
      await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
    });

    it('gives postprocess the error of DB-processing, and fails at its end where postprocess fails too', async () => {
      const { functions, calls } = makeFunctions({
        preprocess: () => pageOfBundle(),
        dbProcessing: () => {
          throw named('ConfigurationError');
        },
        postprocess: () => {
          throw named('ConfigurationError');
        },
      });
      await expect(runStateMachine({}, functions)).rejects.toMatchObject(failsAtItsEnd);
      expect(calls.postprocess).toMatchObject([{ source: bundle, error: { Error: 'ConfigurationError' } }]);
    });

    it('withdraws rows until all are, and tells postprocess what its answer was', async () => {
      const first = { withdraw: { each: [{ sourceId: '0'.repeat(32) }] }, left: [1], completed: 1, exceptions: [] };
      const answers: unknown[] = [first, { ...ended, outcome: 'failed' }];
      const withdrawals = [
        { done: false, rows: 5 },
        { done: true, rows: 7 },
      ];
      const asked: unknown[] = [];
      const { functions, calls } = makeFunctions({
        preprocess: () => pageOfBundle(),
        dbProcessing: () => ({ done: true, results: [] }),
        postprocess: () => answers.shift(),
      });
      const withdraw = (payload: unknown) => {
        asked.push(payload);
        return withdrawals.shift();
      };
      await expect(runStateMachine({}, { ...functions, withdraw })).rejects.toMatchObject(failsAtItsEnd);
      expect(asked).toEqual([{ withdraw: first.withdraw }, { withdraw: { ...first.withdraw, rows: 5 } }]);
      expect(calls.postprocess[1]).toMatchObject({
        withdrawn: { done: true, rows: 7 },
        postprocess: { outcome: { left: [1] } },
      });
    });
  });

  describe('retries', () => {
    const states = ['preprocess', 'dbProcessing', 'postprocess'] as const;
    type State = (typeof states)[number];

    /** How often the function of a state is called that fails with `error`, `times` times. */
    async function callsWithFailures(state: State, error: string, times: number): Promise<number> {
      const { functions: good } = makeFunctions();
      let called = 0;
      const failing = (payload: unknown) => {
        if (++called <= times) throw named(error);
        return state === 'preprocess' ? pageOf(['a']) : good[state](payload as never);
      };
      const { functions } = makeFunctions({ [state]: failing });
      await runStateMachine({}, functions).catch(() => undefined);
      return called;
    }

    it.each(states)('never repeat %s after an error that is permanent', async (state) => {
      expect(await callsWithFailures(state, 'InvalidInputError', 1)).toBe(1);
      expect(await callsWithFailures(state, 'ConfigurationError', 1)).toBe(1);
    });

    it('never repeat DB-processing of a source that changed', async () => {
      expect(await callsWithFailures('dbProcessing', 'SourceChangedError', 1)).toBe(1);
    });

    it.each(states)('repeat %s after what passes, up to a bound', async (state) => {
      for (const error of ['TransientStorageError', 'States.Timeout', 'Sandbox.Timedout', 'Runtime.ExitError']) {
        expect(await callsWithFailures(state, error, 2)).toBe(3);
      }
      const bound = state === 'preprocess' ? 6 : 7;
      expect(await callsWithFailures(state, 'TransientDatabaseError', 1_000)).toBe(bound);
    });

    it.each(states)('repeat %s for longer while Lambda throttles it', async (state) => {
      expect(await callsWithFailures(state, 'Lambda.TooManyRequestsException', 15)).toBe(16);
    });
  });
});
