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
  return Object.fromEntries(
    blocks.flatMap(({ rows, values, sync }) =>
      Object.entries(rows).flatMap(([row, setting]) => {
        const value = values[row];
        return isDefault(setting, value) || value === undefined || value === null
          ? []
          : [[environmentNaming.spell({ row, sync }), printValue(setting, value)]];
      }),
    ),
  );
}

function isDefault(setting: Setting<unknown>, value: unknown): boolean {
  // Most are the default itself, and what is printed is compared for few.
  if (value === setting.default) return true;
  if (value === undefined || value === null || setting.default === undefined || setting.default === null) return false;
  return setting.kind.print(value) === setting.kind.print(setting.default);
}
