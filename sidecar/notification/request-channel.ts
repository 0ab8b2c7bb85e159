import { STATUS_CODES } from 'node:http';
import type { Logger } from '../../shared/log/log.ts';
import { redactUrl } from '../../shared/settings/kind.ts';
import { fillPayloadTemplate } from '../../shared/settings/payload-template.ts';
import type { SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import type { Channel } from './channel.ts';
import { basicAuthorization, userinfoOf, type Credentials } from '../http/credentials.ts';
import type { ToldChanges } from '../files/file-changes.ts';
import type { HttpExchanger } from '../http/http-exchange.ts';

export interface RequestOptions {
  /** Of the sync, for the template. */
  readonly sync: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** JSON; other text is sent as a JSON string. Only a POST has it. */
  readonly payload: string | undefined;
  /** In place of `payload`: JSON with placeholders for what has changed. */
  readonly template: string | undefined;
  /** Before those that stand in the URL. */
  readonly credentials: Credentials;
  readonly encoding: SyncSettings['REQ_BASIC_AUTH_ENCODING'];
  readonly timeoutMs: number;
  readonly exchanger: HttpExchanger;
  readonly log: Logger;
}

/** Calls REQ_URL. The application took the notification when it answers with a 2xx status. */
export function requestChannel(options: RequestOptions): Channel {
  const { url, method, timeoutMs, exchanger, log } = options;
  const target = redactUrl(url);
  return {
    name: 'REQ_URL',
    target,
    deliver: async (signal, changes) => {
      const authorization = await authorizationOf(options);
      const body = method === 'POST' ? bodyOf(options, changes) : undefined;
      const { status } = await exchanger.exchange({ url, method, body, authorization, timeoutMs }, signal);
      // What users of kiwigrid/k8s-sidecar look for in the log; the reason is the usual one, as a server's own may say anything.
      log.info({ status }, `Request sent to ${target}. Response: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd());
    },
  };
}

async function authorizationOf({ url, credentials, encoding }: RequestOptions): Promise<string | undefined> {
  const given = (await credentials.read()) ?? userinfoOf(url);
  return given && basicAuthorization(given, encoding);
}

function bodyOf({ payload, template, sync }: RequestOptions, changes: ToldChanges): string | undefined {
  if (template !== undefined) return fillPayloadTemplate(template, { sync, ...changes });
  return payload === undefined ? undefined : asJson(payload);
}

function asJson(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return JSON.stringify(payload);
  }
}
