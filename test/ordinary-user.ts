import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// Nobody, on every Linux.
const id = 65_534;

/**
 * Has this process go without root's rights, which no permissions of a file keep out, until `using` ends it. What is in `folder`
 * belongs to the user that it is then.
 */
export function asOrdinaryUser(folder: string): Disposable {
  if (process.geteuid?.() !== 0) return { [Symbol.dispose]: () => undefined };
  chownSync(folder, id, id);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) chownSync(join(folder, path), id, id);
  process.seteuid?.(id);
  return { [Symbol.dispose]: () => process.seteuid?.(0) };
}
