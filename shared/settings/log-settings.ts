import { levels } from '../log/log-levels.ts';
import { oneOf } from './kind.ts';
import { setting } from './setting.ts';

/** How every program logs. */
export const logSettings = {
  LOG_LEVEL: setting({
    kind: oneOf(...(Object.keys(levels) as (keyof typeof levels)[])),
    default: 'INFO',
    description: 'Lines below this level are not logged.',
  }),
  LOG_FORMAT: setting({
    kind: oneOf('JSON', 'LOGFMT'),
    default: 'JSON',
    description: 'How a line of the log is written.',
  }),
  LOG_TZ: setting({
    kind: oneOf('LOCAL', 'UTC'),
    default: 'LOCAL',
    description: "Time zone of the log's times; LOCAL is what `TZ` says, in a container mostly UTC.",
  }),
};
