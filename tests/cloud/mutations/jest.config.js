// `npm run mutate:cloud`: takes minutes, so no other command runs these files.
import all from '../../../jest.config.js';

const cloud = all.projects.find(({ displayName }) => displayName === 'cloud');

/** @type {import('jest').Config} */
export default {
  ...cloud,
  rootDir: '../../..',
  testMatch: ['<rootDir>/tests/cloud/mutations/*.mutations.ts'],
  testTimeout: 180_000,
  maxWorkers: 1,
};
