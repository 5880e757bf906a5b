// The error of a failed invocation, as its caller and Step Functions see it.

/**
 * `name` is what a state machine's ErrorEquals is compared with: the error's own name where the handler threw, else
 * `Lambda.TooManyRequestsException` (reserved concurrency used up; nothing ran), `Sandbox.Timedout`, `Runtime.ExitError`
 * (the sandbox ended in mid-invocation or while it loaded), `Function.ResponseSizeTooLarge`. `message` is the Cause: JSON.
 */
export class InvocationError extends Error {
  override readonly name: string;
  constructor(name: string, cause: { errorType: string; errorMessage: string; trace?: string[] }) {
    super(JSON.stringify(cause));
    this.name = name;
  }
}

/** An error whose name and type are the same. */
export const invocationError = (errorType: string, errorMessage: string, trace?: string[]) =>
  new InvocationError(errorType, { errorType, errorMessage, ...(trace && { trace }) });
