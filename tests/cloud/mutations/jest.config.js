// `npm run mutate:cloud`: it takes many minutes, so no other command runs this file.
import all from '../../../jest.config.js';

const cloud = all.projects.find(({ displayName }) => displayName === 'cloud');

/** @type {import('jest').Config} */
export default {
  ...cloud,
  rootDir: '../../..',
  testMatch: ['<rootDir>/tests/cloud/mutations/mutate.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
