import { boolean, duration, fileMode, folder, folders, oneOf } from './kind.ts';
import { annotationKey } from './kubernetes-kind.ts';
import { optionalSetting, requiredSetting, setting } from './setting.ts';

/** Where a sync writes to, and how. */
export const fileSettings = {
  FOLDER: requiredSetting({
    kind: folder,
    description: 'Folder that the files are written to. On a pod: the path at which the application sees them.',
  }),
  APP_FOLDER: optionalSetting({
    kind: folder,
    annotation: 'no',
    defaultText: 'FOLDER',
    description:
      'Path of FOLDER as the application sees it. Absolute folder annotations mean this path. Injection sets it.',
  }),
  FOLDER_ANNOTATION: setting({
    kind: annotationKey,
    default: 'k8s-sidecar-target-directory',
    description:
      'Annotation of an object that names the folder for its files: relative to FOLDER, or an absolute path within ALLOWED_FOLDERS.',
  }),
  ALLOWED_FOLDERS: optionalSetting({
    kind: folders,
    // An injected sidecar has no place for other folders: its root file system is read-only, and the application sees none of it.
    annotation: 'no',
    defaultText: 'every folder; with APP_FOLDER that one',
    description: 'Folders that an absolute folder annotation may lead to, besides FOLDER.',
  }),
  FOLDER_PER_NAMESPACE: setting({
    kind: boolean,
    default: false,
    description: "Write to FOLDER/<the object's namespace>, which relative folder annotations then mean too.",
  }),
  UNIQUE_FILENAMES: setting({
    kind: boolean,
    default: false,
    description: 'Name files `namespace_<namespace>.<kind>_<name>.<key>`, so that no two objects claim one.',
  }),
  DEFAULT_FILE_MODE: setting({
    kind: fileMode,
    default: 0o644,
    description: 'Permissions of the files, three octal digits.',
  }),
  EXISTING_FILES: setting({
    kind: oneOf('replace', 'keep'),
    default: 'replace',
    description:
      'What becomes of a file of other content that stands where an object wants its own: a file of equal content is adopted in either case.',
  }),
  ADOPT_FOLDER: setting({
    kind: oneOf('never', 'once'),
    default: 'never',
    description:
      'With `once` the first complete sync of this source removes every file below FOLDER that no object claims, whoever wrote it.',
  }),
  RESCAN_INTERVAL: setting({
    kind: duration,
    default: 60_000,
    description: 'How often to look whether somebody changed or removed our files, which are then mended; 0 for never.',
  }),
};
