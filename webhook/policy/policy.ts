/** What pods may say by their annotations; what the platform says in defaults and profiles is free. A rule that is left out allows everything. */
export interface Policy {
  readonly settings?: SettingsRule;
  /** Settings, by row, whose values pods may repeat, but not change. */
  readonly locked?: readonly string[];
  /** Registries and paths in them whose images may be used; left out, none. */
  readonly imagePrefixes?: readonly string[];
  readonly resources?: ResourcesRule;
  /** Namespaces to read from besides the pod's own, as patterns. */
  readonly namespaces?: readonly string[];
  /** Folders that the synced ones may be or lie below. */
  readonly folders?: readonly string[];
  /** Hosts that may be notified besides the pod itself, as patterns. */
  readonly urlHosts?: readonly string[];
  readonly profiles?: ReadonlyMap<string, ProfileRule>;
}

/** Which settings, by row, a pod may make; `deny` counts first. */
export interface SettingsRule {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Quantities that no request, limit or size may exceed. */
export type ResourcesRule = Partial<Readonly<Record<'cpu' | 'memory' | 'volume', string>>>;

export interface ProfileRule {
  /** Namespaces whose pods may use the profile, as patterns. */
  readonly namespaces?: readonly string[];
}
