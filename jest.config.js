// Tests stop their own containers; the watcher that Testcontainers would start for that is an image that not every machine can
// pull. Workers inherit this.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

// One project a kind of test, so that `npx jest --selectProjects unit` runs without a network or a container.
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } }] },
};

/** @type {import('jest').Config} */
export default {
  projects: ['unit', 'fuzz', 'integration', 'infrastructure', 'pipeline', 'sam', 'cloud', 'faults'].map((kind) => ({
    ...shared,
    displayName: kind,
    testMatch: [`<rootDir>/tests/${kind}/**/*.test.ts`],
  })),
  // Containers and local Regions take seconds to start. Each wait in a test has a tighter bound.
  testTimeout: 120_000,
  // Much of a run is waiting for servers to start, so that no core is left idle for jest itself.
  maxWorkers: '100%',
};
