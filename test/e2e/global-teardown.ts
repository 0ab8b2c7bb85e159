import { stopNode } from './global-setup.ts';

/** Stops the project's node. */
export default async function globalTeardown(): Promise<void> {
  await stopNode();
}
