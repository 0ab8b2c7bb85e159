import { readFile } from 'node:fs/promises';
import { SettingsError } from '../shared/program.ts';
import { emptyConfiguration, parseConfiguration, type Configuration } from './configuration.ts';

/** Reads the configuration file; without a path the configuration is empty. Throws a SettingsError with every problem. */
export async function readConfigurationFile(path: string | undefined): Promise<Configuration> {
  if (path === undefined) return emptyConfiguration;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const fault = `names ${path}, which cannot be read`;
    throw new SettingsError([{ where: 'CONFIG_FILE', kind: 'not-accepted', fault }], { cause });
  });
  const { configuration, problems } = parseConfiguration(text, path);
  if (!configuration) throw new SettingsError(problems);
  return configuration;
}
