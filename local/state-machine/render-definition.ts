// The shipped definition with the template's substitutions, and what the interpreter needs done to it.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** Replaces `${Name}`. @throws {Error} for a name without a substitution, and where the result is no JSON. */
export function renderDefinition(text: string, substitutions: Record<string, string>): JsonObject {
  const rendered = text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = substitutions[name];
    if (value === undefined) throw new Error(`state machine: no substitution for ${name}`);
    return value;
  });
  return JSON.parse(rendered);
}

/** Calls `change` with each state, those inside Maps too. */
function eachState(machine: JsonObject, change: (state: JsonObject, name: string) => void): void {
  for (const [name, state] of Object.entries(machine.States as Record<string, JsonObject>)) {
    change(state, name);
    if (state.ItemProcessor) eachState(state.ItemProcessor as JsonObject, change);
    for (const branch of (state.Branches as JsonObject[] | undefined) ?? []) eachState(branch, change);
  }
}

const runnable = [':states:::lambda:invoke', ':states:::states:startExecution'];

/** Names of all Task states. @throws {Error} for one that neither invokes a function nor starts an execution. */
export function taskStateNames(definition: JsonObject): string[] {
  const names: string[] = [];
  eachState(definition, (state, name) => {
    if (state.Type !== 'Task') return;
    if (!runnable.some((resource) => String(state.Resource).endsWith(resource))) {
      throw new Error(`state machine: the simulation cannot run ${name}: ${state.Resource}`);
    }
    if (names.includes(name)) throw new Error(`state machine: two Task states have the name ${name}`);
    names.push(name);
  });
  return names;
}

/**
 * A copy whose retries wait `factor` times as long: backoff, its bound and its jitter stay, which an interpreter's fixed
 * interval would lose. And a Pass with a falsy Result gets it as Parameters, because the interpreter takes such a Result
 * for none and returns the input.
 */
export function adaptDefinition(definition: JsonObject, factor: number): JsonObject {
  // Not structuredClone: below a test runner its objects are of another realm, which the interpreter does not take for plain ones.
  const copy: JsonObject = JSON.parse(JSON.stringify(definition));
  eachState(copy, (state) => {
    for (const retrier of (state.Retry as JsonObject[] | undefined) ?? []) {
      retrier.IntervalSeconds = Number(retrier.IntervalSeconds ?? 1) * factor;
      if (retrier.MaxDelaySeconds !== undefined) retrier.MaxDelaySeconds = Number(retrier.MaxDelaySeconds) * factor;
    }
    if (state.Type === 'Pass' && 'Result' in state && !state.Result) {
      state.Parameters = state.Result as Json;
      delete state.Result;
    }
  });
  return copy;
}
