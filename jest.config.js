/** What every project shares: Node strips the types itself, so no transformer stands between the source and the run. */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
};

export default {
  // Jest leaves one core idle by default, which is half of a machine with two.
  maxWorkers: '100%',
  // For what hangs, not for what is slow: a busy machine takes ten times as long as an idle one.
  testTimeout: 30_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{shared,webhook,sidecar,scripts}/**/*.test.ts', '<rootDir>/test/unit/**/*.test.ts'],
    },
    {
      // One control plane for all files of the project, each test in a namespace of its own.
      ...base,
      displayName: 'cluster',
      testMatch: ['<rootDir>/test/cluster/**/*.test.ts'],
      globalSetup: '<rootDir>/test/cluster/global-setup.ts',
      globalTeardown: '<rootDir>/test/cluster/global-teardown.ts',
    },
    {
      // Tests that restart the API server, compact etcd or kill the webhook: run serially, each file with its own control plane.
      ...base,
      displayName: 'disruptive',
      testMatch: ['<rootDir>/test/disruptive/**/*.test.ts'],
    },
    {
      // Pods that really run: one node for all files of the project, but for those that stop its API server. Needs Linux and root.
      ...base,
      displayName: 'node',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      globalSetup: '<rootDir>/test/e2e/global-setup.ts',
      globalTeardown: '<rootDir>/test/e2e/global-teardown.ts',
    },
  ],
};
