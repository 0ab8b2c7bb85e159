import type { Kind } from '../../shared/settings/kind.ts';
import { profileNaming } from '../../shared/settings/naming.ts';
import { nearestName } from '../../shared/settings/nearest-name.ts';
import type { Rows, Setting } from '../../shared/settings/setting.ts';
import { podSettings } from '../pod-settings.ts';

const rows: Rows = { ...podSettings.process, ...podSettings.sync };

/** Why a rule can't be about a setting that there is, or undefined. */
type WhyNot = (row: string, annotation: Setting<unknown>['annotation']) => string | undefined;

/** A setting that a pod may make, by the name of its annotation; the value is the row. */
export const podSetting: Kind<string> = settingName((row, annotation) => {
  // A pod that opts out is never sent to the webhook.
  if (row === 'INJECT') return 'is what a pod may always say';
  return ['no', 'profile-only'].includes(annotation) ? 'is what no pod may set anyway' : undefined;
});

/** A setting that has a value without the pod too. */
export const lockableSetting: Kind<string> = settingName((_row, annotation) => {
  if (annotation === 'pod-only') return 'has no value but the one that a pod gives it';
  return ['no', 'profile-only'].includes(annotation) ? 'is what no pod may set anyway' : undefined;
});

/** The name of a setting as annotations and profiles spell it. */
export function nameOf(row: string): string {
  return profileNaming.spell({ row, sync: null });
}

function settingName(whyNot: WhyNot): Kind<string> {
  const refusal = (row: string): string | undefined => whyNot(row, rows[row]?.annotation ?? 'no');
  return {
    name: 'settingName',
    accepts: 'the name of a setting as pods spell it, such as req-url',
    parse: (given) => {
      const row = rowOf(given);
      return row === undefined || refusal(row) !== undefined ? undefined : row;
    },
    print: nameOf,
    explain: (given) => {
      const row = rowOf(given);
      const fault = row === undefined ? undefined : refusal(row);
      if (fault !== undefined) return { fault };
      const bareName = given.replace(/^.*[./]/, '');
      return { fault: 'is no setting', nearest: nearestName(bareName, Object.keys(rows).map(nameOf)) };
    },
  };
}

function rowOf(name: string): string | undefined {
  const place = profileNaming.locate(name, []);
  return place?.sync === null && Object.hasOwn(rows, place.row) ? place.row : undefined;
}
