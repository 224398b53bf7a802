// Uploads begun on this computer and not finished, so that the page and Home can say "drop the same folder again".
// The list is in localStorage; folders the browser lets us keep (File System Access) are in IndexedDB, for one click.

const StorageKey = 'harima.uploads';

export interface UnfinishedUpload {
  /** Where it goes, as people call it: `2026A1234 / S0042`, `my-results / plots`. */
  readonly name: string;
  /** The page on which to go on; there is one upload a page. */
  readonly url: string;
  readonly fileCount: number;
  readonly finishedCount: number;
  readonly sizeBytes: number;
  /** What was dropped: the names of the topmost folders and files, a few of them. */
  readonly names: readonly string[];
  readonly at: string;
}

export function unfinishedUploads(storage: Storage = localStorage): UnfinishedUpload[] {
  try {
    const list: unknown = JSON.parse(storage.getItem(StorageKey) ?? '[]');
    return Array.isArray(list) ? (list as UnfinishedUpload[]).filter((upload) => typeof upload.url === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberUpload(upload: UnfinishedUpload, storage: Storage = localStorage): void {
  write([upload, ...others(upload.url, storage)].slice(0, 20), storage);
}

export function forgetUpload(url: string, storage: Storage = localStorage): void {
  write(others(url, storage), storage);
  void forgetFolders(url);
}

export function findUnfinished(url: string, storage: Storage = localStorage) {
  return unfinishedUploads(storage).find((upload) => upload.url === url);
}

function others(url: string, storage: Storage): UnfinishedUpload[] {
  return unfinishedUploads(storage).filter((upload) => upload.url !== url);
}

function write(list: UnfinishedUpload[], storage: Storage): void {
  try {
    storage.setItem(StorageKey, JSON.stringify(list));
  } catch {
    // Storage full or forbidden: the upload itself must not stop for a reminder.
  }
}

export async function keepFolders(url: string, folders: FileSystemDirectoryHandle[]): Promise<void> {
  await withStore('readwrite', (store) => store.put(folders, url));
}

export async function keptFolders(url: string): Promise<FileSystemDirectoryHandle[]> {
  return (await withStore('readonly', (store) => store.get(url))) ?? [];
}

async function forgetFolders(url: string): Promise<void> {
  await withStore('readwrite', (store) => store.delete(url));
}

/** Undefined where the browser has no IndexedDB or refuses it (private windows): then the folder is dropped again by hand. */
function withStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    if (typeof indexedDB === 'undefined') {
      resolve(undefined);
      return;
    }
    const open = indexedDB.open('harima', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('folders');
    open.onerror = () => resolve(undefined);
    open.onsuccess = () => {
      try {
        const request = act(open.result.transaction('folders', mode).objectStore('folders'));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(undefined);
      } catch {
        resolve(undefined);
      }
    };
  });
}
