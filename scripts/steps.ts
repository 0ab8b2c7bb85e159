/**
 * One line of a test run: a program that succeeds or fails, or a Jest project whose tests are counted one by one. What is live says
 * what it does while it does it; of others only failures are shown. Where a required one fails, the stages after it don't run.
 */
export type Step = { readonly name: string; readonly live?: boolean; readonly required?: boolean } & (
  { readonly command: readonly string[] } | { readonly jest: readonly string[] }
);

/** What needs neither network nor control plane; the slowest come first, because two run at a time. */
export const checks: readonly Step[] = [
  { name: 'unit tests', jest: ['--selectProjects', 'unit'] },
  { name: 'lint', command: ['eslint', '.', '--max-warnings=0'] },
  { name: 'types', command: ['tsc'] },
  { name: 'format', command: ['prettier', '--check', '.'] },
  { name: 'generated files', command: ['node', 'scripts/generate.ts', '--check'] },
  { name: 'build', command: ['node', 'scripts/build.ts'] },
];

/**
 * Against the real control plane. They run the bundles, so after the build; live, because the first run builds
 * Kubernetes for minutes.
 */
export const controlPlaneTests: readonly Step[] = [
  { name: 'cluster tests', jest: ['--selectProjects', 'cluster'], live: true },
  { name: 'disruptive tests', jest: ['--selectProjects', 'disruptive', '--runInBand'], live: true },
];
