import { isNotFound } from '../../shared/kubernetes/api-status.ts';
import type { Logger } from '../../shared/log/log.ts';
import { ensureCaBundle, readConfiguration, validatingConfigurations, type ConfigurationOptions } from './ca-bundle.ts';

/**
 * Sees to it that the ValidatingWebhookConfiguration of the name, where there is one, carries the bundle too. It only advises, so that
 * no certificate waits for it: what goes wrong is logged, and done by a later call.
 */
export async function ensureValidatingCaBundle(
  bundle: string,
  options: ConfigurationOptions & { log: Logger },
): Promise<void> {
  const validating = { ...options, resource: validatingConfigurations };
  try {
    await ensureCaBundle(await readConfiguration(validating), bundle, validating);
  } catch (err) {
    if (isNotFound(err) || options.signal.aborted) return;
    options.log.warn({ err }, 'the caBundle of the validating webhook could not be ensured');
  }
}
