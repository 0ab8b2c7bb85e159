import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { startNotificationReceiver, type NotificationReceiver } from '../product/notification-receiver.ts';

export let receiver: NotificationReceiver;

/** Gives every test of the file that calls it an application to notify, as new. */
export function useReceiver(): void {
  beforeAll(async () => {
    receiver = await startNotificationReceiver();
  });
  afterEach(() => {
    Object.assign(receiver, { answer: 200, body: '', location: '' });
    receiver.notifications.length = 0;
  });
  afterAll(() => receiver.close());
}
