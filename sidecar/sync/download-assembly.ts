import type { SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import { downloadFetcher } from '../download/download-fetch.ts';
import type { DownloadPace, DownloadTarget } from '../download/download.ts';
import { Downloader } from '../download/downloader.ts';
import type { HttpExchanger } from '../http/http-exchange.ts';
import { retriesOf } from '../http/quick-retries.ts';
import type { SyncOptions } from './sync-options.ts';

// With URL_REFRESH_INTERVAL=0 nothing is looked up again, but what could not be got is still wanted: at that row's default.
const slowRetryMs = 60_000;

/** Makes the downloads of a sync as its settings say. */
export function downloaderFor(target: DownloadTarget, options: SyncOptions, exchanger: HttpExchanger): Downloader {
  const { settings } = options;
  return new Downloader({
    ...options,
    target,
    fetch: downloadFetcher({ ...options, exchanger }),
    pace: paceOf(settings),
    atOnce: settings.METHOD === 'LIST',
  });
}

/** METHOD=LIST has the quick retries alone. */
function paceOf(settings: SyncSettings): DownloadPace {
  const retries = retriesOf(settings);
  const { METHOD, URL_REFRESH_INTERVAL: interval } = settings;
  if (METHOD === 'LIST') return { retries, refreshMs: Infinity, slowRetryMs: Infinity };
  return { retries, refreshMs: interval || Infinity, slowRetryMs: interval || slowRetryMs };
}
