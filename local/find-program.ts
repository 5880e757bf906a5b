// Finds a program as a shell would, and in directories of the project.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The directories of the PATH, in its order. */
export const pathDirectories = (): string[] =>
  (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');

/** @returns the absolute path of the first program by one of the names that is in one of the directories, or undefined. */
export const findProgram = (names: string[], directories: string[]): string | undefined =>
  names.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
