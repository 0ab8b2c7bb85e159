import { errorMessage } from '../../shared/error-message.ts';
import { isNotFound } from '../../shared/kubernetes/api-status.ts';
import type { Logger } from '../../shared/log/log.ts';
import { readConfiguration, validatingConfigurations, type ConfigurationOptions } from './ca-bundle.ts';
import { judgeTrust, type TrustOptions } from './trust.ts';

type Ask = Omit<ConfigurationOptions, 'resource'> & TrustOptions;

/**
 * Tells in the log whether the API server accepts the served certificate for advice, too, whenever that has changed: nobody else does,
 * as workloads are applied all the same. It decides nothing, and where it can't be read nothing is told but that.
 */
export function createValidatingTrust(log: Logger): (served: string, ask: Ask) => Promise<void> {
  let told: string | null = null;
  return async (served, { now, systemRoots, ...options }) => {
    const reason = await reasonFor(served, { ...options, now, systemRoots });
    if (options.signal.aborted || reason === told) return;
    told = reason;
    if (reason === null) log.info('the API server accepts the certificate for warnings to whoever applies a workload');
    else log.warn({ reason }, 'workloads are applied without warnings: their webhook can not be called');
  };
}

async function reasonFor(served: string, { now, systemRoots, ...options }: Ask): Promise<string | null> {
  try {
    const configuration = await readConfiguration({ ...options, resource: validatingConfigurations });
    return judgeTrust(configuration, served, { now, systemRoots }).reason;
  } catch (err) {
    // Who has none wants none.
    return isNotFound(err) ? null : `the ValidatingWebhookConfiguration could not be read: ${errorMessage(err)}`;
  }
}
