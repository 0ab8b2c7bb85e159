import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import { project, type ProjectionRules } from './projection.ts';

const rules: ProjectionRules = {
  appFolder: '/etc/dashboards',
  folderAnnotation: 'example.com/folder',
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
  expect(faults).toEqual(
    files.length > 0 ? [] : [{ fault: `its annotation example.com/folder names no folder in ${appFolder}` }],
  );
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

  it('takes names with dots in them for what they are', () => {
    expect(pathIn('..sub')).toBe('..sub/k');
    expect(pathIn('...')).toBe('.../k');
  });

  it('refuses keys that are no file names, and keeps the others', () => {
    const data = { ok: '1', '.hidden': '2', '..data': '', '..': '', '.': '', 'a/b': '', '': '', 'a.url': 'http://x' };
    expect(project('configmap', object({ data }), rules)).toEqual({
      files: [
        { path: 'ok', content: Buffer.from('1'), mode: 0o644 },
        { path: '.hidden', content: Buffer.from('2'), mode: 0o644 },
      ],
      faults: [
        ...['..data', '..', '.', 'a/b', ''].map((key) => ({ key, fault: 'is no valid file name' })),
        { key: 'a.url', fault: 'keys that end in .url (downloads) are not supported' },
      ],
    });
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
