// The messages between a sandbox and the simulation over the IPC channel of the process.

/** To the sandbox: one invocation. It gets no other before it has answered. */
export interface InvokeMessage {
  requestId: string;
  /** JSON. */
  payload: string;
  /** The end of the function's time-out, in milliseconds since the epoch. */
  deadline: number;
  functionArn: string;
}

/** An error as Lambda's runtime describes it. */
export interface ErrorDescription {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

/** From the sandbox. `maxRssKib`: the most memory that the sandbox has had resident so far. */
export type SandboxMessage =
  | { kind: 'ready' }
  | { kind: 'init-failed'; error: ErrorDescription }
  | { kind: 'returned'; requestId: string; result: string; maxRssKib: number }
  | { kind: 'threw'; requestId: string; error: ErrorDescription; maxRssKib: number };
