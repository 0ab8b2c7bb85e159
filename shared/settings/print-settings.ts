import { environmentNaming } from './naming.ts';
import type { Settings } from './read-settings.ts';
import type { Setting, SettingsTable } from './setting.ts';

/**
 * Settings as environment variables: reading them gives the same settings again. A value that is the table's default is left
 * out, so that the environment shows what somebody chose.
 */
export function printEnvironment<T extends SettingsTable>(table: T, settings: Settings<T>): Record<string, string> {
  return print(table, settings, ({ kind }, value) => kind.print(value));
}

/** The same for a log: secrets as `***`, of URLs only where they lead to. */
export function printRedacted<T extends SettingsTable>(table: T, settings: Settings<T>): Record<string, string> {
  return print(table, settings, ({ kind, secret }, value) => {
    if (secret) return '***';
    return kind.redact?.(value) ?? kind.print(value);
  });
}

type PrintValue = (setting: Setting<unknown>, value: NonNullable<unknown>) => string;

function print<T extends SettingsTable>(
  table: T,
  settings: Settings<T>,
  printValue: PrintValue,
): Record<string, string> {
  const blocks = [
    { rows: table.process, values: settings.process, sync: null },
    ...settings.syncs.map(({ name, settings: values }) => ({
      rows: table.sync,
      values: values,
      sync: name,
    })),
  ];
  const printed: Record<string, string> = {};
  for (const { rows, values, sync } of blocks)
    for (const row in rows) {
      const setting = rows[row]!;
      const value = values[row];
      if (value === undefined || value === null || isDefault(setting, value)) continue;
      printed[environmentNaming.spell({ row, sync })] = printValue(setting, value);
    }
  return printed;
}

function isDefault({ kind, default: usual }: Setting<unknown>, value: NonNullable<unknown>): boolean {
  // Most values are the default itself; only the others are worth printing to compare.
  if (value === usual) return true;
  return usual !== undefined && usual !== null && kind.print(value) === kind.print(usual);
}
