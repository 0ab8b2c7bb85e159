import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { project, type ProjectionRules } from './projection.ts';

const rules: ProjectionRules = {
  appFolder: '/etc/dashboards',
  folderAnnotation: 'example.com/folder',
  folderPerNamespace: false,
  outside: { allowed: [], locate: () => null, accepts: () => false },
  uniqueFilenames: false,
  mode: 0o644,
};

function object(fields: Record<string, unknown>, folder?: string): KubernetesObject {
  return {
    metadata: {
      name: 'a',
      namespace: 'x',
      uid: 'uid',
      resourceVersion: '1',
      ...(folder !== undefined && { annotations: { 'example.com/folder': folder } }),
    },
    ...fields,
  };
}

/** The path of the only file of an object whose annotation names a folder; null where it is refused. */
function pathIn(folder: string, appFolder = rules.appFolder): string | null {
  const { files, faults } = project('configmap', object({ data: { k: 'v' } }, folder), { ...rules, appFolder });
  const fault = `its annotation example.com/folder, ${JSON.stringify(folder)}, names no folder in ${appFolder}`;
  expect(faults).toEqual(files.length > 0 ? [] : [{ fault }]);
  return files[0]?.path ?? null;
}

describe('project', () => {
  it('gives a file for each key of data and binaryData of a ConfigMap', () => {
    const configMap = object({ data: { 'a.json': 'grün', empty: '' }, binaryData: { 'b.bin': 'AP8=' } });
    expect(project('configmap', configMap, rules)).toEqual({
      files: [
        { path: 'a.json', content: Buffer.from('grün', 'utf8'), mode: 0o644 },
        { path: 'empty', content: Buffer.alloc(0), mode: 0o644 },
        { path: 'b.bin', content: Buffer.from([0, 255]), mode: 0o644 },
      ],
      faults: [],
    });
  });

  it('takes data of a Secret as base64', () => {
    const secret = object({ data: { password: 'd29yZA==' }, binaryData: { other: 'AP8=' } });
    expect(project('secret', secret, { ...rules, mode: 0o600 })).toEqual({
      files: [{ path: 'password', content: Buffer.from('word'), mode: 0o600 }],
      faults: [],
    });
  });

  it('gives no file for an object without data', () => {
    expect(project('configmap', object({}), rules)).toEqual({ files: [], faults: [] });
    expect(project('configmap', object({ data: null, binaryData: [] }), rules)).toEqual({ files: [], faults: [] });
  });

  it('puts namespace, kind and name into unique names', () => {
    const { files } = project('secret', object({ data: { k: '' } }, 'sub'), { ...rules, uniqueFilenames: true });
    expect(files.map(({ path }) => path)).toEqual(['sub/namespace_x.secret_a.k']);
  });

  it.each(['', ' ', '.', './', 'sub/..', '/etc/dashboards', '/etc/dashboards/', '/etc/./dashboards/sub/..'])(
    'the folder annotation "%s" means FOLDER itself',
    (folder) => {
      expect(pathIn(folder)).toBe('k');
    },
  );

  it.each([
    'sub/deep',
    ' sub//deep/ ',
    './sub/x/../deep',
    '/etc/dashboards/sub/deep',
    '/etc/../etc/dashboards/sub/deep',
  ])('the folder annotation "%s" means a folder below FOLDER', (folder) => {
    expect(pathIn(folder)).toBe('sub/deep/k');
  });

  it.each(['..', '../', '../x', 'sub/../../x', '/etc', '/', '/etc/dashboards2', '/etc/dashboards/../x', 'a\0b'])(
    'the folder annotation "%s" leads out of FOLDER and is refused',
    (folder) => {
      expect(pathIn(folder)).toBeNull();
    },
  );

  it('takes an absolute folder as the application sees it', () => {
    expect(pathIn('/var/lib/app/sub', '/var/lib/app')).toBe('sub/k');
    expect(pathIn('/sync/files/0/sub', '/var/lib/app')).toBeNull();
  });

  it.each([
    ['', 'team'],
    ['.', 'team'],
    ['sub/../deep', 'team/deep'],
    ['..', null],
    ['../x/sub', null],
    ['../team2', null],
    ['../team/sub', null],
    ['/etc/dashboards/team/sub', 'team/sub'],
    ['/etc/dashboards/team', 'team'],
    ['/etc/dashboards', null],
    ['/etc/dashboards/other', null],
    ['/etc/dashboards/team2', null],
  ])('with FOLDER_PER_NAMESPACE the folder annotation "%s" of namespace team means %s', (annotation, expected) => {
    const { metadata, ...rest } = object({ data: { k: 'v' } }, annotation);
    const ofTeam = { metadata: { ...metadata, namespace: 'team' }, ...rest };
    const { files, faults } = project('configmap', ofTeam, { ...rules, folderPerNamespace: true });
    expect(files.map(({ path }) => path)).toEqual(expected === null ? [] : [`${expected}/k`]);
    const fault = `its annotation example.com/folder, "${annotation}", names no folder in /etc/dashboards/team`;
    expect(faults).toEqual(expected === null ? [{ fault }] : []);
  });

  it('lets unique names and folders of namespaces go together', () => {
    const both = { ...rules, folderPerNamespace: true, uniqueFilenames: true };
    expect(project('configmap', object({ data: { k: '' } }), both).files[0]?.path).toBe('x/namespace_x.configmap_a.k');
  });

  it.each([
    ['every folder', null],
    ['FOLDER by name', ['/etc/dashboards']],
  ])('lets an absolute path into the folder of another namespace where %s is allowed', (_, allowed) => {
    const outside = { ...rules.outside, allowed };
    const given = object({ data: { k: '' } }, '/etc/dashboards/other');
    const { files } = project('configmap', given, { ...rules, outside, folderPerNamespace: true });
    expect(files.map(({ path }) => path)).toEqual(['other/k']);
  });

  it('asks where an absolute folder outside FOLDER lies, and names those that are allowed', () => {
    const outside = {
      ...rules.outside,
      allowed: ['/data', '/srv'],
      locate: (folder: string) => (folder === '/data/link' ? '/mnt/real' : null),
    };
    const at = (folder: string) => project('configmap', object({ data: { k: '' } }, folder), { ...rules, outside });
    expect(at('/data/./link/').files.map(({ path }) => path)).toEqual(['/mnt/real/k']);
    const fault = 'its annotation example.com/folder, "/proc", names no folder in /etc/dashboards, /data, /srv';
    expect(at('/proc')).toEqual({ files: [], faults: [{ fault }] });
    const long = '/'.padEnd(300, 'x');
    expect(at(long).faults[0]?.fault).toContain(`"${long.slice(0, 200)}…"`);
  });

  it('says of its own file names that no folder may have them, wherever it is', () => {
    const outside = { ...rules.outside, allowed: null, locate: (folder: string) => folder };
    const { faults } = project('configmap', object({ data: { k: '' } }, '/a/.sync-sidecar.b'), { ...rules, outside });
    expect(faults).toEqual([
      { fault: 'its annotation example.com/folder, "/a/.sync-sidecar.b", names no folder for files' },
    ]);
  });

  it('takes names with dots in them for what they are', () => {
    expect(pathIn('..sub')).toBe('..sub/k');
    expect(pathIn('...')).toBe('.../k');
  });

  it('refuses keys that are no file names, and keeps the others', () => {
    const data = { ok: '1', '.hidden': '2', '..data': '', '..': '', '.': '', 'a/b': '', '': '', '.url': 'http://x' };
    expect(project('configmap', object({ data }), rules)).toEqual({
      files: [
        { path: 'ok', content: Buffer.from('1'), mode: 0o644 },
        { path: '.hidden', content: Buffer.from('2'), mode: 0o644 },
      ],
      faults: [...['..data', '..', '.', 'a/b', '', '.url'].map((key) => ({ key, fault: 'is no valid file name' }))],
    });
  });

  it('takes a key that ends in .url for a download, and its value for the URL', () => {
    const data = { 'a.json.url': ' https://user:word@example.com/a?b=c \n' };
    const binaryData = { 'b.url': Buffer.from('HTTP://example.com').toString('base64') };
    const expected = [
      { path: 'sub/a.json', url: 'https://user:word@example.com/a?b=c', mode: 0o644 },
      { path: 'sub/b', url: 'HTTP://example.com', mode: 0o644 },
    ];
    expect(project('configmap', object({ data, binaryData }, 'sub'), rules)).toEqual({
      folder: 'sub',
      files: expected,
      faults: [],
    });
    const { files } = project('configmap', object({ data }), { ...rules, uniqueFilenames: true });
    expect(files[0]?.path).toBe('namespace_x.configmap_a.a.json');
  });

  it.each(['', 'example.com/word', 'file:///word', 'ftp://example.com/word', 'http://', 'word'])(
    'refuses the value "%s" of a .url key, and does not repeat it',
    (value) => {
      const fault = 'has to be an http or https URL, as its name ends in .url';
      expect(project('configmap', object({ data: { 'k.url': value } }), rules)).toEqual({
        files: [],
        faults: [{ key: 'k.url', fault }],
      });
    },
  );

  it('prefers a key to a download of the same file, wherever they stand', () => {
    const [url, plain] = [{ 'k.url': 'http://x' }, { k: 'AP8=' }];
    for (const fields of [
      { data: { ...url, ...plain } },
      { data: url, binaryData: plain },
      { data: plain, binaryData: url },
    ]) {
      const { files, faults } = project('configmap', object(fields), rules);
      expect(files.map((file) => [file.path, 'content' in file])).toEqual([['k', true]]);
      expect(faults).toEqual([{ key: 'k.url', fault: 'gives way to the key k, which names the same file' }]);
    }
  });

  it('lets no object claim a file of the sidecar itself', () => {
    const { files, faults } = project('configmap', object({ data: { '.sync-sidecar.abc': '# {}' } }), rules);
    expect({ files, faults }).toEqual({
      files: [],
      faults: [{ key: '.sync-sidecar.abc', fault: 'is no valid file name' }],
    });
    expect(pathIn('.sync-sidecar.abc')).toBeNull();
    expect(pathIn('sub/.sync-sidecar.abc/x')).toBeNull();
  });
});
