import type { Kind } from './kind.ts';

/**
 * One row of a settings table. `V` is the type of the value that the program gets; a row without a default that is not required
 * has `undefined` in it.
 */
export interface Setting<V> {
  readonly kind: Kind<NonNullable<V>>;
  readonly description: string;
  readonly default: V | undefined;
  readonly required: boolean;
  /** The row that says enough without a required one. */
  readonly unless?: string;
  /** Who may set it on a pod: its annotations and profiles, only one of them, or nobody. */
  readonly annotation: 'yes' | 'profile-only' | 'pod-only' | 'no';
  /** The value never gets into a log or an answer. */
  readonly secret: boolean;
  /** The default in words, where it isn't a value of its own. */
  readonly defaultText?: string;
  /** The row that says the same where this one may not be set. */
  readonly instead?: string;
  /** The rows that say the same in another way: what a stronger source says by one of them switches this one off. */
  readonly alternatives?: readonly string[];
}

interface Description<T> {
  readonly kind: Kind<T>;
  readonly description: string;
  readonly annotation?: Setting<T>['annotation'];
  readonly secret?: boolean;
  readonly alternatives?: readonly string[];
}

/** Rows by name; the name is the environment variable's, and the one spelling of the setting in code. */
export type Rows = Readonly<Record<string, Setting<unknown>>>;

/** Values of all rows of a table block, by row name. */
export type Values<R extends Rows> = { readonly [Name in keyof R]: R[Name] extends Setting<infer V> ? V : never };

/**
 * A program's settings. Rows under `process` exist once; those under `sync` once for each sync, and given without a sync's
 * name they are the default of all syncs.
 */
export interface SettingsTable {
  readonly process: Rows;
  readonly sync: Rows;
}

/** A row with a default value. */
export function setting<T>(row: Description<T> & { readonly default: NoInfer<T> }): Setting<T> {
  return { annotation: 'yes', secret: false, required: false, ...row } as Setting<T>;
}

/** A row that must be set. */
export function requiredSetting<T>(row: Description<T>): Setting<T> {
  return { annotation: 'yes', secret: false, ...row, default: undefined, required: true } as Setting<T>;
}

/** A row that must be set where another one, `unless`, is not. */
export function requiredUnless<T>(row: Description<T> & { readonly unless: string }): Setting<T | undefined> {
  return { annotation: 'yes', secret: false, ...row, default: undefined, required: true } as Setting<T | undefined>;
}

/** A row that may be left out; its value is then `undefined` and means what `defaultText` says. */
export function optionalSetting<T>(row: Description<T> & { readonly defaultText?: string }): Setting<T | undefined> {
  return { annotation: 'yes', secret: false, ...row, default: undefined, required: false } as Setting<T | undefined>;
}
