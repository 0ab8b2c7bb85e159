import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeBlocks } from '../documents/code-blocks.ts';

/** What docs/platform.md tells people to copy. */
export interface PlatformPage {
  readonly text: string;
  /** The configuration file. */
  readonly configuration: string;
  /** What it does with kubectl alone, in its order. */
  readonly commands: readonly string[];
}

export async function readPlatformPage(): Promise<PlatformPage> {
  const text = await readFile(join(import.meta.dirname, '../../docs/platform.md'), 'utf8');
  const [, configuration = ''] = /```yaml\n(apiVersion: .*?)\n```/s.exec(text) ?? [];
  const lines = codeBlocks('docs/platform.md', text).flatMap((block) => block.text.split('\n'));
  const commands = lines.filter((line) => line.startsWith('kubectl ') && !line.includes(' | '));
  return { text, configuration, commands };
}
