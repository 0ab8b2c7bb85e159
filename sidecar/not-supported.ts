import type { Logger } from '../shared/log.ts';
import { SettingsError, type Surroundings } from '../shared/program.ts';
import { describeProblem, type Problem } from '../shared/settings/problem.ts';

/**
 * Settings of kiwigrid/k8s-sidecar that this version does not know. Without those of the first list something else would be
 * synced, or nobody be let in: a drop-in replacement that did so silently would be worse than one that does not start.
 */
const refused = [
  'RESOURCE_NAME',
  'FOLDER_PER_NAMESPACE',
  'REQ_USERNAME_FILE',
  'REQ_PASSWORD_FILE',
  'REQ_SKIP_TLS_VERIFY',
];
const ignored = [
  'REQ_RETRY_CONNECT',
  'REQ_RETRY_READ',
  'REQ_BASIC_AUTH_ENCODING',
  'ERROR_THROTTLE_SLEEP',
  'DISABLE_X509_STRICT_VERIFICATION',
  'ENABLE_5XX',
  'IGNORE_ALREADY_PROCESSED',
  'LOG_FORMAT',
  'LOG_TZ',
  'LOG_CONFIG',
  'K8S_CONTACT_THRESHOLD_SECONDS',
];

/** Throws a SettingsError for what this version must not pass over, and logs what it does. */
export function refuseUnsupported(environment: Surroundings['environment'], log: Logger): void {
  const isSet = (name: string): boolean => !['', 'false'].includes((environment[name] ?? '').trim().toLowerCase());
  const problem = (where: string): Problem => ({ where, kind: 'refused', fault: 'is not supported by this version' });
  for (const name of ignored.filter(isSet)) log.warn(describeProblem(problem(name)));
  const problems = refused.filter(isSet).map(problem);
  if (problems.length > 0) throw new SettingsError(problems);
}
