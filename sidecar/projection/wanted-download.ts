/** A file that an object claims by a `.url` key. */
export interface WantedDownload {
  /** Of the file, as the volume knows it. */
  readonly path: string;
  /** The key of the object: `configmap/<namespace>/<name>`. */
  readonly source: string;
  /** What the key's value says, trimmed. May have credentials in it: never logged. */
  readonly url: string;
  /** Whether there is no file with content of this URL on the volume yet. */
  readonly missing: boolean;
}
