// Uploads begun on this computer and not finished, so that the page and Home can say "drop the same folder again".
// The list is in localStorage; folders the browser lets us keep (File System Access) are in IndexedDB, for one click.

const StorageKey = 'harima.uploads';

export interface UnfinishedUpload {
  readonly proposal: string;
  readonly sequence: string;
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
    return Array.isArray(list) ? (list as UnfinishedUpload[]) : [];
  } catch {
    return [];
  }
}

export function rememberUpload(upload: UnfinishedUpload, storage: Storage = localStorage): void {
  write([upload, ...others(upload.proposal, upload.sequence, storage)].slice(0, 20), storage);
}

export function forgetUpload(proposal: string, sequence: string, storage: Storage = localStorage): void {
  write(others(proposal, sequence, storage), storage);
  void forgetFolders(proposal, sequence);
}

export function findUnfinished(proposal: string, sequence: string, storage: Storage = localStorage) {
  return unfinishedUploads(storage).find((upload) => upload.proposal === proposal && upload.sequence === sequence);
}

function others(proposal: string, sequence: string, storage: Storage): UnfinishedUpload[] {
  return unfinishedUploads(storage).filter((upload) => upload.proposal !== proposal || upload.sequence !== sequence);
}

function write(list: UnfinishedUpload[], storage: Storage): void {
  try {
    storage.setItem(StorageKey, JSON.stringify(list));
  } catch {
    // Storage full or forbidden: the upload itself must not stop for a reminder.
  }
}

export async function keepFolders(proposal: string, sequence: string, folders: FileSystemDirectoryHandle[]): Promise<void> {
  await withStore('readwrite', (store) => store.put(folders, `${proposal}/${sequence}`));
}

export async function keptFolders(proposal: string, sequence: string): Promise<FileSystemDirectoryHandle[]> {
  return (await withStore('readonly', (store) => store.get(`${proposal}/${sequence}`))) ?? [];
}

async function forgetFolders(proposal: string, sequence: string): Promise<void> {
  await withStore('readwrite', (store) => store.delete(`${proposal}/${sequence}`));
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
