import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { basicAuthorization, Credentials, userinfoOf, type CredentialSettings } from './credentials.ts';

let scratch: ReturnType<typeof scratchFolder>;
let logged: ReturnType<typeof recordingLog>;

beforeEach(() => {
  scratch = scratchFolder();
  logged = recordingLog();
});

afterEach(() => scratch[Symbol.dispose]());

function credentials(given: Partial<CredentialSettings>): Credentials {
  const nothing = { username: undefined, password: undefined, usernameFile: undefined, passwordFile: undefined };
  return new Credentials({ prefix: 'REQ', ...nothing, ...given }, logged.log);
}

function file(name: string, text: string): string {
  writeFileSync(join(scratch.path, name), text);
  return join(scratch.path, name);
}

const sent = (authorization: string): Buffer => Buffer.from(authorization.replace('Basic ', ''), 'base64');

describe('credentials', () => {
  it('are a user name and a password, or nothing', async () => {
    const both = { username: 'user', password: ' word ' };
    expect(await credentials(both).read()).toEqual(both);
    expect(await credentials({ username: 'user' }).read()).toBeUndefined();
    expect(await credentials({ password: 'word' }).read()).toBeUndefined();
  });

  it('are read from files each time, without the white space around', async () => {
    const usernameFile = file('user', 'user\n');
    const passwordFile = file('word', '\t wo rd \r\n');
    const read = credentials({ usernameFile, passwordFile, username: 'unused', password: 'unused' });
    expect(await read.read()).toEqual({ username: 'user', password: 'wo rd' });
    file('word', 'new');
    expect(await read.read()).toEqual({ username: 'user', password: 'new' });
  });

  it('are the values while a file can not be read or is empty, which is told once', async () => {
    const passwordFile = file('word', 'from the file');
    const read = credentials({ username: 'user', password: 'value', passwordFile });
    rmSync(passwordFile);
    expect([await read.read(), await read.read()]).toEqual(Array(2).fill({ username: 'user', password: 'value' }));
    expect(logged.lines).toMatchObject([
      { level: 'WARNING', msg: "REQ_PASSWORD_FILE can't be read", file: passwordFile },
    ]);
    file('word', '\n');
    expect(await read.read()).toEqual({ username: 'user', password: 'value' });
    rmSync(passwordFile);
    await read.read();
    expect(logged.lines).toHaveLength(2);
  });

  it.each([
    ['http://user:word@a', { username: 'user', password: 'word' }],
    ['http://us%20er:w%3Aörd@a', { username: 'us er', password: 'w:örd' }],
    ['http://token@a', { username: 'token', password: '' }],
    ['http://us%er:100%@a', { username: 'us%er', password: '100%' }],
    ['http://a', undefined],
  ])('may stand in a URL such as %s', (url, expected) => {
    expect(userinfoOf(url)).toEqual(expected);
  });

  it.each([
    ['latin1', 'wörd', Buffer.from('u:w\xf6rd', 'latin1')],
    ['utf-8', 'wörd€😀', Buffer.from('u:wörd€😀', 'utf8')],
    ['ascii', 'word', Buffer.from('u:word')],
  ] as const)('are encoded in %s', (encoding, password, expected) => {
    expect(sent(basicAuthorization({ username: 'u', password }, encoding))).toEqual(expected);
  });

  it.each([
    ['latin1', 'secret€'],
    ['latin1', 'secret😀'],
    ['ascii', 'secretö'],
  ] as const)('that %s can not encode are a clear error without them', (encoding, password) => {
    expect(() => basicAuthorization({ username: 'u', password }, encoding)).toThrow(
      new Error(`REQ_BASIC_AUTH_ENCODING=${encoding} lacks a character of the user name or the password`),
    );
  });
});
