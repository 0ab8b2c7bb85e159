import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What docs/platform.md tells people to copy. */
export interface PlatformPage {
  readonly text: string;
  /** The configuration file. */
  readonly configuration: string;
  /** The commands, in their order. */
  readonly commands: readonly string[];
}

export async function readPlatformPage(): Promise<PlatformPage> {
  const text = await readFile(join(import.meta.dirname, '../../docs/platform.md'), 'utf8');
  const [, configuration = ''] = /```yaml\n(apiVersion: .*?)\n```/s.exec(text) ?? [];
  const commands = [...text.matchAll(/^ {4}(kubectl .*)$/gm)].map(([, command = '']) => command);
  return { text, configuration, commands };
}
