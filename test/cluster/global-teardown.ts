import { stopControlPlane } from './global-setup.ts';

/** Stops the project's control plane. */
export default async function globalTeardown(): Promise<void> {
  await stopControlPlane();
}
