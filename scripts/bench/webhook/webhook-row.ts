import type { Row } from '../row.ts';
import type { WebhookContender } from './contender.ts';
import type { WebhookStage } from './stage.ts';

/** An experiment with webhooks. */
export type WebhookRow = Row<WebhookContender, WebhookStage>;
