// `npm run build`: the two programs as they go into their images.
import { buildPrograms } from './build-programs.ts';

try {
  const { warnings, bundles } = await buildPrograms();
  for (const { text, location } of warnings) console.error(`${location?.file ?? 'build'}: ${text}`);
  for (const { path, bytes } of bundles) console.log(`${path} ${Math.round(bytes / 1024)} KiB`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
