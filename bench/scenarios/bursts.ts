// Many files of one review at once, in the primary: by their events, and by a drain of the same backlog.
import type { Execution } from '../../local/region.ts';
import { emptyPair, type Scenario, type Stage } from '../stage.ts';
import { clientOf, uploadTinyFiles } from './tiny-files.ts';

type Start = (stage: Stage) => void;

const burst = (name: string, start: Start): Scenario => ({
  name,
  unit: 'files/s',
  once: true,
  async before(stage) {
    await emptyPair(stage);
    await stage.pair.globalDatabase.setRttMs(12);
    stage.pair.holdEvents(true);
    // A refused invocation counts for what it is in AWS, where the next attempt comes seconds later.
    stage.pair.waitInRetries('asInAws');
  },
  async turn(stage) {
    const { pair, options } = stage;
    const [local] = pair.regions;
    const { region, bucket } = local;
    const files = options.burstFiles;
    const s3 = clientOf(local);
    try {
      await uploadTinyFiles(local, files, s3);
    } finally {
      s3.destroy();
    }
    Object.assign(pair.seen, { throttled: 0, peakMib: 0 });
    const before = region.executions.length;
    let openExecutions = 0;
    const isOpen = ({ status }: Execution) => status === 'RUNNING';
    const look = setInterval(() => {
      openExecutions = Math.max(openExecutions, region.executions.filter(isOpen).length);
    }, 50);
    const begun = performance.now();
    try {
      start(stage);
      await region.idle();
    } finally {
      clearInterval(look);
      pair.waitInRetries('shortly');
    }
    const seconds = (performance.now() - begun) / 1000;
    const pending = (await bucket.list('pending')).length;
    if (pending > 0) throw new Error(`${pending} of ${files} files are pending`);
    const ran = region.executions.slice(before);
    const unwell = ran.filter(({ status }) => status !== 'SUCCEEDED').length;
    if (unwell > 0) throw new Error(`${unwell} of ${ran.length} executions did not succeed`);
    const details = { executions: ran.length, openExecutions, throttledPerFile: pair.seen.throttled / files };
    return { value: files / seconds, details: { seconds, ...details, peakMib: pair.seen.peakMib } };
  },
});

export const bursts: Scenario[] = [
  burst('burst', ({ pair }) => pair.holdEvents(false)),
  burst('drain', ({ pair }) => {
    pair.dropEvents();
    pair.holdEvents(false);
    pair.regions[0].region.startExecution({});
  }),
];
