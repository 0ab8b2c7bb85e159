import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { hasErrorCode } from '../../shared/system-error.ts';

/** In the order in which Python requests looks at them; the last one is OpenSSL's. */
const variables = ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'];

const pemCertificate =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

export interface TlsTrustOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly skipTlsVerify: boolean;
}

/** What a TLS connection takes. */
export interface TlsOptions {
  readonly rejectUnauthorized?: boolean;
  readonly secureContext?: SecureContext;
}

/** Whom TLS trusts: the certificates that the environment names in place of Node's own, read again when a file has changed. */
export class TlsTrust {
  readonly #skipTlsVerify: boolean;
  readonly #variable: string | undefined;
  readonly #path: string;
  #version = '';
  #context: SecureContext | undefined;

  constructor({ environment, skipTlsVerify }: TlsTrustOptions) {
    this.#skipTlsVerify = skipTlsVerify;
    this.#variable = variables.find((variable) => environment[variable]);
    this.#path = (this.#variable && environment[this.#variable]) || '';
  }

  /** For a URL and the proxy on the way to it. Throws a clear error when the named certificates can't be used. */
  async optionsFor(url: URL, proxy: URL | undefined): Promise<TlsOptions> {
    if (![url, proxy].some((end) => end?.protocol === 'https:')) return {};
    if (this.#skipTlsVerify) return { rejectUnauthorized: false };
    return this.#variable === undefined ? {} : { secureContext: await this.#certificates(this.#variable) };
  }

  async #certificates(variable: string): Promise<SecureContext> {
    try {
      return await this.#upToDate();
    } catch (cause) {
      const reason = cause instanceof NoCertificateError ? cause.message : "can't be read";
      throw new Error(`${variable}: ${this.#path} ${reason}`, { cause });
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
