// From what was dropped or chosen to a list of files with their paths.
import type { LocalFile } from './transfer';
import { Turns } from './turns';

// What operating systems scatter into folders; the page says how many were left out.
const LeftOut = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

export interface Walk {
  readonly files: LocalFile[];
  leftOut: number;
  readonly unreadable: string[];
}

export function newWalk(): Walk {
  return { files: [], leftOut: 0, unreadable: [] };
}

/** The entries of a drop. Must be called inside the event: afterwards the browser empties the transfer. */
export function droppedEntries(transfer: DataTransfer): FileSystemEntry[] {
  return [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
}

/** Walks dropped entries breadth first, a few folders at a time. */
export async function walkEntries(entries: readonly FileSystemEntry[], walk: Walk): Promise<Walk> {
  const queue = [...entries];
  while (queue.length > 0) {
    const batch = queue.splice(0, 64);
    const found = await Promise.all(batch.map((entry) => visitEntry(entry, walk)));
    queue.push(...found.flat());
  }
  return walk;
}

async function visitEntry(entry: FileSystemEntry, walk: Walk): Promise<FileSystemEntry[]> {
  try {
    if (entry.isDirectory) {
      return await children(entry as FileSystemDirectoryEntry);
    }
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    put(walk, entry.fullPath, file);
  } catch {
    walk.unreadable.push(entry.fullPath);
  }
  return [];
}

/** `readEntries` gives at most a hundred at a time in Chromium; an empty answer means the end. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      return all;
    }
    all.push(...some);
  }
}

/**
 * The files of an `<input type=file>`, with folder paths where `webkitdirectory` gave them. In turns: the browser looks each
 * file up on disk when its size is first asked for, and thousands of such looks in one go would freeze the page.
 */
export async function walkInput(files: Iterable<File>, walk: Walk): Promise<Walk> {
  const turns = new Turns();
  for (const file of files) {
    put(walk, file.webkitRelativePath || file.name, file);
    const pause = turns.step();
    if (pause) {
      await pause;
    }
  }
  return walk;
}

/** A folder the browser let us remember (File System Access). */
export async function walkHandle(folder: FileSystemDirectoryHandle, walk: Walk, path = folder.name): Promise<Walk> {
  for await (const child of folder.values()) {
    const childPath = `${path}/${child.name}`;
    try {
      if (child.kind === 'directory') {
        await walkHandle(child as FileSystemDirectoryHandle, walk, childPath);
      } else {
        put(walk, childPath, await (child as FileSystemFileHandle).getFile());
      }
    } catch {
      walk.unreadable.push(childPath);
    }
  }
  return walk;
}

function put(walk: Walk, path: string, file: File): void {
  if (LeftOut.has(file.name)) {
    walk.leftOut++;
    return;
  }
  // macOS hands out decomposed names: the same か゛ would else be another key when it comes from Windows.
  const clean = path.replace(/^\/+/, '').normalize('NFC');
  // `size` first, and here: it is the slow look at the disk that the callers spread over time.
  const sizeBytes = file.size;
  walk.files.push({ path: clean, blob: file, sizeBytes, modifiedAt: file.lastModified });
}
