// Where the local Regions keep their files, and what other programs find there.
import { join, resolve } from 'node:path';

/** Lock, logs, made reviews, endpoints. Tests use another directory, so that they can run next to a person's Regions. */
export const stateDirectory = resolve(process.env.BOOK_REVIEWS_STATE_DIRECTORY ?? join(import.meta.dirname, '.state'));

/** Below the state directory: the environment of a function's sandbox in a Region that stays. Commands invoke the function with it. */
export const environmentFile = (logicalId: string, region: string) => `environment.${logicalId}.${region}.json`;
