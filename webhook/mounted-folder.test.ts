import { describe, expect, it } from '@jest/globals';
import { mountedFolder } from './mounted-folder.ts';

describe('a folder that is mounted', () => {
  it.each([
    ['/etc/dashboards', '/etc/dashboards'],
    ['/usr/share/dashboards', '/usr/share/dashboards'],
    ['/usr/lib/grafana', '/usr/lib/grafana'],
    ['/binaries', '/binaries'],
    ['/etc2', '/etc2'],
    ['/dev/shm/x', '/dev/shm/x'],
    ['/processes', '/processes'],
    ['/system', '/system'],
  ])('lies below those that images need, or beside them: %s', (given, parsed) => {
    expect(mountedFolder.parse(given)).toBe(parsed);
  });

  it.each(['/etc', '/bin', '/lib', '/lib64', '/sbin', '/usr', '/usr/bin', '/usr/lib', '/usr/lib64', '//usr//sbin/'])(
    'is none of those that images need: %s',
    (given) => {
      expect([mountedFolder.parse(given), mountedFolder.explain?.(given)]).toEqual([
        undefined,
        { fault: 'would hide what the images of the containers have there' },
      ]);
    },
  );

  it.each(['/dev', '/dev/', '/proc', '/proc/x', '/sys', '/sys/x'])(
    'is none of those that the container runtime mounts: %s',
    (given) => {
      expect([mountedFolder.parse(given), mountedFolder.explain?.(given)]).toEqual([
        undefined,
        { fault: 'is where the container runtime mounts its own' },
      ]);
    },
  );

  it('is an absolute path', () => {
    expect([mountedFolder.parse('etc'), mountedFolder.explain?.('etc')]).toEqual([undefined, undefined]);
  });
});
