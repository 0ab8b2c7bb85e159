// Runs first in every npm script: installs the dependencies when they are missing or outdated, and makes sure of the
// right Node. Silent when there is nothing to do. Runs on Node >= 18 by itself, hence plain JavaScript of 2020. The npm
// scripts start it with $npm_node_execpath, the Node that npm itself runs on, because the one in node_modules/.bin may
// be missing or broken. With --as-test its failure ends with the closing line of a test run, in which it counts as one
// failed test.
import { spawn, spawnSync } from 'child_process';
import { existsSync, readFileSync } from 'fs';
import { constants } from 'os';
import { delimiter, join } from 'path';
import { fileURLToPath } from 'url';
import { isAtLeast, reasonToInstall } from './requirements.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const asTest = process.argv.includes('--as-test');

prepare().catch((error) => {
  console.error(`\n${error.exitCode === undefined ? error.stack : error.message}`);
  if (asTest) console.log(`0 passed, ${error.interrupted ? 0 : 1} failed, 0 skipped`);
  process.exitCode = error.exitCode || 1;
});

async function prepare() {
  // Node 16 left support in 2023: https://github.com/nodejs/Release#end-of-life-releases
  if (!isAtLeast(process.version, '>=18.0')) {
    throw failure(
      `This is Node ${process.version}; even the first step needs Node >= 18. Get one from https://nodejs.org.`,
    );
  }
  const { engines } = readJson('package.json');
  const { packages } = readJson('package-lock.json');
  const isRight = () => isAtLeast(nodeOfScripts(), engines.node);
  const bringsNode = `node_modules/node-${process.platform}-${process.arch}` in packages;
  if (!bringsNode && !isRight()) throw wrongNode(engines.node);

  const reason = whyInstall(packages) || (isRight() ? undefined : 'node_modules/.bin/node does not run');
  if (reason !== undefined) await install(reason);
  if (!isRight()) throw wrongNode(engines.node);
}

/**
 * The version of the Node that npm scripts find: node_modules/.bin comes first in their PATH. v0.0.0 when there is none
 * that runs.
 */
function nodeOfScripts() {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { stdout } = spawnSync('node', ['--version'], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return /^v\d+\.\d+\.\d+/.test(stdout) ? stdout.trim() : 'v0.0.0';
}

function whyInstall(locked) {
  const hiddenLockFile = join('node_modules', '.package-lock.json');
  const installed = existsSync(join(root, hiddenLockFile)) ? readJson(hiddenLockFile).packages : undefined;
  const platform = { os: process.platform, cpu: process.arch };
  return reasonToInstall(locked, installed, {
    platform,
    isThere: (path) => existsSync(join(root, path, 'package.json')),
  });
}

/**
 * `npm ci` deletes node_modules first. dev and optional are named because NODE_ENV=production or an npmrc may leave
 * them out.
 */
async function install(reason) {
  console.error(`Installing the dependencies with npm ci (${reason}) ...`);
  const [file, ...args] = npm();
  const started = Date.now();
  const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error'];
  await run(file, [...args, 'ci', ...flags]);
  console.error(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/** The npm that started this, run by a Node that is known to work; `npm` itself would look for one in PATH. */
function npm() {
  const path = process.env.npm_execpath;
  return path !== undefined && /npm-cli\.c?js$/.test(path) ? [process.execPath, path] : ['npm'];
}

/** Resolves when the program has ended well; on Ctrl-C or SIGTERM it is stopped first. */
function run(file, args) {
  // All that it says goes to stderr: stdout is for what the npm script itself prints.
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
  let interruption;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      interruption = name;
      child.kill(name);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', ({ message }) => reject(failure(`npm can't be started (${message}). It comes with Node.`)));
    child.once('close', (code, signal) => {
      if (interruption !== undefined) reject(interrupted(interruption));
      else if (code === 0) resolve();
      else reject(npmFailed(signal || `exit code ${code}`));
    });
  });
}

function npmFailed(how) {
  return failure(`npm ci failed (${how}): what npm printed above says why. It needs the npm registry.`);
}

function failure(message) {
  return Object.assign(new Error(message), { exitCode: 1 });
}

/** Shells report the death by a signal as 128 and its number. */
function interrupted(signal) {
  return Object.assign(failure(`Interrupted (${signal}) during npm ci.`), {
    exitCode: 128 + constants.signals[signal],
    interrupted: true,
  });
}

function wrongNode(range) {
  const found = nodeOfScripts();
  const saw = found === 'v0.0.0' ? 'no Node that runs was found' : `the Node in PATH is ${found}`;
  return failure(
    `Node ${range} is needed, but ${saw}.\n` +
      'On Linux with glibc (x64, arm64) it is installed from npm with the other dependencies. Elsewhere install it\n' +
      'yourself, from https://nodejs.org or with a version manager, so that it comes first in PATH.',
  );
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
