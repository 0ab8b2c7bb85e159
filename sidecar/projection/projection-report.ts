import type { Logger } from '../../shared/log/log.ts';
import { absolutePath } from './file-path.ts';
import type { Projection } from './projection.ts';
import type { ResourceKind } from '../source/source.ts';

/** Who is reported on, and to whom. */
export interface ProjectionReport {
  /** The key of the object: `configmap/<namespace>/<name>`. */
  readonly object: string;
  readonly kind: ResourceKind;
  /** The path of FOLDER. */
  readonly folder: string;
  readonly log: Logger;
}

/** Says where an object's annotation puts its files, and what of it is not synced, never any content. */
export function reportProjection({ folder, files, faults }: Projection, report: ProjectionReport): void {
  const { object, kind, log } = report;
  if (folder !== undefined) {
    const place = absolutePath(report.folder, folder);
    const name = object.slice(object.lastIndexOf('/') + 1);
    log.info({ object, folder: place }, `Found a folder override annotation, placing the ${name} in: ${place}`);
  }
  if (files.length + faults.length === 0) log.warn({ object }, noData[kind]);
  for (const { key, fault } of faults) log.warn({ object, key, fault }, 'not synced');
}

/** What users of kiwigrid/k8s-sidecar look for in the log. */
const noData: Readonly<Record<ResourceKind, string>> = {
  configmap: 'No data/binaryData field in configmap',
  secret: 'No data field in secret',
};
