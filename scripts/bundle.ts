import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Message, type Metafile, type Plugin } from 'esbuild';

export interface Bundles {
  /** Bundle name → entry file, relative to `root`: `{ sidecar: 'sidecar/main.ts' }`. */
  readonly entryPoints: Readonly<Record<string, string>>;
  /** The entry points among them that others load by `import()`, only when they need them. */
  readonly lazy: readonly string[];
  readonly root: string;
  /** Gone after a build that failed, so that nobody tests an old bundle. */
  readonly outdir: string;
  /** Of the product; what the programs say of themselves. */
  readonly version: string;
}

export interface BundleResult {
  /** What of which file went where. */
  readonly metafile: Metafile;
  readonly warnings: readonly Message[];
}

/**
 * Writes a `NAME.cjs` for each entry point, which runs with nothing but Node (and its lazy chunks) beside it. Each file is the old
 * one or the new one at any time, for who runs it meanwhile. Throws with all errors in the message.
 */
export async function bundle(bundles: Bundles): Promise<BundleResult> {
  const { outdir } = bundles;
  const { outputFiles, ...result } = await buildBundles(bundles).catch(async (error: unknown) => {
    await rm(outdir, { recursive: true, force: true });
    throw error;
  });
  await mkdir(outdir, { recursive: true });
  for (const { path, contents } of outputFiles) {
    await writeFile(`${path}.new`, contents);
    await rename(`${path}.new`, path);
  }
  return result;
}

function buildBundles(bundles: Bundles) {
  const { entryPoints, root, outdir, version } = bundles;
  return build({
    write: false,
    entryPoints: { ...entryPoints },
    absWorkingDir: root,
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    // pino logs the name of an error's constructor; a minified one says nothing.
    keepNames: true,
    sourcemap: 'linked',
    // third-party-licenses.ts writes whole licences instead.
    legalComments: 'none',
    // Express answers with stack traces unless this is said, and an image's environment may not say it.
    define: { 'process.env.NODE_ENV': '"production"', SYNC_SIDECAR_VERSION: JSON.stringify(version) },
    plugins: [lazyChunks(bundles)],
    metafile: true,
    logLevel: 'silent',
  });
}

/** Keeps `import()` of a lazy entry point a load at run time, of the bundle beside. */
function lazyChunks(bundles: Bundles): Plugin {
  const names = new Map(bundles.lazy.map((name) => [join(bundles.root, bundles.entryPoints[name] ?? ''), name]));
  return {
    name: 'lazy-chunks',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
        const name = names.get(join(resolveDir, path));
        return name === undefined || kind !== 'dynamic-import' ? undefined : { path: `./${name}.cjs`, external: true };
      });
    },
  };
}
