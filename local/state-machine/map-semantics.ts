// Makes the interpreter end a failed Map as Step Functions does. By itself it goes on with the Map's remaining items in the
// background when one has failed, and an item that it aborted still retries, without any wait: invocations by the hundred
// that no execution owns. Neither can be changed from outside, so `run`, which every item goes through, is wrapped once.
import { AsyncLocalStorage } from 'node:async_hooks';
import { StateMachine } from 'aws-local-stepfunctions';

/** One run: an execution, or one item of a Map, whose parent is the run that the Map belongs to. */
interface Run {
  aborted: boolean;
  parent: Run | undefined;
}

const currentRun = new AsyncLocalStorage<Run>();
/** The interpreter makes one machine for all items of one Map in one run; a machine that is in here has lost one. */
const failedMaps = new WeakSet<StateMachine>();
const rootMachines = new WeakSet<StateMachine>();

async function* noEvents() {}

const plainRun = StateMachine.prototype.run;
StateMachine.prototype.run = function (this: StateMachine, ...[input, options]: Parameters<StateMachine['run']>) {
  if (failedMaps.has(this)) {
    return { abort: () => {}, result: Promise.reject(new Error('the Map has failed')), eventLogs: noEvents() as never };
  }
  const run: Run = { aborted: false, parent: currentRun.getStore() };
  const execution = currentRun.run(run, () => plainRun.call(this, input, options));
  if (!rootMachines.has(this)) execution.result.catch(() => failedMaps.add(this));
  return {
    ...execution,
    abort: () => {
      run.aborted = true;
      execution.abort();
    },
  };
};

/** A machine whose runs are executions, each independent of the others. @throws {Error} when the definition is invalid. */
export function createRootMachine(...parameters: ConstructorParameters<typeof StateMachine>): StateMachine {
  const machine = new StateMachine(...parameters);
  rootMachines.add(machine);
  return machine;
}

/** Whether the run that calls this, or one that it is part of, was aborted: then it must start nothing any more. */
export function runIsAborted(): boolean {
  for (let run = currentRun.getStore(); run; run = run.parent) {
    if (run.aborted) return true;
  }
  return false;
}
