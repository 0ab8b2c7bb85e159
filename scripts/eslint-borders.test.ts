import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const eslint = new ESLint({ cwd: root });

/** The rules that a text breaks when it stands in place of a file. */
async function brokenRules(path: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, path) });
  return [...new Set(result?.messages.map(({ ruleId }) => ruleId))];
}

describe('the linter', () => {
  it.each([
    ['webhook/patch.ts', '../sidecar/projection/plan.ts'],
    ['sidecar/projection/plan.ts', '../../webhook/patch.ts'],
    ['shared/backoff.ts', '../webhook/patch.ts'],
    ['shared/backoff.ts', '../sidecar/projection/plan.ts'],
    ['shared/settings/kind.ts', '../../sidecar/projection/plan.ts'],
    ['sidecar/projection/plan.ts', '../../test/eventually.ts'],
    ['sidecar/projection/plan.ts', '../files/volume.ts'],
    ['webhook/tls/trust.ts', '../decision.ts'],
    ['webhook/tls/trust.ts', '../policy/policy.ts'],
    ['webhook/tls/trust.ts', '../../sidecar/projection/plan.ts'],
    ['webhook/tls/trust.ts', 'node:process'],
    ['webhook/configuration/configuration.ts', '../decision.ts'],
    ['webhook/patch.ts', 'node:process'],
  ])('refuses in %s an import of %s', async (path, imported) => {
    expect(await brokenRules(path, `import '${imported}';\n`)).toEqual(['no-restricted-imports']);
  });

  it.each([
    ['webhook/patch.ts', '../shared/backoff.ts'],
    ['webhook/tls/trust.ts', '../settings.ts'],
    ['webhook/tls/trust.ts', '../../shared/backoff.ts'],
    ['webhook/tls/trust.ts', './ca-bundle.ts'],
    ['webhook/configuration/configuration.ts', '../policy/policy.ts'],
    ['sidecar/projection/plan.ts', '../../shared/backoff.ts'],
    ['sidecar/projection/plan.ts', './store.ts'],
    ['sidecar/files/volume.ts', '../projection/plan.ts'],
  ])('allows in %s an import of %s', async (path, imported) => {
    expect(await brokenRules(path, `import '${imported}';\n`)).toEqual([]);
  });

  it('allows process in main.ts alone', async () => {
    const text = 'export const environment = process.env;\n';

    expect(await brokenRules('sidecar/main.ts', text)).toEqual([]);
    expect(await brokenRules('sidecar/projection/plan.ts', text)).toEqual(['no-restricted-globals']);
    expect(await brokenRules('shared/backoff.ts', text)).toEqual(['no-restricted-globals']);
  });

  it('finds a promise that nobody waits for', async () => {
    const text = 'export function forget(promise: Promise<void>): void {\n  promise.then(() => undefined);\n}\n';

    expect(await brokenRules('shared/backoff.ts', text)).toEqual(['@typescript-eslint/no-floating-promises']);
  });
});
