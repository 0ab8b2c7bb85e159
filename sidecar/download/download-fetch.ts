import type { Logger } from '../../shared/log/log.ts';
import type { SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import { AddressGuard } from '../http/address-guard.ts';
import {
  basicAuthorization,
  reqCredentials,
  urlCredentials,
  userinfoOf,
  type UserAndPassword,
} from '../http/credentials.ts';
import type { Condition, ExchangeAnswer, HttpExchanger } from '../http/http-exchange.ts';

/** Fetches what a URL leads to, once; rejects without anything secret. */
export type FetchDownload = (
  url: string,
  options: { readonly condition: Condition | undefined; readonly signal: AbortSignal },
) => Promise<ExchangeAnswer>;

export interface FetchOptions {
  readonly settings: SyncSettings;
  readonly exchanger: HttpExchanger;
  readonly log: Logger;
}

/** Makes downloads as the settings say: whom they may reach, with which credentials, how long and how much. */
export function downloadFetcher({ settings, exchanger, log }: FetchOptions): FetchDownload {
  let guard: AddressGuard | undefined;
  const own = urlCredentials(settings, log);
  const ofReqUrl = reqCredentials(settings, log);
  const credentialsFor = async (url: string): Promise<UserAndPassword | undefined> =>
    userinfoOf(url) ?? (await own.read()) ?? (mayUseReq(url, settings) ? await ofReqUrl.read() : undefined);
  return async (url, { condition, signal }) => {
    // Most syncs have no download, and its lists take memory.
    guard ??= new AddressGuard({ allowPrivate: settings.URL_ALLOW_PRIVATE, hosts: settings.URL_ALLOWED_HOSTS });
    const credentials = await credentialsFor(url);
    const authorization = credentials && basicAuthorization(credentials, settings.REQ_BASIC_AUTH_ENCODING);
    const { URL_MAX_BYTES: maxBytes, REQ_TIMEOUT: timeoutMs } = settings;
    return exchanger.exchange({ url, method: 'GET', authorization, condition, maxBytes, guard, timeoutMs }, signal);
  };
}

/** The credentials of REQ_URL are nobody else's; without a REQ_URL they were given for downloads alone. */
function mayUseReq(url: string, { URL_USE_REQ_BASIC_AUTH, REQ_URL }: SyncSettings): boolean {
  return URL_USE_REQ_BASIC_AUTH && (REQ_URL === undefined || new URL(REQ_URL).origin === new URL(url).origin);
}
