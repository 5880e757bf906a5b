import type { Cloud } from '../cloud.ts';

/** Defines a test that builds on all tests before it. */
export type DefineStep = (title: string, run: (cloud: Cloud) => Promise<void>, seconds?: number) => void;
