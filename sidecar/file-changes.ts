/** What happened to the files of a sync: what scripts, templates and logs may know. Never contents. */
export interface FileChanges {
  /** Absolute paths as the application sees them. */
  readonly written: readonly string[];
  /** Absolute paths as the application sees them. */
  readonly removed: readonly string[];
  /** The objects that caused it: `configmap/<namespace>/<name>` or `secret/<namespace>/<name>`. */
  readonly objects: readonly string[];
}
