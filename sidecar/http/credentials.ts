import { readFile } from 'node:fs/promises';
import type { Logger } from '../../shared/log/log.ts';
import type { SyncSettings } from '../../shared/settings/sidecar-settings.ts';

/** A user name and a password, each given or in a file; what is in the file counts while it can be read. */
export interface CredentialSettings {
  /** What the settings are called, for messages: `REQ` for REQ_USERNAME and the others. */
  readonly prefix: 'REQ' | 'URL';
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly usernameFile: string | undefined;
  readonly passwordFile: string | undefined;
}

export interface UserAndPassword {
  readonly username: string;
  readonly password: string;
}

type Encoding = SyncSettings['REQ_BASIC_AUTH_ENCODING'];

/** Credentials as they are at the moment; files are read anew each time. */
export class Credentials {
  readonly #settings: CredentialSettings;
  readonly #log: Logger;
  readonly #unreadable = new Set<string>();

  constructor(settings: CredentialSettings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
  }

  /** Answers undefined unless there are both. */
  async read(): Promise<UserAndPassword | undefined> {
    const { prefix, username, password, usernameFile, passwordFile } = this.#settings;
    const [name, word] = await Promise.all([
      this.#readOr(username, usernameFile, `${prefix}_USERNAME_FILE`),
      this.#readOr(password, passwordFile, `${prefix}_PASSWORD_FILE`),
    ]);
    return name && word ? { username: name, password: word } : undefined;
  }

  async #readOr(value: string | undefined, file: string | undefined, setting: string): Promise<string | undefined> {
    if (file === undefined) return value;
    try {
      const text = await readFile(file, 'utf8');
      this.#unreadable.delete(setting);
      // Editors and `echo` end a file with a line end that nobody means; kiwigrid/k8s-sidecar strips all white space around.
      return text.trim() || value;
    } catch (error) {
      if (!this.#unreadable.has(setting)) this.#log.warn({ err: error, file }, `${setting} can't be read`);
      this.#unreadable.add(setting);
      return value;
    }
  }
}

/** The credentials of REQ_URL, and of downloads unless those have their own. */
export function reqCredentials(settings: SyncSettings, log: Logger): Credentials {
  const { REQ_USERNAME, REQ_PASSWORD, REQ_USERNAME_FILE, REQ_PASSWORD_FILE } = settings;
  const values = { username: REQ_USERNAME, password: REQ_PASSWORD };
  return new Credentials(
    { prefix: 'REQ', ...values, usernameFile: REQ_USERNAME_FILE, passwordFile: REQ_PASSWORD_FILE },
    log,
  );
}

/** The credentials that are for downloads alone. */
export function urlCredentials(settings: SyncSettings, log: Logger): Credentials {
  const { URL_USERNAME, URL_PASSWORD, URL_USERNAME_FILE, URL_PASSWORD_FILE } = settings;
  const values = { username: URL_USERNAME, password: URL_PASSWORD };
  return new Credentials(
    { prefix: 'URL', ...values, usernameFile: URL_USERNAME_FILE, passwordFile: URL_PASSWORD_FILE },
    log,
  );
}

/** What stands before the host of a URL; undefined where nothing does. */
export function userinfoOf(url: string): UserAndPassword | undefined {
  const { username, password } = new URL(url);
  return username || password ? { username: decode(username), password: decode(password) } : undefined;
}

const highest: Readonly<Record<Encoding, number>> = { latin1: 0xff, ascii: 0x7f, 'utf-8': 0x10ffff };

/**
 * The header of basic authentication; https://www.rfc-editor.org/rfc/rfc7617 leaves the encoding open. Throws when that lacks a
 * character.
 */
export function basicAuthorization({ username, password }: UserAndPassword, encoding: Encoding): string {
  const text = `${username}:${password}`;
  if ([...text].some((character) => (character.codePointAt(0) ?? 0) > highest[encoding])) {
    throw new Error(`REQ_BASIC_AUTH_ENCODING=${encoding} lacks a character of the user name or the password`);
  }
  return `Basic ${Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'latin1').toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A "%" that escapes nothing stands for itself.
    return text;
  }
}
