import type { Row } from '../row.ts';
import type { Contender } from './contender.ts';
import type { Stage } from './stage.ts';

/** An experiment with sidecars. */
export type SidecarRow = Row<Contender, Stage>;
