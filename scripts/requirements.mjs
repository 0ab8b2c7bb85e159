// Plain JavaScript of 2020, as prepare.mjs: it runs on whatever Node a person has, before the right one is there.

/**
 * Why `npm ci` has to run, in words for a person; undefined when node_modules is what package-lock.json asks for.
 * `locked` and `installed` are the `packages` of package-lock.json and of node_modules/.package-lock.json (which npm
 * writes last, so it is missing after an interrupted install: pass undefined); `platform` is { os, cpu } in Node's
 * words; `isThere(path)` answers whether that package's folder is on disk.
 */
export function reasonToInstall(locked, installed, { platform, isThere }) {
  if (installed === undefined) return 'node_modules is missing or incomplete';
  for (const [path, wanted] of Object.entries(locked)) {
    if (path === '' || (!(path in installed) && !isNeeded(wanted, platform))) continue;
    const found = installed[path];
    if (found === undefined || !isThere(path)) return `${path} is missing`;
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return `${path} is ${found.version}, package-lock.json says ${wanted.version}`;
    }
  }
  const extra = Object.keys(installed).find((path) => !(path in locked));
  return extra === undefined ? undefined : `${extra} is not in package-lock.json`;
}

/**
 * npm leaves out optional packages for other platforms and what only these depend on. It tells C libraries apart as
 * well; a package that names one is not missed here, because an installation that lacks it says so itself.
 */
function isNeeded({ optional, os, cpu, libc }, platform) {
  if (!optional) return true;
  return os !== undefined && libc === undefined && lists(os, platform.os) && lists(cpu, platform.cpu);
}

/** package-lock.json holds a string or a list; without one every value will do. */
function lists(values, value) {
  return values === undefined || [].concat(values).includes(value);
}

/**
 * Whether a version as `node --version` prints it is at least the minimum of an `engines` range; only `>=MAJOR.MINOR`
 * is understood.
 */
export function isAtLeast(version, range) {
  const [major, minor] = numbers(version, /^v?(\d+)\.(\d+)\./);
  const [minimumMajor, minimumMinor] = numbers(range, /^>=(\d+)\.(\d+)$/);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}

function numbers(text, pattern) {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`${JSON.stringify(text)} is not of the form ${pattern}`);
  return [Number(match[1]), Number(match[2])];
}
