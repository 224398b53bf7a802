import { describe, expect, it } from 'vitest';
import { newWalk, walkEntries, walkHandle, walkInput } from '../src/upload/walk';

function fileEntry(fullPath: string, readable = true): FileSystemEntry {
  const name = fullPath.split('/').at(-1)!;
  const file = (resolve: (file: File) => void, reject: (error: Error) => void) =>
    readable ? resolve(new File(['x'], name)) : reject(new Error('gone'));
  return { isFile: true, isDirectory: false, name, fullPath, file } as unknown as FileSystemEntry;
}

/** As Chromium does: a hundred at a time, then an empty answer. */
function folderEntry(fullPath: string, children: FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    let at = 0;
    return { readEntries: (resolve: (some: FileSystemEntry[]) => void) => resolve(children.slice(at, (at += 100))) };
  };
  return { isFile: false, isDirectory: true, name: fullPath, fullPath, createReader } as unknown as FileSystemEntry;
}

describe('walking what was dropped', () => {
  it('finds every file of a folder with more than a hundred entries and of folders inside', async () => {
    const frames = Array.from({ length: 250 }, (_, i) => fileEntry(`/scan/raw/f${i}.tif`));
    const root = folderEntry('/scan', [folderEntry('/scan/raw', frames), fileEntry('/scan/log.txt')]);
    const walk = await walkEntries([root, fileEntry('/alone.h5')], newWalk());
    expect(walk.files).toHaveLength(252);
    expect(walk.files.map((file) => file.path)).toContain('scan/raw/f249.tif');
    expect(walk.files.map((file) => file.path)).toContain('alone.h5');
  });

  it('leaves out what operating systems scatter, and counts it', async () => {
    const walk = await walkEntries([folderEntry('/s', [fileEntry('/s/.DS_Store'), fileEntry('/s/a')])], newWalk());
    expect(walk.files.map((file) => file.path)).toEqual(['s/a']);
    expect(walk.leftOut).toBe(1);
  });

  it('reports what cannot be read and goes on', async () => {
    const walk = await walkEntries([fileEntry('/bad', false), fileEntry('/good')], newWalk());
    expect(walk.unreadable).toEqual(['/bad']);
    expect(walk.files).toHaveLength(1);
  });

  it('composes decomposed Japanese names, so that a Mac and a PC make the same key', async () => {
    const file = new File(['x'], 'データ.txt'.normalize('NFD'));
    expect((await walkInput([file], newWalk())).files[0]!.path).toBe('データ.txt'.normalize('NFC'));
  });

  it('walks a folder the browser remembered', async () => {
    const file = { kind: 'file', name: 'a.h5', getFile: async () => new File(['x'], 'a.h5') };
    const inner = { kind: 'directory', name: 'raw', values: async function* () { yield file; } };
    const outer = { kind: 'directory', name: 'scan', values: async function* () { yield inner; } };
    const walk = await walkHandle(outer as unknown as FileSystemDirectoryHandle, newWalk());
    expect(walk.files[0]!.path).toBe('scan/raw/a.h5');
  });
});
