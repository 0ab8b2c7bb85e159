import { hostPatterns } from './host-pattern.ts';
import { boolean, byteSize, duration, filePath, text } from './kind.ts';
import { optionalSetting, setting } from './setting.ts';

/** How a sync fetches what the URLs in `.url` keys lead to. */
export const downloadSettings = {
  URL_USERNAME: optionalSetting({
    kind: text(),
    defaultText: 'REQ_USERNAME, unless URL_USE_REQ_BASIC_AUTH is false',
    description: 'User name for basic authentication of downloads (`.url` keys); counts only with URL_PASSWORD.',
  }),
  URL_PASSWORD: optionalSetting({
    kind: text(),
    annotation: 'no',
    secret: true,
    defaultText: 'REQ_PASSWORD, unless URL_USE_REQ_BASIC_AUTH is false',
    description: 'Password for basic authentication of downloads.',
  }),
  URL_USERNAME_FILE: optionalSetting({
    kind: filePath,
    annotation: 'no',
    defaultText: 'URL_USERNAME',
    description: 'File with the user name, read before every download; while it cannot be read URL_USERNAME counts.',
  }),
  URL_PASSWORD_FILE: optionalSetting({
    kind: filePath,
    annotation: 'no',
    defaultText: 'URL_PASSWORD',
    description: 'File with the password, read before every download; while it cannot be read URL_PASSWORD counts.',
  }),
  URL_USE_REQ_BASIC_AUTH: setting({
    kind: boolean,
    default: true,
    description:
      "Whether downloads without credentials of their own get those of REQ_URL: on REQ_URL's scheme, host and port alone where it is set, else everywhere.",
  }),
  URL_REFRESH_INTERVAL: setting({
    kind: duration,
    default: 60_000,
    description: 'How often a download is looked up again, by a conditional GET; 0 for never.',
  }),
  URL_MAX_BYTES: setting({
    kind: byteSize,
    default: 10 * 1024 ** 2,
    description: 'The largest download, decoded.',
  }),
  URL_ALLOWED_HOSTS: optionalSetting({
    kind: hostPatterns,
    annotation: 'profile-only',
    defaultText: 'every host',
    description: 'Hosts that downloads may come from, also by redirects.',
  }),
  URL_ALLOW_PRIVATE: setting({
    kind: boolean,
    default: true,
    annotation: 'profile-only',
    description:
      'Whether downloads may come from private and loopback addresses. Injection turns it off. Link-local, multicast and metadata addresses are never allowed.',
  }),
};
