// `npm run build`: the two programs as they go into their images, and the licences of what is in them.
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const root = join(import.meta.dirname, '..');
const entryPoints = {
  webhook: 'webhook/main.ts',
  sidecar: 'sidecar/main.ts',
  // The client library costs 23 MB of memory even unused, so only who has a kubeconfig loads it.
  kubeconfig: 'shared/kubernetes/kubeconfig.ts',
};

try {
  const { metafile, warnings } = await bundle({ entryPoints, lazy: ['kubeconfig'], root, outdir: join(root, 'dist') });
  for (const { text, location } of warnings) console.error(`${location?.file ?? 'build'}: ${text}`);
  await writeFile(join(root, 'dist/THIRD-PARTY-LICENSES'), await thirdPartyLicenses(metafile, root));
  for (const name of Object.keys(entryPoints)) {
    const { size } = await stat(join(root, 'dist', `${name}.cjs`));
    console.log(`dist/${name}.cjs ${Math.round(size / 1024)} KiB`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
