import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes shell scripts that stand for programs, each by its file name. */
export async function writeScripts(directory: string, scripts: Record<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}

/** Builds nothing: writes a program for each package that it is asked for, as go names them. */
export const fakeGo = `while [ "$1" != -o ]; do shift; done
  out=$2; shift 2
  for package; do
    echo "$package"
    name=\${package%/v3}; name=\${name##*/}
    echo '#!/bin/sh' > "$out$name"; /bin/chmod +x "$out$name"
  done`;
