import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { hasErrorCode } from './system-error.ts';

/** In the order in which Python requests looks at them; the last one is OpenSSL's. */
const variables = ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'];

const pemCertificate =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** The certificates that the environment names in place of Node's own, read again when a file has changed. */
export class TrustedCertificates {
  readonly #variable: string | undefined;
  readonly #path: string;
  #version = '';
  #context: SecureContext | undefined;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#variable = variables.find((variable) => environment[variable]);
    this.#path = (this.#variable && environment[this.#variable]) || '';
  }

  /** What TLS takes; undefined for Node's own. Throws a clear error when what is named can't be used. */
  async secureContext(): Promise<SecureContext | undefined> {
    if (this.#variable === undefined) return undefined;
    try {
      return await this.#upToDate();
    } catch (cause) {
      const reason = cause instanceof NoCertificateError ? cause.message : `can't be read`;
      throw new Error(`${this.#variable}: ${this.#path} ${reason}`, { cause });
    }
  }

  async #upToDate(): Promise<SecureContext> {
    const files = await filesOf(this.#path);
    const version = JSON.stringify(files);
    if (this.#context && version === this.#version) return this.#context;
    const texts = await Promise.all(files.map(({ path }) => readFile(path, 'latin1')));
    // A folder such as /etc/ssl/certs has each certificate several times.
    const certificates = new Set(texts.flatMap((text) => text.match(pemCertificate) ?? []));
    if (certificates.size === 0) throw new NoCertificateError('has no PEM certificate');
    this.#context = createSecureContext({ ca: [...certificates] });
    this.#version = version;
    return this.#context;
  }
}

class NoCertificateError extends Error {}

interface FileVersion {
  readonly path: string;
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** A file, or the files of a folder. */
async function filesOf(path: string): Promise<FileVersion[]> {
  const isFolder = (await stat(path)).isDirectory();
  const paths = isFolder ? (await readdir(path)).sort().map((name) => join(path, name)) : [path];
  return (await Promise.all(paths.map(fileAt))).filter((file) => file !== null);
}

/** Answers null for what is no file, and for a link that leads nowhere. */
async function fileAt(path: string): Promise<FileVersion | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? { path, inode: found.ino, size: found.size, mtimeMs: found.mtimeMs } : null;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}
