import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { shellWord } from '../control-plane/shell-word.ts';

describe('a text for a person to paste into a shell', () => {
  it('is not quoted where it need not be', () => {
    expect(shellWord('/tmp/sync-sidecar-AbC_1/admin.kubeconfig')).toBe('/tmp/sync-sidecar-AbC_1/admin.kubeconfig');
  });

  it.each(['', '/a folder/file', "it's", '$HOME `id`', 'a\nb', '*', 'ä;b', '~', '"\\'])('is one word: %j', (text) => {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
    expect(execFileSync('/bin/sh', ['-c', `KEY=${shellWord(text)}; printf %s "$KEY"`], { encoding: 'utf8' })).toBe(
      text,
    );
  });
});
