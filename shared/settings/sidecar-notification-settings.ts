import {
  boolean,
  duration,
  factor,
  filePath,
  integer,
  oneOf,
  positiveDuration,
  text,
  textEncoding,
  url,
} from './kind.ts';
import { payloadTemplate } from './payload-template.ts';
import { optionalSetting, setting } from './setting.ts';

/** How a sync tells the application that files have changed. */
export const notificationSettings = {
  SCRIPT: optionalSetting({
    kind: filePath,
    defaultText: 'no script',
    description: 'Program to run after a change, before REQ_URL is called; with `sh` if it is not executable.',
  }),
  SCRIPT_TIMEOUT: setting({
    kind: positiveDuration,
    default: 60_000,
    description: 'After which time SCRIPT is killed.',
  }),
  REQ_URL: optionalSetting({
    kind: url,
    defaultText: 'no request',
    description:
      'URL to call after a change; any answer but 2xx counts as a failure. Redirects are followed, to another scheme, host or port without credentials and never with a body.',
  }),
  REQ_METHOD: setting({
    kind: oneOf('GET', 'POST'),
    default: 'GET',
    description: 'HTTP method of the call.',
  }),
  REQ_PAYLOAD: optionalSetting({
    alternatives: ['REQ_PAYLOAD_TEMPLATE'],
    secret: true,
    kind: text('JSON, or any text, which is then sent as a JSON string'),
    defaultText: 'no body',
    description: 'JSON body of a POST; other text is sent as a JSON string.',
  }),
  REQ_PAYLOAD_TEMPLATE: optionalSetting({
    alternatives: ['REQ_PAYLOAD'],
    secret: true,
    kind: payloadTemplate,
    defaultText: 'REQ_PAYLOAD',
    description:
      'JSON body of a POST that tells what has changed, in place of REQ_PAYLOAD: a text, three lists of texts, and whether the lists are complete.',
  }),
  REQ_USERNAME: optionalSetting({
    kind: text(),
    defaultText: 'no authentication',
    description: 'User name for basic authentication at REQ_URL, before one in the URL; counts only with REQ_PASSWORD.',
  }),
  REQ_PASSWORD: optionalSetting({
    kind: text(),
    annotation: 'no',
    secret: true,
    defaultText: 'no authentication',
    description: 'Password for basic authentication at REQ_URL.',
  }),
  REQ_USERNAME_FILE: optionalSetting({
    kind: filePath,
    annotation: 'no',
    defaultText: 'REQ_USERNAME',
    description: 'File with the user name, read before every request; while it cannot be read REQ_USERNAME counts.',
  }),
  REQ_PASSWORD_FILE: optionalSetting({
    kind: filePath,
    annotation: 'no',
    defaultText: 'REQ_PASSWORD',
    description: 'File with the password, read before every request; while it cannot be read REQ_PASSWORD counts.',
  }),
  REQ_BASIC_AUTH_ENCODING: setting({
    kind: textEncoding,
    default: 'latin1',
    description: 'Encoding of user names and passwords.',
  }),
  REQ_SKIP_TLS_VERIFY: setting({
    kind: boolean,
    default: false,
    annotation: 'profile-only',
    description: 'Do not verify the certificates of REQ_URL and of downloads.',
  }),
  REQ_TIMEOUT: setting({
    kind: positiveDuration,
    default: 10_000,
    description: 'Time limit of one call of REQ_URL, and of one download.',
  }),
  REQ_RETRY_TOTAL: setting({
    kind: integer(),
    default: 5,
    description:
      'Quick retries of a failed notification; afterwards it is tried every NOTIFY_SLOW_RETRY. Of a failed download too.',
  }),
  REQ_RETRY_CONNECT: setting({
    kind: integer(),
    default: 10,
    description: 'How many of the quick retries may follow a connection that could not be made.',
  }),
  REQ_RETRY_READ: setting({
    kind: integer(),
    default: 5,
    description: 'How many of the quick retries may follow an answer that did not come or broke off.',
  }),
  REQ_RETRY_BACKOFF_FACTOR: setting({
    kind: factor,
    default: 1.1,
    description: 'The n-th quick retry waits for this × 2^(n-1) seconds, the first one not at all.',
  }),
  ENABLE_5XX: setting({
    kind: boolean,
    default: false,
    description: 'Do not retry quickly after an answer of 500, 502, 503 or 504. Such an answer never replaces a file.',
  }),
  REQ_SKIP_INIT: setting({
    kind: boolean,
    default: false,
    description:
      "Do not call REQ_URL for a volume's first complete sync, nor with METHOD=LIST at all. SCRIPT runs all the same.",
  }),
  NOTIFY_PER_EVENT: setting({
    kind: boolean,
    default: false,
    description: 'Notify once for every change of an object, and once for a whole list, instead of once for a burst.',
  }),
  NOTIFY_QUIET: setting({
    kind: duration,
    default: 500,
    description: 'A burst of changes is over, and notified once, after this time without one.',
  }),
  NOTIFY_MAX_WAIT: setting({
    kind: duration,
    default: 5000,
    description: 'The longest time that changes wait for the end of a burst.',
  }),
  NOTIFY_SLOW_RETRY: setting({
    kind: positiveDuration,
    default: 60_000,
    description: 'Time between two tries of a notification once the quick retries have failed.',
  }),
};
