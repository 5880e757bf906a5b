// Calls AWS by the AWS CLI, with the credentials of the caller.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseJson } from '../functions/shared/parse-json.ts';
import { findProgram, pathDirectories } from '../local/find-program.ts';

/** AWS refused. `code` is the code of AWS, such as `AccessDeniedException`. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly operation: string;
  constructor(code: string, operation: string, message: string) {
    super(message);
    this.code = code;
    this.operation = operation;
  }
}

/** One call of AWS: the words after `aws`. The answer is parsed JSON, or null if AWS prints nothing. */
export type Ask = (...command: string[]) => Promise<unknown>;

/** @throws {AwsError} (from the questions) where AWS refused. @throws {Error} if there is no AWS CLI, or it could not ask */
export function askAws(region: string): Ask {
  const aws = findProgram(['aws'], pathDirectories());
  if (!aws) throw new Error('the AWS CLI is not in the PATH');
  return async (...command) => {
    try {
      const { stdout } = await promisify(execFile)(aws, [...command, '--region', region, '--output', 'json']);
      return stdout.trim() === '' ? null : parseJson(stdout);
    } catch (error) {
      throw refusalOf(error as { stderr?: string; message: string });
    }
  };
}

function refusalOf({ stderr, message }: { stderr?: string; message: string }): Error {
  const text = stderr?.trim() || message;
  const [, code, operation, words] = text.match(/\((\w[\w.]*)\) when calling the (\w+) operation[^:]*: (.*)/s) ?? [];
  return code && operation ? new AwsError(code, operation, words ?? text) : new Error(text);
}
